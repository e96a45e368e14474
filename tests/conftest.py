"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A machine under load takes long to draw an example and to run a case: that says nothing.
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("pennon", SLOW)
settings.load_profile("pennon")
