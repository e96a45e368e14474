"""L3 as it is meant: real nodes with a real NATS, of which one after another goes away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders.nats import a_nats
from tests.tree.asking import Asked, Origin, eventually, ready
from tests.tree.processes import a_tree

IN_L3 = 'pennon_l3_version{environment="shop/production"}'
FROM_L3 = 'pennon_environment_source{environment="shop/production",source="l3"}'


@pytest.mark.timeout(180)
def test_one_after_another_goes_away(tmp_path: Path) -> None:
    """Connector, origin, disk and L3 are lost in turn; each time the rest is enough."""
    with a_nats() as nats, a_tree(tmp_path) as tree:
        l3 = ("--l3", nats.url)
        up = Asked(tree.start_origin(*l3), tree)
        origin = Origin(tree)
        connector = ready(tree.start_connector("regional", *l3), tree)
        edge = ready(tree.start_edge("ams", *l3, parents=[connector.url]), tree)
        origin.receipt(origin.switch(True), "ams")
        assert edge.is_on()
        assert edge.metric(FROM_L3) == 0

        # The connector dies: changes come by L3.
        connector.process.kill()
        version = origin.switch(False)
        eventually(lambda: not edge.is_on())
        assert edge.metric(FROM_L3) == 1
        assert up.metric(IN_L3) == version

        # So does the origin, and the edge loses its disk: it starts from L3.
        up.process.kill()
        edge.process.stop()
        edge.forget()
        edge = ready(tree.start_edge("ams", *l3, parents=[connector.url]), tree)
        assert not edge.is_on()
        assert edge.metric(FROM_L3) == 1

        # L3 dies as well: the edge starts from its disk.
        nats.kill()
        edge.process.stop()
        edge = ready(tree.start_edge("ams", *l3, parents=[connector.url]), tree)
        assert not edge.is_on()
        assert edge.metric('pennon_environment_source{environment="shop/production",source="l2"}')

        # L3 comes back empty, and is filled by an origin that knows of no change since.
        nats.wipe()
        up = Asked(tree.start_origin(*l3), tree)
        nats.start()
        eventually(lambda: up.metric(IN_L3) == version)
        edge.process.stop()
        edge.forget()
        edge = ready(tree.start_edge("ams", *l3, parents=[connector.url]), tree)
        assert not edge.is_on()
        assert edge.metric(FROM_L3) == 1


@pytest.mark.timeout(120)
def test_a_folder(tmp_path: Path) -> None:
    """`pennon up` leaves its datafiles in a folder, from which an edge beside it starts."""
    with a_tree(tmp_path) as tree:
        process = tree.start_origin()
        Origin(tree).switch(True)
        assert process.stop() == 0
        folder = str(tmp_path / "origin" / "l3")
        edge = ready(tree.start_edge("ams", "--l3", folder), tree)

        assert edge.is_on()
        assert edge.metric(FROM_L3) == 1
