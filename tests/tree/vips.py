"""An origin with an external segment, and a flag by it."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.tree.asking import PRODUCTION, Origin

SEGMENT = f"{PRODUCTION}/segments/vip"
MANY = 1_500
"""More than are told of one by one."""


class VipOrigin(Origin):
    """An origin whose sample flag is on for the members of `vip`, and for nobody else."""

    def prepare(self) -> None:
        """Create the segment, and a flag by it."""
        self.ask("POST", "/api/v1/projects/shop/segments", json={"key": "vip"})
        self.patch(SEGMENT, {"external": {"kind": "user"}})
        members = {"id": "vips", "when": [{"segment": "vip"}], "serve": {"variation": "on"}}
        flag = {"enabled": True, "targets": [], "rules": [members], "default": {"variation": "off"}}
        self.patch(f"{PRODUCTION}/flags/new-checkout", flag)

    def patch(self, path: str, change: dict[str, Any]) -> None:
        """Apply a merge patch."""
        self.ask("PATCH", path, json=change)

    def upload(self, *keys: str) -> None:
        """Put these members and many more in the place of those before."""
        listed = "\n".join([*keys, *(f"user-{number}" for number in range(MANY)), ""])
        headers = {
            "If-Match": "*",
            "Content-Type": "text/plain",
            "Authorization": f"Bearer {self._tree.keys['adminToken']}",
        }
        answer = httpx2.put(
            f"{self._tree.url}{SEGMENT}/members", content=listed, headers=headers, timeout=30
        )
        assert answer.status_code == 200, answer.text

    def change(self, **lists: list[str]) -> None:
        """Add, exclude and remove some members."""
        self.ask("POST", f"{SEGMENT}/members/changes", json=lists)
