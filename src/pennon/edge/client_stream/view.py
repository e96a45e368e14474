"""What the keys of one kind see of one environment: what all contexts' groups have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from pennon.edge.counting import Counter
from pennon.edge.impacts import Impacts
from pennon.edge.learning import Lacking, Learning
from pennon.edge.rulesets import Rulesets
from pennon.edge.scope import ClientSide
from pennon.evaluation.evaluate import evaluate, evaluate_all
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.served import Served, all_served, served_by
from pennon.model.context import Context
from pennon.model.position import Position
from pennon.relay.replica import Replica


class Roster:
    """A place for each flag that has an answer for somebody, so that none keeps the keys."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def place(self, key: str) -> int:
        """Return the place of a flag, the next one where it has none."""
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self.keys)
            self.keys.append(key)
        return place

    def find(self, key: str) -> int | None:
        """Return the place of a flag, if it has one."""
        return self._places.get(key)


class View:
    """
    Answers contexts with the flags of *replica*'s environment that keys of *side* may see.

    It is for as long as the node follows that replica. What is answered is counted. *look_again*
    is called with the environment when more is known of external members.
    """

    def __init__(
        self,
        replica: Replica,
        side: ClientSide,
        rulesets: Rulesets,
        impacts: Impacts,
        learning: Learning,
        look_again: Callable[[str], None],
        counter: Counter | None = None,
    ) -> None:
        self.replica, self.side = replica, side
        self._learning, self._look_again = learning, look_again
        self._rulesets, self._impacts, self._counter = rulesets, impacts, counter
        self.roster = Roster()
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

    def all(self, context: Context, lacking: Lacking) -> dict[str, Served]:
        """Return every answer for *context*, and note in *lacking* what it lacks to be sure."""
        ruleset = self._require()
        if len(self.roster) > 2 * len(ruleset) + 64:  # of flags that are long gone
            self.roster = Roster()
        details = evaluate_all(ruleset, context, client_side=self.side, memberships=lacking.known)
        lacking.note(details)
        if self._counter is not None:
            self._counter.see(self.environment, context)
            self._counter.count_all(self.environment, details)
        return all_served(details, ruleset)

    def some(
        self, keys: Iterable[str], context: Context, lacking: Lacking
    ) -> dict[str, Served | None]:
        """Return the same of the flags *keys* alone: None for one that has no value."""
        ruleset = self._require()
        answers: dict[str, Served | None] = {}
        for key in keys:
            if not ruleset.is_visible(key, self.side):
                answers[key] = None
                continue
            detail = evaluate(ruleset, key, context, lacking.known)
            lacking.note((detail,))
            if self._counter is not None:
                self._counter.count(self.environment, detail)
            answers[key] = served_by(detail, ruleset)
        return answers

    def lacking(self) -> Lacking:
        """Return what answers for external members, and notes who is not known."""
        return self._learning.begin(self.environment)

    def learn(self, lacking: Lacking, then: Callable[[bool], None]) -> None:
        """Have those asked about who are not known; *then* is told whether they are by then."""
        self._learning.learn(self.environment, lacking, then)

    def look_again(self) -> None:
        """Have all look again who follow the environment: more is known of members."""
        self._look_again(self.environment)

    @property
    def _ruleset(self) -> Ruleset | None:
        return self._rulesets.get(self.environment)

    def _require(self) -> Ruleset:
        ruleset = self._ruleset
        assert ruleset is not None  # whoever asks has looked whether there is a position
        return ruleset
