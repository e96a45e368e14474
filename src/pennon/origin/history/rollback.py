"""
Goes back to an earlier version, as a new one: the part that an environment has for itself.

A rollback restores whom a flag serves there, or who belongs to a segment. What belongs to the
project (variations, names, metadata, what is archived) is shared with every other environment
and stays; the answer says where it is still different. It goes through the same steps as any
other change.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from msgspec import Struct, json
from msgspec.structs import fields

from pennon.errors import BadInput, Conflict
from pennon.model.messages import ItemKind
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.changelog.queries import find_item
from pennon.origin.db.rows import AnyRow
from pennon.origin.flags import retargeting
from pennon.origin.flags import words as of_flags
from pennon.origin.flags.schemas import Targeting
from pennon.origin.history.items import different, read_item
from pennon.origin.history.schemas import Rollback, RolledBack
from pennon.origin.history.service import require_version
from pennon.origin.instructions import Instruction
from pennon.origin.schemas import propagation_of
from pennon.origin.segments import repopulating
from pennon.origin.segments import words as of_segments
from pennon.origin.segments.schemas import Membership
from pennon.web.etag import ANY, Tags

S = TypeVar("S", bound=Struct)


class RollBack(Instruction, frozen=True, kw_only=True):
    """What the audit log records as asked for: back to what was at this version."""

    version: int


def roll_back_flag(
    transaction: Transaction,
    project: str,
    environment: str,
    flag: str,
    asked: Rollback,
    author: Author,
    if_match: Tags = ANY,
) -> RolledBack:
    """
    Serve in one environment whom a flag served there at an earlier version.

    Raises NotFound and PreconditionFailed, and Conflict when that is not sound any more, when the
    flag was deleted then, or when it, the environment or the project is archived now.
    """
    held = retargeting.hold(transaction, project, environment, flag, if_match)
    then = _then(transaction, project, environment, "flag", flag, asked.version)
    targeting = _part("flag", then.data, Targeting)
    with _sound_no_more("flag", flag, then.version):
        view = retargeting.retarget(
            transaction,
            held,
            targeting,
            author,
            instructions=[RollBack(version=then.version)],
            summary=(_said(then.version), *of_flags.told(held.targeting, targeting)),
        )
    return _answer(transaction, held.environment, "flag", flag, view.version, then)


def roll_back_segment(
    transaction: Transaction,
    project: str,
    environment: str,
    segment: str,
    asked: Rollback,
    author: Author,
    if_match: Tags = ANY,
) -> RolledBack:
    """
    Let those belong to a segment in one environment who did at an earlier version.

    Raises what `roll_back_flag` does.
    """
    held = repopulating.hold(transaction, project, environment, segment, if_match)
    then = _then(transaction, project, environment, "segment", segment, asked.version)
    membership = _part("segment", then.data, Membership)
    with _sound_no_more("segment", segment, then.version):
        view = repopulating.repopulate(
            transaction,
            held,
            membership,
            author,
            instructions=[RollBack(version=then.version)],
            summary=(_said(then.version), *of_segments.told(held.membership, membership)),
        )
    return _answer(transaction, held.environment, "segment", segment, view.version, then)


def _then(
    transaction: Transaction,
    project: str,
    environment: str,
    kind: ItemKind,
    key: str,
    version: int,
) -> AnyRow:
    then = require_version(transaction.connection, project, environment, kind, key, version)
    if then.data is None:
        raise Conflict(
            f"The {kind} {key!r} was deleted by version {then.version}. "
            "To take it away again, archive it in its project."
        )
    return then


def _part(kind: ItemKind, data: bytes, type: type[S]) -> S:
    """Return the part of a published item that its environment has for itself."""
    item = read_item(kind, data)
    part = {field.encode_name: getattr(item, field.name) for field in fields(type)}
    return json.decode(json.encode(part), type=type)


@contextmanager
def _sound_no_more(kind: ItemKind, key: str, version: int) -> Iterator[None]:
    """Tell what is wrong by now with what was sound once: nothing is wrong with the request."""
    try:
        yield
    except BadInput as error:
        raise Conflict(
            f"The {kind} {key!r} cannot go back to version {version} any more: {error}."
        ) from None


def _said(version: int) -> str:
    return f"rolled back to version {version}"


def _answer(
    transaction: Transaction,
    environment: str,
    kind: ItemKind,
    key: str,
    version: int,
    then: AnyRow,
) -> RolledBack:
    now = find_item(transaction.connection, environment, kind, key)
    return RolledBack(
        version=version,
        restored=then.version,
        remaining=different(kind, then.data, now.data if now else None),
        propagation=propagation_of(environment, version),
    )
