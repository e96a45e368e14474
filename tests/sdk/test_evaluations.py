"""What an application is answered: values, answers with reasons, never an exception."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.model.context import Context
from pennon.model.flag import Condition, Rule, Serve
from pennon.sdk.client import Client
from tests.builders.sdk import ADA, a_client, a_flag_of

FLAGS = (
    a_flag_of("yes", "boolean", True),
    a_flag_of("text", "string", "hello"),
    a_flag_of("whole", "integer", 24),
    a_flag_of("part", "float", 1),
    a_flag_of("page", "json", {"blocks": [1, 2]}),
    a_flag_of("null", "json", None),
    a_flag_of("off", "boolean", True, serve=None),
)


@pytest.fixture
def client() -> Client:
    """Give a client that holds a flag of each type."""
    return a_client(*FLAGS)


class TestValues:
    def test_each_type(self, client: Client) -> None:
        """A flag is asked for by its type; a float flag's 1 is 1.0, and an integer one's too."""
        assert client.boolean("yes", ADA) is True
        assert client.string("text", ADA) == "hello"
        assert client.integer("whole", ADA) == 24
        assert repr(client.float("part", ADA)) == "1.0"
        assert repr(client.float("whole", ADA)) == "24.0"
        assert client.json("page", ADA) == {"blocks": [1, 2]}
        assert client.json("null", ADA, default="x") is None

    @pytest.mark.parametrize(
        ("getter", "flag", "default"),
        [
            ("boolean", "whole", True),
            ("string", "yes", "x"),
            ("integer", "yes", 7),
            ("integer", "text", 7),
            ("float", "yes", 0.5),
            ("float", "text", 0.5),
        ],
    )
    def test_another_type(self, client: Client, getter: str, flag: str, default: Any) -> None:
        """A value of another type is not taken: a boolean is no number."""
        value = getattr(client, getter)(flag, ADA, default)
        answer = getattr(client, f"{getter}_detail")(flag, ADA, default)

        assert value == answer.value == default
        assert (answer.reason, answer.error_code) == ("ERROR", "TYPE_MISMATCH")

    @pytest.mark.parametrize("flag", ["off", "no-such-flag"])
    def test_default(self, client: Client, flag: str) -> None:
        """Where there is nothing to serve, the caller's default is."""
        assert [client.boolean(flag, ADA, default=default) for default in (True, False)] == [
            True,
            False,
        ]
        assert client.json(flag, ADA, default="mine") == "mine"

    def test_copies(self, client: Client) -> None:
        """What a caller does with a list or an object has no effect on the flag."""
        client.json("page", ADA)["blocks"].clear()
        client.json_detail("page", ADA).value["blocks"].clear()
        client.all_flags(ADA)["page"]["blocks"].clear()

        assert client.json("page", ADA) == {"blocks": [1, 2]}

    def test_all(self, client: Client) -> None:
        """All flags that have something to serve."""
        assert client.all_flags(ADA) == {
            "yes": True,
            "text": "hello",
            "whole": 24,
            "part": 1,
            "page": {"blocks": [1, 2]},
            "null": None,
        }


class TestAnswers:
    def test_why(self, client: Client) -> None:
        """An answer says the variation, the reason and the version."""
        answer = client.string_detail("text", ADA)

        assert (answer.value, answer.variation) == ("hello", "v0")
        assert (answer.reason, answer.version, answer.error_code) == ("FALLTHROUGH", 7, None)

    @pytest.mark.parametrize(
        ("flag", "context", "code"),
        [
            ("no-such-flag", ADA, "FLAG_NOT_FOUND"),
            ("yes", 3, "INVALID_CONTEXT"),
            ("yes", "ada", "INVALID_CONTEXT"),
            ("yes", {"kind": 7}, "INVALID_CONTEXT"),
            ("yes", {"kind": "multi"}, "INVALID_CONTEXT"),
        ],
    )
    def test_errors(self, client: Client, flag: str, context: Any, code: str) -> None:
        """What is wrong is said, and the default served."""
        answer = client.boolean_detail(flag, context, default=True)

        assert (answer.value, answer.reason, answer.error_code) == (True, "ERROR", code)
        assert answer.error_message

    def test_nothing_loaded(self) -> None:
        """Before anything is loaded, that is the reason."""
        answer = Client(offline=True).boolean_detail("yes", ADA, default=True)

        assert (answer.value, answer.error_code) == (True, "NOT_READY")


class TestContexts:
    @pytest.mark.parametrize(
        "context",
        [
            {"targetingKey": "ada", "plan": "pro"},
            {"key": "ada", "plan": "pro"},
            {"kind": "user", "key": "ada", "plan": "pro"},
            {"kind": "multi", "user": {"key": "ada", "plan": "pro"}},
            Context.of({"targetingKey": "ada", "plan": "pro"}),
        ],
    )
    def test_forms(self, context: Any) -> None:
        """Every form of a context is the same context."""
        pro = Condition(attribute="plan", op="in", values=("pro",))
        ada = Condition(attribute="key", op="in", values=("ada",))
        rule = Rule(id="r", when=(pro, ada), serve=Serve(variation="v1"))
        client = a_client(a_flag_of("who", "string", "nobody", "ada", rules=(rule,)))

        assert client.string("who", context) == "ada"

    @given(st.from_type(object) | st.dictionaries(st.text(), st.from_type(object)))
    def test_never_raises(self, context: Any) -> None:
        """Whatever is given as a context, the caller has an answer."""
        client = a_client(*FLAGS)

        assert client.boolean("yes", context, default=True) is True
        assert client.all_flags(context) is not None
