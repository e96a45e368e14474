"""What a request may evaluate: one environment, and the flags that its key may see."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from pennon.edge.once_open import OnceOpen
from pennon.edge.rulesets import Rulesets
from pennon.errors import BadInput, Forbidden, NotFound, NotReady
from pennon.evaluation.ruleset import Ruleset
from pennon.model.access import AccessKey
from pennon.relay.follower import Follower
from pennon.web.admission import Admission
from pennon.web.admission_settings import AdmissionSettings
from pennon.web.auth import Keys
from pennon.web.handler import Request

ENVIRONMENT_HEADER = "x-pennon-environment"

ClientSide = Literal["web", "mobile"]
NO_ROOM_SECONDS: Final = 15.0
"""When to come back who may not follow: meanwhile it can ask for its flags."""


class Scope(Struct, frozen=True, gc=False):
    """The environment of a request, its ruleset, and who asks (`client_side` None: a server)."""

    environment: str
    ruleset: Ruleset
    client_side: ClientSide | None
    position: str
    stale_ms: int | None
    key: AccessKey

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers that say how current the answer is."""
        version = ("x-pennon-version", self.position)
        if self.stale_ms is None:
            return (version,)
        return (version, ("x-pennon-stale", str(self.stale_ms)))


class Scopes:
    """Finds the scope of a request from its key."""

    def __init__(
        self,
        follower: Follower,
        keys: Keys,
        rulesets: Rulesets,
        admission: Admission | None = None,
    ) -> None:
        self._follower, self._keys, self._rulesets = follower, keys, rulesets
        self._admission = admission or Admission(AdmissionSettings())
        self._note = follower.on_demand.working_set.ask if follower.on_demand else None
        self.once_open = OnceOpen(follower.replicas, keys.access)

    def of(self, request: Request, *, evaluates: bool = True) -> Scope:
        """
        Return what *request* may evaluate; where it *evaluates* nothing, its body is no context.

        A key that opens one environment names it; any other key needs the header
        ``X-Pennon-Environment``. Raises Unauthenticated, TooManyRequests, Forbidden, NotFound,
        NotReady, BadInput; BeingOpened, which `once_open` can wait for, when the environment was
        not in memory.
        """
        key = self._keys.holder(request)
        self._admission.admit(request, key)
        if evaluates:
            self._admission.measure(request)
        if key.kind == "relay":
            raise Forbidden("Expected a server, client or mobile key, got a relay key.")
        return self._scope(self._environment(request, key), key)

    def open(self, environment: str) -> None:
        """Have an environment opened that is asked for and not here; see `Follower.open`."""
        self._follower.open(environment)

    def require_hold(self, environment: str) -> None:
        """Raise NotReady where pages may not follow what is here; see `Follower.may_hold`."""
        if not self._follower.may_hold(environment):
            raise NotReady(f"There is no room here to follow {environment}.", NO_ROOM_SECONDS)

    def renew(self, scope: Scope) -> Scope:
        """Return *scope* as it is now, after a wait. Raises NotFound and NotReady."""
        return self._scope(scope.environment, scope.key)

    def _scope(self, environment: str, key: AccessKey) -> Scope:
        ruleset = self._rulesets.get(environment)
        replica = self._follower.replicas.get(environment)
        if ruleset is None or replica is None or replica.position is None:
            if environment not in self._keys.access.environments:
                raise NotFound("environment", environment)
            self._follower.open(environment)
            raise NotReady(f"{environment} is not loaded here yet.")
        if self._note is not None:
            self._note(environment)
        return Scope(
            environment=environment,
            ruleset=ruleset,
            client_side=CLIENT_SIDE.get(key.kind),
            position=str(replica.position),
            stale_ms=self._follower.freshness.stale_ms(environment),
            key=key,
        )

    def _environment(self, request: Request, key: AccessKey) -> str:
        named = request.headers.get(ENVIRONMENT_HEADER)
        if named is None:
            if key.environments != "*" and len(key.environments) == 1:
                return key.environments[0]
            raise BadInput.at(
                "X-Pennon-Environment",
                "expected an environment such as 'shop/production', since the key opens several",
            )
        named = named.strip()
        if not self._keys.access.allows(key, named):
            raise Forbidden("The key does not open that environment.")
        return named


CLIENT_SIDE: dict[str, ClientSide] = {"client": "web", "mobile": "mobile"}
"""What keys see that run where users can read them; any other kind of key sees every flag."""
