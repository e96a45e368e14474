"""What a node serves that evaluates, as an edge or beside an origin."""

from __future__ import annotations

from pennon.edge.ofrep import Counter, OfrepEndpoints
from pennon.edge.rulesets import Rulesets
from pennon.edge.scope import Scopes
from pennon.relay.follower import Follower
from pennon.web.auth import Keys
from pennon.web.browser_settings import BrowserSettings
from pennon.web.cors import CrossOrigin
from pennon.web.data_plane import Routed


class Evaluating:
    """Answers from the rulesets of *follower*; `parts` are its routes, which pages may ask too."""

    def __init__(
        self,
        follower: Follower,
        keys: Keys,
        settings: BrowserSettings,
        counter: Counter | None = None,
    ) -> None:
        self.scopes = Scopes(follower, keys, Rulesets(follower.replicas))
        self.parts: tuple[Routed, ...] = (
            CrossOrigin(OfrepEndpoints(self.scopes, counter), settings.pages),
        )
