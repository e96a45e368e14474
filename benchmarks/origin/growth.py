"""
Multiplies the flags of a project, as if each copy had been created and changed like the first.

What the services wrote of the first is read back, event by event: an audit record, and what it
tells of. Each is written once more under another key, with the versions, the number and the hash
that it has in its own place; all that is encoded is encoded by what the services encode it with.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from msgspec import Raw, json
from msgspec.structs import replace
from sqlalchemy import Connection, update

from benchmarks.origin.bulk import add_rows
from benchmarks.origin.events import Template
from pennon.model.codec import decode_flag, encode_item, format_digest, item_hash, make_change
from pennon.model.position import Position
from pennon.origin.audit.queries import lock_head
from pennon.origin.audit.records import Record, canonical
from pennon.origin.changelog import positions
from pennon.origin.db.installation import read_epoch
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import (
    audit,
    audit_heads,
    changelog,
    environments,
    flag_tags,
    flags,
    history,
    items,
    targetings,
)
from pennon.origin.flags.parts import decode_definition
from pennon.origin.projects.queries import environments_of
from pennon.origin.schemas import full_name, search_text, short_name

Rows = dict[str, Any]


class Growth:
    """Adds copies of a template's flags to a project whose environments are there."""

    def __init__(self, connection: Connection, template: Template, project: str) -> None:
        self._connection = connection
        self._template = template
        self._project = project
        head = lock_head(connection, project)
        self._sequence, self._hash = head.sequence, head.hash
        states = positions(connection, environments_of(connection, project))
        self._epoch = read_epoch(connection)
        self._versions = {name: state.position.version for name, state in states.items()}
        self._digests = {name: state.digest for name, state in states.items()}
        self._now = max(record.at for record, _ in template.events)
        self._items: dict[tuple[str, str], tuple[int, bytes]] = {}
        self._rows: dict[str, list[Rows]] = {}

    def add(self, suffixes: Iterable[str]) -> None:
        """Add a copy of every flag for each of *suffixes*, and write it all."""
        for suffix in suffixes:
            self._copy(suffix)
        for table in (flags, flag_tags, targetings, items, changelog, audit, history):
            add_rows(self._connection, table, self._rows.pop(table.name, []))
        for name in self._versions:
            self._connection.execute(
                update(environments).where(environments.c.environment == name),
                {"version": self._versions[name], "digest": format_digest(self._digests[name])},
            )
        self._connection.execute(
            update(audit_heads).where(audit_heads.c.chain == self._project),
            {"sequence": self._sequence, "hash": self._hash},
        )

    def _copy(self, suffix: str) -> None:
        salts = {row.key: secrets.token_bytes(8).hex() for row in self._template.flags}
        began: dict[str, int] = {}
        ended: dict[str, int] = {}
        targeted: dict[tuple[str, str], int] = {}
        self._items.clear()
        for record, told in self._template.events:
            self._now += 1
            flag = record.resource.removeprefix("flag/")
            ended[flag] = self._now if record.environment is None else ended[flag]
            began.setdefault(flag, self._now)
            for row in told:
                self._publish(row, flag + suffix, salts[flag])
                targeted[short_name(row.environment), flag] = self._now
            self._record(record, told, flag + suffix)
        for row in self._template.flags:
            definition = decode_definition(row.document)
            text = search_text(
                row.key + suffix,
                definition.name,
                definition.description,
                definition.owner,
                *definition.tags,
            )
            self._put(
                flags,
                row,
                key=row.key + suffix,
                salt=salts[row.key],
                search=text,
                created_at=began[row.key],
                updated_at=ended[row.key],
            )
        for row in self._template.tags:
            self._put(flag_tags, row, flag=row.flag + suffix)
        for row in self._template.targetings:
            key = short_name(row.environment)
            name, flag = full_name(self._project, key), row.flag + suffix
            version, data = self._items[name, flag]
            at = targeted[key, row.flag]
            times = {"updated_at": at, "changed_at": at}
            self._put(targetings, row, environment=name, flag=flag, version=version, **times)
            item = {"environment": name, "kind": "flag", "key": flag}
            self._rows.setdefault("items", []).append({**item, "version": version, "data": data})

    def _publish(self, row: AnyRow, key: str, salt: str) -> None:
        name = full_name(self._project, short_name(row.environment))
        version = self._versions[name] = self._versions[name] + 1
        flag = replace(decode_flag(row.data), key=key, salt=salt, version=version)
        data = encode_item(flag)
        if (before := self._items.get((name, key))) is not None:
            self._digests[name] ^= item_hash("flag", key, before[1])
        self._digests[name] ^= item_hash("flag", key, data)
        self._items[name, key] = version, data
        change = make_change(name, Position(self._epoch, version), "flag", key, data, self._now)
        kept = {
            "environment": name,
            "version": version,
            "epoch": self._epoch,
            "kind": "flag",
            "key": key,
        }
        self._rows.setdefault("changelog", []).append(
            {**kept, "data": change.data, "committed_at": self._now}
        )
        self._rows.setdefault("history", []).append(
            {**kept, "data": data, "at": self._now, "record": self._sequence + 1}
        )

    def _record(self, record: Record, told: Iterable[AnyRow], key: str) -> None:
        self._sequence += 1
        moved = {full_name(self._project, short_name(row.environment)) for row in told}
        whole = record.environment
        entry = replace(
            record,
            chain=self._project,
            sequence=self._sequence,
            previous=self._hash,
            at=self._now,
            resource=f"flag/{key}",
            environment=whole and full_name(self._project, short_name(whole)),
            after=_renamed(record.after, key) if record.action == "flag.created" else record.after,
            versions=Raw(canonical({name: self._versions[name] for name in moved})),
        )
        self._hash = entry.hash()
        columns = {name: _stored(getattr(entry, name)) for name in Record.__struct_fields__}
        self._rows.setdefault("audit", []).append({**columns, "hash": self._hash})

    def _put(self, table: Any, row: AnyRow, **changed: object) -> None:
        self._rows.setdefault(table.name, []).append(
            {**row._mapping, "project": self._project, **changed}
        )


def _renamed(new: Raw, key: str) -> Raw:
    """Return what was asked for when a flag was created, under another key."""
    return Raw(json.encode({**json.decode(new), "key": key}))


def _stored(value: object) -> object:
    return bytes(value) if isinstance(value, Raw) else value
