"""What `pennon audit verify` does: walks each chain, and says what it has found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct
from rich.text import Text

from pennon.cli.audit_database import with_database
from pennon.errors import BadInput, NotFound
from pennon.origin.audit.checkpoints import Unproven, read_checkpoints
from pennon.origin.audit.lines import read_export
from pennon.origin.audit.links import Checkpoint
from pennon.origin.audit.signing import PublicKey, find_key
from pennon.origin.audit.stored import find_chains, verify_guards, verify_stored
from pennon.origin.audit.verification import Verdict, verify_chain
from pennon.origin.db import Database
from pennon.origin.settings import DatabaseSettings


class Report(Struct, frozen=True, kw_only=True):
    """
    What was found: a verdict for each chain, and the checkpoints that prove nothing.

    `unguarded` says how the database would let somebody alter a record; a file has no guards.
    """

    intact: bool
    chains: tuple[Verdict, ...]
    unproven: tuple[Unproven, ...]
    unguarded: tuple[str, ...] = ()


class Proofs(Struct, frozen=True):
    """The checkpoints to verify against, by chain, and those that prove nothing."""

    of_chain: dict[str, list[Checkpoint]] = {}
    unproven: tuple[Unproven, ...] = ()

    def of(self, chain: str) -> Sequence[Checkpoint]:
        """Return the checkpoints of a chain."""
        return self.of_chain.get(chain, ())


def read_proofs(file: Path, public_keys: Sequence[str], data: Path) -> Proofs:
    """
    Return the checkpoints in *file* that one of *public_keys* has signed.

    Where no key is given, it is that of the folder *data*. Raises BadInput where there is none.
    """
    keys = [PublicKey.parse(text) for text in public_keys]
    if not keys:
        own = find_key(data)
        if own is None:
            raise BadInput.at("--public-key", f"is needed, since there is no key in {data}")
        keys = [own.public]
    with file.open("rb") as lines:
        proven, unproven = read_checkpoints(lines, {key.id: key for key in keys})
    of_chain: dict[str, list[Checkpoint]] = {}
    for checkpoint in proven:
        of_chain.setdefault(checkpoint.chain, []).append(checkpoint)
    return Proofs(of_chain, tuple(unproven))


def verify_database(settings: DatabaseSettings, chain: str | None, proofs: Proofs) -> Report:
    """Verify what the database holds, or one chain of it. Raises NotFound."""

    async def work(database: Database) -> Report:
        found = await database.read(find_chains)
        verdicts = [
            await database.read(partial(verify_stored, chain=name, checkpoints=proofs.of(name)))
            for name in _wanted(chain, {*found, *proofs.of_chain})
        ]
        return _report(verdicts, proofs, await database.read(verify_guards))

    return with_database(settings, work)


def verify_export(file: Path, chain: str | None, proofs: Proofs) -> Report:
    """Verify an exported log, or one chain of it, reading it once. Raises NotFound."""
    verdicts: dict[str, list[Verdict]] = {}
    with file.open("rb") as lines:
        for head, links in read_export(lines):
            if chain in (None, head.chain):
                verdict = verify_chain(head.chain, head, links, proofs.of(head.chain))
                verdicts.setdefault(head.chain, []).append(verdict)
    for name in _wanted(chain, {*verdicts, *proofs.of_chain}):
        verdicts.setdefault(name, [verify_chain(name, None, (), proofs.of(name))])
    return _report([one for verdict in verdicts.values() for one in verdict], proofs)


def report_text(report: Report) -> Text:
    """Return a line for each chain, each checkpoint that proves nothing and each missing guard."""
    text = Text()
    for verdict in report.chains:
        text.append_text(_verdict_text(verdict))
    for unproven in report.unproven:
        text.append("✗ ", style="red")
        text.append(f"checkpoints, line {unproven.line}: {unproven.why}\n")
    for sentence in report.unguarded:
        text.append("✗ ", style="red")
        text.append(f"{sentence} Records can be altered.\n")
    return text


def _verdict_text(verdict: Verdict) -> Text:
    counted = f"{verdict.records:,} {'record' if verdict.records == 1 else 'records'}"
    if verdict.checkpoints:
        counted += f" that {verdict.checkpoints:,} of the checkpoints agree with"
    text = Text()
    if verdict.finding is None:
        text.append("✓ ", style="green")
        text.append(f"{verdict.chain}: {counted}, intact\n")
    else:
        text.append("✗ ", style="red")
        text.append(f"{verdict.chain}: {verdict.finding.message}\n", style="bold")
        text.append(f"  Up to there: {counted}, intact\n")
    return text


def _wanted(chain: str | None, known: Iterable[str]) -> Iterator[str]:
    if chain is None:
        yield from sorted(known)
    elif chain in known:
        yield chain
    else:
        raise NotFound("audit log", chain)


def _report(verdicts: Sequence[Verdict], proofs: Proofs, unguarded: tuple[str, ...] = ()) -> Report:
    sound = not proofs.unproven and not unguarded
    return Report(
        intact=sound and all(one.finding is None for one in verdicts),
        chains=tuple(verdicts),
        unproven=proofs.unproven,
        unguarded=unguarded,
    )
