"""
Who asks, where proxies stand between: the address that a trusted one tells, else the peer's.

Anybody can write any header. So only what the peer says is believed, if it is a proxy of ours,
and then what the proxy before it said, from the last entry to the first, up to one that is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from pennon.web.handler import Request

LOOPBACK: Final = ("127.0.0.0/8", "::1")
FORWARDED_FOR: Final = "x-forwarded-for"
FORWARDED: Final = "forwarded"

_MOST_REMEMBERED: Final = 16_384
_MOST_HOPS: Final = 32
_FOR: Final = re.compile(r'(?:^|[;,])\s*for\s*=\s*(?:"([^"]*)"|([^\s;,"]*))', re.IGNORECASE)
_WITH_PORT: Final = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d+)?|(?P<v4>[\d.]+)(?::\d+)?")


class Proxies:
    """The proxies that are believed, by address or network; *header* is the one that they write."""

    def __init__(self, trusted: Iterable[str] = LOOPBACK, header: str = FORWARDED_FOR) -> None:
        self._networks = [ip_network(each) for each in trusted]
        self._header = header
        # Of a flood of addresses each is asked about many times, by request and by connection.
        self.trusts = lru_cache(_MOST_REMEMBERED)(self._trusts)

    def address_of(self, request: Request) -> str:
        """Return the address of whoever sent *request*, as far as it can be known."""
        address = request.client
        if self.trusts(address) and (told := request.headers.get(self._header)):
            for hop in reversed(_hops(told, self._header)[-_MOST_HOPS:]):
                named = _plain(hop)
                if named is None:
                    break
                address = named
                if not self.trusts(address):
                    break
        return address

    def _trusts(self, address: str) -> bool:
        """Return whether *address* is that of a proxy of ours."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
            parsed = parsed.ipv4_mapped
        return any(parsed in network for network in self._networks)


@lru_cache(_MOST_REMEMBERED)
def neighbourhood(address: str) -> str:
    """Return who is taken for one: an IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return address


def network_of(text: str) -> IPv4Network | IPv6Network | None:
    """Return the network that *text* names, a single address or a CIDR; None for anything else."""
    try:
        return ip_network(text)
    except ValueError:
        return None


def _hops(told: str, header: str) -> list[str]:
    if header == FORWARDED_FOR:
        return told.split(",")
    return [quoted or plain for quoted, plain in _FOR.findall(told)]


def _plain(hop: str) -> str | None:
    """Return the address of a hop without its port, or None where it names no address."""
    hop = hop.strip()
    if match := _WITH_PORT.fullmatch(hop):
        hop = match["v6"] or match["v4"]
    try:
        return str(ip_address(hop))
    except ValueError:
        return None
