"""The groups of a node: one for each context that somebody streams for."""

from __future__ import annotations

from pennon.edge.client_stream.group import Group, Watcher
from pennon.edge.client_stream.view import View
from pennon.edge.counting import Counter
from pennon.edge.impacts import Impacts
from pennon.edge.rulesets import Rulesets
from pennon.edge.scope import ClientSide
from pennon.evaluation.served_state import name_of
from pennon.model.context import Context
from pennon.relay.membership import MembershipCache
from pennon.relay.replica import Replica


class Groups:
    """Finds the group of a context; it lasts as long as a stream is in it."""

    def __init__(
        self,
        rulesets: Rulesets,
        impacts: Impacts,
        members: MembershipCache,
        counter: Counter | None,
    ) -> None:
        self._rulesets, self._impacts = rulesets, impacts
        self._members, self._counter = members, counter
        self._views: dict[tuple[str, ClientSide], View] = {}
        self._groups: dict[bytes, Group] = {}

    def __len__(self) -> int:
        return len(self._groups)

    def find(self, replica: Replica, side: ClientSide, context: Context) -> Group:
        """Return the group of *context*; a new one, where there is none, lasts once joined."""
        name = name_of(replica.environment, side, context)
        group = self._groups.get(name)
        if group is not None and group.view.replica is replica:
            return group
        return Group(self._view(replica, side), name, context)

    def join(self, group: Group) -> Group:
        """Have a stream in *group*, or in the one that others have joined for the same."""
        found = self._groups.get(group.name)
        if found is None or found.view.replica is not group.view.replica:
            found = self._groups[group.name] = group
        found.streams += 1
        return found

    def leave(self, group: Group, watcher: Watcher) -> None:
        """Have a stream less in *group*, which may have watched it."""
        group.streams -= 1
        group.watchers.pop(watcher, None)
        if not group.streams and self._groups.get(group.name) is group:
            del self._groups[group.name]

    def _view(self, replica: Replica, side: ClientSide) -> View:
        view = self._views.get((replica.environment, side))
        if view is None or view.replica is not replica:
            for gone in [key for key, one in self._views.items() if one.replica.forgotten]:
                del self._views[gone]
            view = View(replica, side, self._rulesets, self._impacts, self._members, self._counter)
            self._views[replica.environment, side] = view
        return view
