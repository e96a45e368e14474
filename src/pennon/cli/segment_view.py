"""Segments and their members as the management API shows them, and how they are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec import Struct
from rich.table import Table
from rich.text import Text

from pennon.cli.errors import CommandFailed
from pennon.cli.phrases import segment_rule_phrase
from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.flag import Wire
from pennon.model.segment import Members, Segment

_SHOWN_KEYS = 5

T = TypeVar("T", bound=Struct)


class SegmentView(Segment, frozen=True, kw_only=True):
    """A segment with what only the control plane knows, as far as it is drawn."""

    name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()


class MembersState(Wire, frozen=True, kw_only=True):
    """How many members there are, and since which version."""

    epoch: str
    generation: int
    included: int
    excluded: int
    kind: str = "user"

    @property
    def tag(self) -> str:
        """What `If-Match` says that means these."""
        return f'"{self.epoch}.{self.generation}"'


class MemberView(Wire, frozen=True, kw_only=True):
    """A key that is in, or out."""

    key: str
    member: bool


class KnownView(Wire, frozen=True, kw_only=True):
    """What is known of a key."""

    key: str
    membership: str


class LookedUpView(Wire, frozen=True, kw_only=True):
    """What is known of some keys."""

    items: tuple[KnownView, ...]


class Counts(Wire, frozen=True, kw_only=True):
    """How many keys come in, go out, and are listed no more."""

    added: int = 0
    excluded: int = 0
    removed: int = 0


class Named(Wire, frozen=True, kw_only=True):
    """The first of them."""

    added: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class ChangedView(MembersState, frozen=True, kw_only=True):
    """What a change of members did, or would do."""

    changes: Counts
    first: Named
    repeated: int = 0
    propagation: str | None = None


def read(body: bytes, type: type[T]) -> T:
    """Return what the API shows. Raises CommandFailed when it is no *type*."""
    try:
        return decode(body, type)
    except BadInput as error:
        raise CommandFailed(f"The origin gave nothing that can be read: {error}") from None


def segment_table(segments: Iterable[SegmentView]) -> Table:
    """Return a row for each segment."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("KEY", "MEMBERS", "VERSION", "TAGS"):
        table.add_column(heading, overflow="fold")
    for one in segments:
        table.add_row(one.key, Text(_in_short(one)), str(one.version), ", ".join(one.tags))
    return table


def segment_text(segment: SegmentView, environment: str, state: MembersState | None) -> Text:
    """Return all that decides who is in *segment*, in the order in which it is asked."""
    text = Text()
    text.append(segment.key, style="bold")
    text.append(f"  in {environment}, version {segment.version}\n")
    if segment.description:
        text.append(f"{segment.description}\n", style="dim")
    if state is not None:
        text.append(f"external\n  {state_phrase(state)}\n")
    for heading, members in (("included", segment.include), ("excluded", segment.exclude)):
        if members:
            text.append(f"{heading}\n")
            text.append("".join(f"  {_keys(one)}\n" for one in members))
    if segment.rules:
        text.append("rules\n")
        for number, rule in enumerate(segment.rules, 1):
            text.append(f"  {number}. {segment_rule_phrase(rule)}\n")
    if segment.tags:
        text.append(f"tags\n  {', '.join(segment.tags)}\n")
    return text


def state_phrase(state: MembersState) -> str:
    """Return how many members there are: ``120 user keys in, 3 out, since version 1042``."""
    if not state.generation:
        return f"no {state.kind} keys yet"
    return (
        f"{state.included} {state.kind} {'key' if state.included == 1 else 'keys'} in, "
        f"{state.excluded} out, "
        f"since version {state.generation}"
    )


def changed_lines(changed: ChangedView, *, would: bool) -> Iterator[str]:
    """Yield what a change of members did, or *would* do."""
    counts = changed.changes
    if not counts.added + counts.excluded + counts.removed:
        yield "Nothing is different."
    kinds = (
        ("+", "in", counts.added, changed.first.added),
        ("-", "out", counts.excluded, changed.first.excluded),
        ("~", "no longer listed", counts.removed, changed.first.removed),
    )
    for sign, what, count, first in kinds:
        if count:
            named = ", ".join(first[:_SHOWN_KEYS])
            more = ", …" if count > _SHOWN_KEYS else ""
            yield f"{sign} {count} {what}: {named}{more}"
    if changed.repeated:
        yield f"{changed.repeated} lines named a key again."
    becomes = "would then be" if would else "are"
    yield f"{changed.included} keys {becomes} in and {changed.excluded} out."


def _in_short(segment: Segment) -> str:
    if segment.external is not None:
        parts = [f"external {segment.external.kind} keys"]
    else:
        included = sum(len(one.keys) for one in segment.include)
        excluded = sum(len(one.keys) for one in segment.exclude)
        parts = [f"{included} in" if included else "", f"{excluded} out" if excluded else ""]
    count = len(segment.rules)
    rules = f"{count} {'rule' if count == 1 else 'rules'}" if count else ""
    return ", ".join(filter(None, [*parts, rules])) or "nobody"


def _keys(members: Members) -> str:
    shown = ", ".join(members.keys[:_SHOWN_KEYS])
    more = f" and {len(members.keys) - _SHOWN_KEYS} more" if len(members.keys) > _SHOWN_KEYS else ""
    return f"{'' if members.kind == 'user' else f'{members.kind} '}{shown}{more}"
