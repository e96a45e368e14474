"""
The sample: a shop that uses every feature, so that a first look has something to see.

It is one transaction: a start that is cut short leaves no half of it behind, which every later
start would take for somebody's own project.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from typing import Final

from pennon.model.codec import decode
from pennon.origin.authors import PENNON
from pennon.origin.changelog import Transaction
from pennon.origin.environments import service as environments
from pennon.origin.environments.schemas import NewEnvironment
from pennon.origin.flags import definitions as flags
from pennon.origin.flags import targetings
from pennon.origin.flags.schemas import NewFlag
from pennon.origin.projects import service as projects
from pennon.origin.projects.queries import have_any
from pennon.origin.projects.schemas import NewProject
from pennon.origin.schemas import Input
from pennon.origin.segments import definitions as segments
from pennon.origin.segments import memberships
from pennon.origin.segments.schemas import NewSegment
from pennon.origin.services import Origin
from pennon.web.endpoint import MergePatch

PROJECT: Final = "shop"
ENVIRONMENT: Final = "production"

_Patches = dict[str, dict[str, MergePatch]]


class _Sample(Input, frozen=True, kw_only=True):
    """
    What `sample.json` holds, in the order in which it is created.

    `memberships` and `targeting` are merge patches by environment, then by key.
    """

    project: NewProject
    environments: tuple[NewEnvironment, ...]
    segments: tuple[NewSegment, ...]
    memberships: _Patches
    flags: tuple[NewFlag, ...]
    targeting: _Patches


async def create_sample(origin: Origin) -> None:
    """Create the sample through the services; nothing where there is a project already."""
    await origin.write(_create)


def _create(transaction: Transaction) -> None:
    if have_any(transaction.connection):
        return
    sample = decode(files(__package__).joinpath("sample.json").read_bytes(), _Sample)
    for step in _steps(sample):
        step(transaction)


def _steps(sample: _Sample) -> Iterator[Callable[[Transaction], object]]:
    project = sample.project.key
    yield partial(projects.create, new=sample.project, author=PENNON)
    for environment in sample.environments:
        yield partial(environments.create, project=project, new=environment, author=PENNON)
    for segment in sample.segments:
        yield partial(segments.create, project=project, new=segment, author=PENNON)
    for where, key, patch in _patches(sample.memberships):
        yield partial(
            memberships.change,
            project=project,
            environment=where,
            segment=key,
            patch=patch,
            author=PENNON,
        )
    for flag in sample.flags:
        yield partial(flags.create, project=project, new=flag, author=PENNON)
    for where, key, patch in _patches(sample.targeting):
        yield partial(
            targetings.change,
            project=project,
            environment=where,
            flag=key,
            patch=patch,
            author=PENNON,
        )


def _patches(patches: _Patches) -> Iterator[tuple[str, str, MergePatch]]:
    for environment, by_key in patches.items():
        for key, patch in by_key.items():
            yield environment, key, patch
