"""
A link that loses packets for real: two network namespaces and a small relay between them.

Needs Linux, root and iproute2. The kernel's own TCP feels delay and loss, with its own timers;
the queue that does this in a kernel (netem) is not in every kernel, two TUN devices are.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
from random import Random
from typing import Final

from pennon.errors import BadInput
from pennon.simulate.scenario import Conditions

_TUNSETIFF: Final = 0x400454CA
_IFF_TUN_NO_PI: Final = 0x0001 | 0x1000
_CLONE_NEWNET: Final = 0x4000_0000
_NEEDED: Final = "expected Linux, root, /dev/net/tun and iproute2"
_PACKET: Final = 65_535
_IN_FLIGHT: Final = 10_000
MOST_LINKS: Final = 60
"""What fits into the block of addresses that is set aside for documentation, four to a link."""


def can_carry_packets() -> bool:
    """Return whether this machine lets this process make namespaces and devices."""
    return os.geteuid() == 0 and os.path.exists("/dev/net/tun") and shutil.which("ip") is not None


def leave_the_network() -> None:
    """Put this process and those that it starts into a network of their own, loopback up."""
    if not can_carry_packets():
        raise BadInput.at("--packets", _NEEDED)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET):
        raise BadInput.at("--packets", os.strerror(ctypes.get_errno()))
    subprocess.run(("ip", "link", "set", "lo", "up"), check=True)


class PacketLink:
    """
    A namespace whose only way out is a link with *conditions* to port *port* of this one.

    What runs under `prefix` is on the far side.
    """

    def __init__(self, number: int, port: int, conditions: Conditions, random: Random) -> None:
        if not 0 <= number < MOST_LINKS:
            raise BadInput.at("--packets", f"expected at most {MOST_LINKS} regions with a link")
        self.conditions = conditions
        self._random = random
        self._silent = False
        self._namespace = f"pennon-{os.getpid()}-{number}"
        self._devices = tuple(f"pn{os.getpid() % 1_000_000}-{number}{side}" for side in "ab")
        self._near, self._far = (f"192.0.2.{4 * number + side}" for side in (1, 2))
        self.url = f"http://{self._near}:{port}"
        self.prefix = ("ip", "netns", "exec", self._namespace)
        self._ends: list[int] = []
        self._due = [0.0, 0.0]
        self._flying = 0
        self.lost = 0
        """Packets that never arrived."""

    async def start(self) -> None:
        """Make the namespace and both devices, and begin to relay."""
        await _ip("netns", "add", self._namespace)
        self._ends = [_open_tun(device) for device in self._devices]
        near, far = self._devices
        inside = ("netns", "exec", self._namespace, "ip")
        await _ip("link", "set", far, "netns", self._namespace)
        await _ip("addr", "add", self._near, "peer", self._far, "dev", near)
        await _ip("link", "set", near, "up")
        await _ip(*inside, "addr", "add", self._far, "peer", self._near, "dev", far)
        await _ip(*inside, "link", "set", far, "up")
        await _ip(*inside, "link", "set", "lo", "up")
        loop = asyncio.get_running_loop()
        for way in (0, 1):
            loop.add_reader(self._ends[way], self._read, way)

    async def stop(self) -> None:
        """Take devices and namespace away."""
        loop = asyncio.get_running_loop()
        for end in self._ends:
            loop.remove_reader(end)
            os.close(end)
        self._ends = []
        await _ip("netns", "delete", self._namespace)

    def partition(self, on: bool) -> None:
        """Lose every packet while *on*."""
        self._silent = on

    def cut(self, on: bool) -> None:
        """Lose every packet while *on*: what carries packets closes no connection."""
        self.partition(on)

    def _read(self, way: int) -> None:
        """Take a packet that left one side and let it fly to the other."""
        packet = os.read(self._ends[way], _PACKET)
        here = self.conditions
        if self._silent or self._flying >= _IN_FLIGHT or self._random.random() < here.loss:
            self.lost += 1
            return
        loop = asyncio.get_running_loop()
        takes = (here.delay_ms + here.jitter_ms * self._random.random()) / 1000
        # In order, as on one path: packets that overtake each other are lost ones to TCP.
        self._due[way] = max(self._due[way], loop.time() + takes)
        self._flying += 1
        loop.call_at(self._due[way], self._land, 1 - way, packet)

    def _land(self, way: int, packet: bytes) -> None:
        self._flying -= 1
        if self._ends and not self._silent:
            os.write(self._ends[way], packet)


def _open_tun(device: str) -> int:
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH", device.encode(), _IFF_TUN_NO_PI))
    return end


async def _ip(*words: str) -> None:
    process = await asyncio.create_subprocess_exec("ip", *words, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    if process.returncode:
        raise BadInput.at("--packets", f"ip {' '.join(words)}: {said.decode().strip()}")
