"""What pages are given and told, as the cases say that every language has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from pennon.evaluation.equality import json_equal
from pennon.evaluation.evaluate import evaluate_all
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.served import all_served
from pennon.evaluation.served_state import State
from pennon.model.bootstrap import BootstrapFlag, bootstrap_tag
from pennon.model.codec import decode
from pennon.model.context import Context
from pennon.model.context_hash import canonical, context_hash
from tests.builders.client_stream import READERS
from tests.conformance.cases import cases_in

Case = Mapping[str, Any]


@pytest.mark.parametrize("case", cases_in("contexts.json"))
def test_a_context_has_the_hash_that_the_case_says(case: Case) -> None:
    """The same text, and so the same hash, in whatever form it came."""
    context = Context.of(case["context"])

    assert canonical(context.kinds) == case["canonical"]
    assert context_hash(context) == case["hash"]


@pytest.mark.parametrize("case", cases_in("bootstrap.json"))
def test_a_payload_holds_what_the_case_says(case: Case) -> None:
    """Each flag that has a value, with the index of its variation, and no other."""
    ruleset = Ruleset.from_datafile(
        {"flags": case["flags"], "segments": case.get("segments", {})},
    )
    details = evaluate_all(ruleset, Context.of(case["context"]), client_side=case["side"])
    flags = {key: served.flag for key, served in all_served(details, ruleset).items()}

    assert json_equal(msgspec.to_builtins(flags), case["expect"])


@pytest.mark.parametrize("case", cases_in("bootstrap-tag.json"))
def test_a_tag_is_what_the_case_says(case: Case) -> None:
    """To the letter, since it must be safe wherever it stands."""
    executable = case.get("executable", True)
    tag = bootstrap_tag(case["payload"], nonce=case.get("nonce"), executable=executable)

    assert tag == case["tag"]


@pytest.mark.parametrize("case", cases_in("client-stream.json"))
def test_a_client_has_what_the_case_says(case: Case) -> None:
    """After each event, whatever it began with."""
    held: Any = {"version": None, "since": None, "flags": {}, **case.get("starts", {})}
    flags = msgspec.convert(held["flags"], dict[str, BootstrapFlag])
    for event in case["events"]:
        read = READERS.get(event["event"])
        if read is not None:
            said = decode(event["data"], read)
            flags, held = said.applied_to(flags), {"version": said.version, "since": event["id"]}

    assert json_equal(msgspec.to_builtins(flags), case["ends"]["flags"])
    assert (held["version"], held["since"]) == (case["ends"]["version"], case["ends"]["since"])


@pytest.mark.parametrize("case", cases_in("client-stream.json"))
def test_its_states_are_states(case: Case) -> None:
    """What a client of a case would say to go on, an edge can read."""
    assert re.fullmatch(r"[0-9a-f.-]+", case["ends"]["since"])
    assert State.parse(case["ends"]["since"]) is not None
