"""External segments in a client: asked for in the background, corrected by what is told."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pennon.model.members import Membership
from pennon.sdk.client import Client
from pennon.sdk.members import Members
from tests.builders.sdk import eventually
from tests.tree.processes import a_tree
from tests.tree.vips import VipOrigin

FLAG = "new-checkout"


def unanswered(segment: str, key: str) -> Membership:
    """Know of nobody."""
    return Membership.UNANSWERED


class TestMembers:
    def test_before_anything_is_followed(self) -> None:
        """Of nobody anything is known, and nobody is asked."""
        members = Members()

        assert members.known("vip", "ada") is Membership.UNANSWERED
        assert members.take() == set()

    def test_questions(self) -> None:
        """What is not known is asked for once, and wakes who answers once."""
        woken: list[None] = []
        known = {"ada": Membership.IN}
        members = Members()
        members.begin(
            lambda segment, key: known.get(key, Membership.UNANSWERED),
            unanswered,
            lambda: woken.append(None),
        )
        answers = [members.known("vip", key) for key in ("ada", "bo", "bo", "cy")]

        assert answers == [Membership.IN, *[Membership.UNANSWERED] * 3]
        assert (len(woken), members.take()) == (1, {("vip", "bo"), ("vip", "cy")})

    def test_asked_again(self) -> None:
        """Who evaluates once more after an answer that never came asks once more."""
        woken: list[None] = []
        members = Members()
        members.begin(unanswered, unanswered, lambda: woken.append(None))
        for _ in range(2):
            members.known("vip", "ada")
            members.take()

        assert len(woken) == 2

    def test_due_to_be_asked_again(self) -> None:
        """What was known goes on being served until somebody answers, and is asked for."""
        members = Members()
        members.begin(unanswered, lambda segment, key: Membership.IN, lambda: None)

        assert members.known("vip", "ada") is Membership.IN
        assert members.take() == {("vip", "ada")}

    def test_nobody_follows_any_more(self) -> None:
        """A loop that is closed is nobody's trouble."""

        def closed() -> None:
            raise RuntimeError("Event loop is closed")

        members = Members()
        members.begin(unanswered, unanswered, closed)

        assert members.known("vip", "ada") is Membership.UNANSWERED

    def test_many_wait(self) -> None:
        """Questions that nobody takes are bounded."""
        members = Members()
        members.begin(unanswered, unanswered, lambda: None)
        for number in range(10_100):
            members.known("vip", f"user-{number}")

        assert len(members.take()) == 10_000


@pytest.mark.timeout(120)
def test_story(tmp_path: Path) -> None:
    """
    The first answer is marked and the later ones are right; changes arrive unasked, in every
    thread; and what is known outlives the origin.
    """
    with a_tree(tmp_path) as tree:
        process = tree.start_origin()
        origin = VipOrigin(tree)
        origin.prepare()
        origin.upload("ada")
        with Client(tree.keys["serverKey"], tree.url) as client:
            answers: dict[str, bool] = {}

            def is_on(user: str) -> bool:
                return client.boolean(FLAG, {"targetingKey": user})

            def is_known(user: str) -> bool:
                return not client.boolean_detail(FLAG, {"targetingKey": user}).membership_unknown

            first = client.boolean_detail(FLAG, {"targetingKey": "ada"})
            eventually(lambda: is_known("ada") and is_known("bo"))
            answers["asked"] = is_on("ada") and not is_on("bo")
            origin.change(add=["bo"], remove=["ada"])
            eventually(lambda: is_on("bo") and not is_on("ada"))
            threads = [
                threading.Thread(target=is_on, args=(f"user-{number}",)) for number in range(50)
            ]
            for thread in threads:
                thread.start()
            eventually(lambda: all(is_known(f"user-{number}") for number in range(50)))
            answers["threads"] = all(is_on(f"user-{number}") for number in range(50))
            process.kill()
            answers["outage"] = is_on("bo") and is_known("bo") and not is_known("new")

    assert (first.value, first.membership_unknown, first.error_code) == (False, True, None)
    assert answers == {"asked": True, "threads": True, "outage": True}
