"""A circuit: nobody waits for who did not answer, and somebody looks whether he does again."""

from __future__ import annotations

from pennon.relay.circuit import Circuit
from tests.builders.relay import Clock


class TestCircuit:
    def test_closed(self) -> None:
        """Until something fails everybody may ask."""
        circuit = Circuit(Clock(), lambda: 0.0)

        assert circuit.may_try()
        assert circuit.may_try()
        assert not circuit.is_open

    def test_open(self) -> None:
        """After a failure one may look after a pause, and the next after a longer one."""
        clock = Clock()
        circuit = Circuit(clock, lambda: 1.0, first=1.0, most=3.0)
        circuit.failed()
        allowed = []
        for second in range(10):
            clock.now = second
            allowed.append([circuit.may_try(), circuit.may_try()])

        assert circuit.is_open
        assert [second for second, (first, _) in enumerate(allowed) if first] == [1, 3, 6, 9]
        assert not any(again for _, again in allowed)

    def test_many_at_once(self) -> None:
        """Many who waited for the same answer are one failure."""
        clock = Clock()
        circuit = Circuit(clock, lambda: 1.0, first=1.0)
        for _ in range(8):
            circuit.failed()
        clock.now = 1.0

        assert circuit.may_try()

    def test_spread(self) -> None:
        """The pause differs by up to a half, so that those who failed together look apart."""
        clock = Clock()
        circuit = Circuit(clock, lambda: 0.0, first=1.0)
        circuit.failed()
        clock.now = 0.5

        assert circuit.may_try()

    def test_closed_again(self) -> None:
        """An answer closes it, and the pauses begin anew."""
        clock = Clock()
        circuit = Circuit(clock, lambda: 1.0, first=1.0)
        circuit.failed()
        circuit.failed()
        circuit.worked()
        assert not circuit.is_open

        circuit.failed()
        clock.now = 1.0
        assert circuit.may_try()

    def test_another(self) -> None:
        """Whoever is asked instead has not failed yet."""
        asked = ["one"]
        circuit = Circuit(Clock(), lambda: 1.0, whom=lambda: asked[0])
        circuit.failed()
        asked[0] = "two"

        assert not circuit.is_open
        assert circuit.may_try()
