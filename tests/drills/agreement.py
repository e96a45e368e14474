"""What must agree in a database, whatever happened to those who wrote to it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from pennon.model.codec import EVENT_OF_KIND, decode_change, digest_of, encode_item, format_digest
from pennon.model.position import ACCESS
from pennon.origin.audit.stored import find_chains, verify_stored
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import (
    audit,
    changelog,
    environments,
    flags,
    history,
    items,
    targetings,
)
from pennon.origin.flags.parts import decode_definition, decode_targeting, flag_of
from pennon.origin.flags.queries import joined


def disagreements(connection: Connection) -> list[str]:
    """Return a sentence for each thing that does not agree with another."""
    heads = connection.execute(select(environments)).all()
    return [
        *(wrong for head in heads for wrong in _of_versions(connection, head)),
        *(wrong for head in heads for wrong in _of_items(connection, head)),
        *_of_rows(connection),
        *_of_audit(connection),
    ]


def _of_versions(connection: Connection, head: AnyRow) -> Iterator[str]:
    """The head, the changelog and the history are at one version, and leave none out."""
    kept = [changelog] if head.environment == ACCESS else [changelog, history]
    for table in kept:
        versions = connection.scalars(
            select(table.c.version)
            .where(table.c.environment == head.environment)
            .order_by(table.c.version)
        ).all()
        if list(versions) != list(range(1, head.version + 1)):
            yield f"{head.environment} is at {head.version}, and its {table.name} has {versions}"


def _of_items(connection: Connection, head: AnyRow) -> Iterator[str]:
    """What is published is what the changelog adds up to, and has the digest of the head."""
    published = {
        (row.kind, row.key): row.data
        for row in connection.execute(select(items).where(items.c.environment == head.environment))
    }
    replayed = {}
    for row in connection.execute(
        select(changelog)
        .where(changelog.c.environment == head.environment)
        .order_by(changelog.c.version)
    ):
        change = decode_change(EVENT_OF_KIND[row.kind], row.data)
        replayed[change.kind, change.key] = change.item
    if {item: data for item, data in replayed.items() if data is not None} != published:
        yield f"{head.environment} has published something else than its changelog adds up to"
    if format_digest(digest_of(published)) != head.digest:
        yield f"{head.environment} has another digest than what it has published"


def _of_rows(connection: Connection) -> Iterator[str]:
    """What is edited is what is published."""
    published = {
        (row.environment, row.key): row.data
        for row in connection.execute(select(items).where(items.c.kind == "flag"))
    }
    for row in connection.execute(joined().where(flags.c.archived.is_(False))):
        definition, targeting = decode_definition(row.document), decode_targeting(row.targeting)
        flag = flag_of(row.key, row.type, row.salt, definition, targeting)
        made = encode_item(replace(flag, version=row.version))
        if published.pop((row.environment, row.key), None) != made:
            yield f"{row.environment} has published another {row.key} than its rows make"
    for environment, key in published:
        yield f"{environment} has published {key}, which has no row"


def _of_audit(connection: Connection) -> Iterator[str]:
    """Every chain is whole, and every version of the history has a record that tells of it."""
    for chain in find_chains(connection):
        if (finding := verify_stored(connection, chain).finding) is not None:
            yield f"the chain {chain}: {finding.message}"
    untold = connection.scalar(
        select(func.count())
        .select_from(history.join(environments))
        .outerjoin(
            audit,
            (audit.c.chain == environments.c.project) & (audit.c.sequence == history.c.record),
        )
        .where(audit.c.sequence.is_(None))
    )
    if untold:
        yield f"no audit record tells of {untold} versions"
    ahead = connection.scalar(
        select(func.count())
        .select_from(targetings.join(environments))
        .where(targetings.c.version > environments.c.version)
    )
    if ahead:
        yield f"{ahead} targetings bear versions that their environments have not reached"
