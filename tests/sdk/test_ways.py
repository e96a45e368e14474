"""By which way a client asks its edge: TLS of an authority of one's own, proxies of both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pennon.sdk.client import Client
from tests.builders.certificates import Certificate, a_certificate
from tests.builders.sdk import eventually
from tests.builders.ways import a_proxy, a_tls_end
from tests.tree.asking import Origin
from tests.tree.processes import Tree, a_tree

pytestmark = pytest.mark.timeout(120)

PRO = {"targetingKey": "ada", "plan": "pro"}
FLAG = "new-checkout"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Give an origin that serves, its sample flag on."""
    with a_tree(tmp_path_factory.mktemp("tree")) as tree:
        tree.start_origin()
        Origin(tree).switch(True)
        yield tree


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """Give a certificate that no system trusts."""
    return a_certificate(tmp_path)


def test_own_authority(tree: Tree, certificate: Certificate) -> None:
    """A client trusts the authority that it is told to, also for what it tells."""
    with (
        a_tls_end(certificate, tree.url) as url,
        Client(tree.keys["serverKey"], url, ca=certificate.certificate) as client,
    ):
        eventually(lambda: client.boolean(FLAG, PRO))
        client.flush()

        assert client.stats.events_told > 0


def test_unknown_authority(tree: Tree, certificate: Certificate) -> None:
    """It trusts no other, and says what the trouble is."""
    with a_tls_end(certificate, tree.url) as url:
        client = Client(tree.keys["serverKey"], url)
        eventually(lambda: client.status.trouble is not None)
        trouble = client.status.trouble
        client.close()

    assert "certificate" in (trouble or "").lower()


def test_proxy(tree: Tree) -> None:
    """Without TLS, a proxy is asked for what the edge is asked for."""
    asked: list[str] = []
    with a_proxy(asked) as proxy, Client(tree.keys["serverKey"], tree.url, proxy=proxy) as client:
        eventually(lambda: client.boolean(FLAG, PRO))

    assert any(one.startswith(f"GET {tree.url}/sync/v1/stream") for one in asked)


def test_tunnel(tree: Tree, certificate: Certificate) -> None:
    """With TLS, it is asked for a tunnel, and sees nothing of what is in it."""
    asked: list[str] = []
    with (
        a_tls_end(certificate, tree.url) as url,
        a_proxy(asked) as proxy,
        Client(tree.keys["serverKey"], url, proxy=proxy, ca=certificate.certificate) as client,
    ):
        eventually(lambda: client.boolean(FLAG, PRO))

    assert {*asked} == {f"CONNECT {url.removeprefix('https://')}"}
