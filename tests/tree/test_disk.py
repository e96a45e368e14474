"""An edge whose disk is full, or holds something rotten."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.tree.asking import Origin, eventually, ready
from tests.tree.processes import a_tree

FAILURES = "pennon_datafile_write_failures_total"
FROM_L2 = 'pennon_environment_source{environment="shop/production",source="l2"}'
FROM_PARENT = 'pennon_environment_source{environment="shop/production",source="parent"}'


@contextmanager
def a_small_disk(place: Path) -> Iterator[Path]:
    """Give a disk of half a megabyte, where one may be made."""
    place.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place))
    if subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("only root may make a disk, and not everywhere")
    try:
        yield place
    finally:
        subprocess.run(("umount", "--lazy", str(place)), check=True)


def fill(file: Path) -> None:
    """Write to *file* until there is no room left."""
    with suppress(OSError), file.open("wb", buffering=0) as room:
        while room.write(bytes(512)):
            pass


def version_in(file: Path) -> int | None:
    """Return the version of the datafile in *file*, if there is one."""
    if not file.exists():
        return None
    position = file.read_bytes().split(maxsplit=3)[2]
    return int(position.rpartition(b".")[2])


@pytest.mark.timeout(180)
def test_a_full_disk(tmp_path: Path) -> None:
    """The edge goes on with what it is told, and keeps it as soon as there is room."""
    with a_small_disk(tmp_path / "ams") as disk, a_tree(tmp_path) as tree:
        up = tree.start_origin()
        origin = Origin(tree)
        edge = ready(tree.start_edge("ams"), tree)
        file = disk / "shop~production.datafile"
        version = origin.switch(True)
        eventually(lambda: version_in(file) == version)
        fill(disk / "filler")
        newer = origin.switch(False)
        eventually(lambda: not edge.is_on())
        eventually(lambda: edge.metric(FAILURES) > 0)
        assert version_in(file) == version

        (disk / "filler").unlink()
        eventually(lambda: version_in(file) == newer)
        up.kill()
        edge.process.kill()
        edge = ready(tree.start_edge("ams"), tree)
        assert not edge.is_on()
        assert edge.metric(FROM_L2) == 1


@pytest.mark.timeout(180)
@pytest.mark.parametrize("keep", [0, 40, -1], ids=["empty", "torn", "rotten"])
def test_a_corrupted_file(tmp_path: Path, keep: int) -> None:
    """What is not whole and true is not served; the parent's takes its place, on disk as well."""
    with a_tree(tmp_path) as tree:
        up = tree.start_origin()
        origin = Origin(tree)
        edge = ready(tree.start_edge("ams"), tree)
        origin.receipt(origin.switch(True), "ams")
        assert edge.process.stop() == 0
        file = edge.process.folder / "shop~production.datafile"
        whole = file.read_bytes()
        file.write_bytes(whole[:keep] + (b"?" if keep < 0 else b""))

        edge = ready(tree.start_edge("ams"), tree)
        assert edge.is_on()
        assert edge.metric(FROM_PARENT) == 1
        assert edge.process.stop() == 0
        up.kill()
        edge = ready(tree.start_edge("ams"), tree)
        assert edge.is_on()
        assert edge.metric(FROM_L2) == 1
