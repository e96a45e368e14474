"""
Conversion between our flag model and that of the LaunchDarkly-compatible SDKs.

Pure functions over our Structs and their JSON. A conversion is exact or it is refused, with the
path and the reason; `docs/decisions/0050-exact-or-refused.md` names what no conversion can guard.
"""

from __future__ import annotations

from pennon.compat.launchdarkly.export_environment import Exported, export_environment
from pennon.compat.launchdarkly.import_environment import Imported, import_environment

__all__ = ["Exported", "Imported", "export_environment", "import_environment"]
