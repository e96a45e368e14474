"""The replicas of a client, which no process that is forked off sees half written."""

from __future__ import annotations

import threading

from pennon.model.messages import Message
from pennon.relay.replica import Verdict
from pennon.relay.replicas import Replicas


class Written(Replicas):
    """Replicas that take a message under the lock *writing*, which who forks has."""

    def __init__(self, writing: threading.Lock) -> None:
        super().__init__()
        self._writing = writing

    def take(self, message: Message) -> Verdict:
        with self._writing:
            return super().take(message)
