"""What `pennon types` writes, which `packages/browser/test/typed` compiles against."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pennon.cli.declaration import declaration_of, visible

COMPILED: Final = Path(__file__).parents[2] / "packages/browser/test/typed/flags.d.ts"
FLAGS: Final[dict[str, Any]] = {
    "search-engine": {"type": "string"},
    "new-checkout": {"type": "boolean", "description": "The checkout\non one page. */"},
    "page-size": {"type": "integer"},
    "price": {"type": "float"},
    "limits": {"type": "json"},
    "it's odd": {"type": "boolean"},
}


class TestDeclaration:
    """`declaration_of`."""

    def test_is_what_the_package_is_compiled_against(self) -> None:
        """The file there is the one that is written for these flags."""
        assert declaration_of(FLAGS) == COMPILED.read_text()

    def test_holds_no_flag(self) -> None:
        """A project without flags is one."""
        assert "interface FlagTypes {\n  }\n" in declaration_of({})


class TestVisible:
    """`visible`."""

    def test_flags_in_the_order_of_their_keys(self) -> None:
        """Only those that the side sees; a flag for servers is none of its."""
        flags: dict[str, Any] = {
            "server": {},
            "web": {"clientSide": {"web": True}},
            "app": {"clientSide": {"mobile": True, "web": False}},
        }

        assert list(visible(flags, None)) == ["app", "web"]
        assert list(visible(flags, "web")) == ["web"]
        assert list(visible(flags, "mobile")) == ["app"]
