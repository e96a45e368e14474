"""What the keys of one kind see of one environment: what all contexts' groups have in common."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Set
from typing import Final, NamedTuple

from pennon.edge.client_stream.ledger import Roster
from pennon.edge.counting import Counter
from pennon.edge.impacts import Impacts
from pennon.edge.rulesets import Rulesets
from pennon.edge.scope import ClientSide
from pennon.evaluation.evaluate import evaluate, evaluate_all
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.served import Served, served_by
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.members import Membership
from pennon.model.position import Position
from pennon.relay.membership import MembershipCache
from pennon.relay.replica import Replica

_MOST_PUTS: Final = 64
# A few hundred kilobytes: who comes back with many others comes in the same moment.


class Answers(NamedTuple):
    """
    Answers by flag, None for one without a value.

    Those in `unsure` hang on members of external segments that are not known here; `wanted` are
    those members, as a segment and a key.
    """

    told: dict[str, Served | None]
    unsure: frozenset[str] = frozenset()
    wanted: frozenset[tuple[str, str]] = frozenset()


class View:
    """
    Answers contexts with the flags of *replica*'s environment that keys of *side* may see.

    It is for as long as the node follows that replica. What is answered is counted.
    """

    def __init__(
        self,
        replica: Replica,
        side: ClientSide,
        rulesets: Rulesets,
        impacts: Impacts,
        members: MembershipCache,
        counter: Counter | None = None,
    ) -> None:
        self.replica, self.side = replica, side
        self._rulesets, self._impacts, self._members = rulesets, impacts, members
        self._counter = counter
        self.roster = Roster()
        # By group: what says everything, for the others who come for it in the same moment.
        self.puts: dict[Hashable, tuple[int, bytes]] = {}
        impacts.follow(replica.environment)

    @property
    def environment(self) -> str:
        return self.replica.environment

    @property
    def position(self) -> Position | None:
        """Where the answers of now are of; None where there are none to be had any more."""
        gone = self.replica.forgotten or self._ruleset is None
        return None if gone else self.replica.position

    def affected(self, position: Position) -> Set[str] | None:
        """Return the flags that may be answered otherwise than at *position*; None: any may."""
        return self._impacts.seen_since(self.environment, position, self.side)

    def external(self) -> Set[str]:
        """Return the flags that may be answered otherwise at one position, as more is known."""
        impact = self._impacts.follow(self.environment)
        return frozenset() if impact is None else impact.external_for(self.side)

    def all(self, context: Context) -> Answers:
        """Return every answer for *context*."""
        ruleset = self._require()
        if len(self.roster) > 2 * len(ruleset) + 64:  # of flags that are long gone
            self.roster = Roster()
        members = _Members(self._members, self.environment)
        details = evaluate_all(ruleset, context, client_side=self.side, memberships=members.known)
        if self._counter is not None:
            self._counter.see(self.environment, context)
            self._counter.count_all(self.environment, details)
        return _answers(details, ruleset, members)

    def some(self, keys: Collection[str], context: Context) -> Answers:
        """Return the answers of the flags *keys* for *context*."""
        ruleset = self._require()
        members = _Members(self._members, self.environment)
        details = [
            evaluate(ruleset, key, context, members.known)
            for key in keys
            if ruleset.is_visible(key, self.side)
        ]
        if self._counter is not None:
            self._counter.count_all(self.environment, details)
        answers = _answers(details, ruleset, members)
        return answers._replace(told={**dict.fromkeys(keys), **answers.told})

    def keep_put(self, group: Hashable, serial: int, event: bytes) -> None:
        """Keep the event that says all that *group* was answered by *serial*, for a while."""
        if len(self.puts) >= _MOST_PUTS:
            self.puts.clear()
        self.puts[group] = serial, event

    @property
    def _ruleset(self) -> Ruleset | None:
        return self._rulesets.get(self.environment)

    def _require(self) -> Ruleset:
        ruleset = self._ruleset
        assert ruleset is not None  # whoever asks has looked whether there is a position
        return ruleset


class _Members:
    """Answers with what is known of members, however old, and notes what is not."""

    def __init__(self, cache: MembershipCache, environment: str) -> None:
        self._cache, self._environment = cache, environment
        self.wanted: set[tuple[str, str]] | None = None

    def known(self, segment: str, key: str) -> Membership:
        # Every change of a member that is known is heard of, so that its age says nothing.
        membership = self._cache.of(self._environment).at_any_age(segment, key)
        if membership is Membership.UNANSWERED:
            self.wanted = self.wanted or set()
            self.wanted.add((segment, key))
        return membership


def _answers(details: list[Detail], ruleset: Ruleset, members: _Members) -> Answers:
    told = {detail.flag: served_by(detail, ruleset) for detail in details}
    if members.wanted is None:
        return Answers(told)
    unsure = frozenset(detail.flag for detail in details if detail.membership_unknown)
    return Answers(told, unsure, frozenset(members.wanted))
