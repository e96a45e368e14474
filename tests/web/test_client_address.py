"""Whose request it is, where proxies stand between."""

from __future__ import annotations

import pytest

from pennon.web.client_address import Proxies, neighbourhood, network_of
from pennon.web.handler import Request

INNER, OUTER = "10.0.0.7", "192.0.2.7"
CLIENT = "203.0.113.9"


def address_of(proxies: Proxies, peer: str, **headers: str) -> str:
    """Return whose a request is that comes from *peer*."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return proxies.address_of(Request(method="GET", path="/", headers=given, client=peer))


class TestProxies:
    PROXIES = Proxies(("10.0.0.0/8", OUTER, "2001:db8::/32"))

    def test_no_proxy(self) -> None:
        """Who is no proxy of ours is who it is, whatever it says."""
        assert address_of(self.PROXIES, CLIENT, x_forwarded_for="198.51.100.1") == CLIENT

    def test_a_proxy(self) -> None:
        """The client that a proxy of ours names."""
        assert address_of(self.PROXIES, INNER, x_forwarded_for=CLIENT) == CLIENT

    def test_what_the_client_says_of_itself(self) -> None:
        """What stands before the first address that is not ours was written by it: not believed."""
        told = f"127.0.0.1, 10.1.1.1, {CLIENT}, {OUTER}"

        assert address_of(self.PROXIES, INNER, x_forwarded_for=told) == CLIENT

    def test_a_proxy_that_says_nothing(self) -> None:
        """It stands for itself."""
        assert address_of(self.PROXIES, INNER) == INNER

    @pytest.mark.parametrize("told", ["unknown", "", " , ", "1.2.3.4.5", "a" * 5000])
    def test_what_is_no_address(self, told: str) -> None:
        """Whoever cannot be told is taken for the proxy that spoke last."""
        assert address_of(self.PROXIES, INNER, x_forwarded_for=f"{told}, {OUTER}") == OUTER

    def test_all_are_ours(self) -> None:
        """A client among the proxies is the first of them."""
        assert address_of(self.PROXIES, INNER, x_forwarded_for=f"10.9.9.9, {OUTER}") == "10.9.9.9"

    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            (f"{CLIENT}:5000", CLIENT),
            ("[2001:DB9::1]:80", "2001:db9::1"),
            ("[2001:db9::1]", "2001:db9::1"),
            ("2001:db9::1", "2001:db9::1"),
        ],
    )
    def test_ports(self, written: str, meant: str) -> None:
        """An address may be written with its port."""
        assert address_of(self.PROXIES, INNER, x_forwarded_for=written) == meant

    def test_mapped(self) -> None:
        """A proxy that comes over IPv6 with an address of IPv4 is the same one."""
        assert address_of(self.PROXIES, f"::ffff:{INNER}", x_forwarded_for=CLIENT) == CLIENT

    def test_forwarded(self) -> None:
        """The standard's header, where the proxies write that."""
        proxies = Proxies(("10.0.0.0/8",), "forwarded")
        told = f'for=198.51.100.1;by=x, For="{CLIENT}:47";proto=https, for=10.2.2.2'

        assert address_of(proxies, INNER, forwarded=told) == CLIENT
        assert address_of(proxies, INNER, forwarded='for="[2001:db9::1]:80"') == "2001:db9::1"
        assert address_of(proxies, INNER, forwarded="for=_hidden") == INNER

    def test_one_header(self) -> None:
        """The other header was written by anybody."""
        assert address_of(self.PROXIES, INNER, forwarded=f"for={CLIENT}") == INNER

    def test_loopback(self) -> None:
        """A proxy on the same machine is believed unless one is told otherwise."""
        assert address_of(Proxies(), "127.0.0.1", x_forwarded_for=CLIENT) == CLIENT
        assert address_of(Proxies(()), "127.0.0.1", x_forwarded_for=CLIENT) == "127.0.0.1"


class TestNetworks:
    @pytest.mark.parametrize("text", ["10.0.0.0/8", "10.0.0.1", "::1", "2001:db8::/32"])
    def test_read(self, text: str) -> None:
        """An address or a network."""
        assert network_of(text) is not None

    @pytest.mark.parametrize("text", ["", "10.0.0.1/8", "proxy.example.com", "10.0.0.0/33"])
    def test_refused(self, text: str) -> None:
        """A name may be anybody's, and a network has no bits beyond its length."""
        assert network_of(text) is None


class TestNeighbourhood:
    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("", ""),
            ("testclient", "testclient"),
        ],
    )
    def test_is_what_one_customer_has(self, address: str, expected: str) -> None:
        """An address, or the network that IPv6 gives to each."""
        assert neighbourhood(address) == expected
