"""The origin's database: the seam, the tables, the migrations."""

from pennon.origin.db.database import Database
from pennon.origin.db.migrating import migrate
from pennon.origin.db.schema import WrongSchema

__all__ = ["Database", "WrongSchema", "migrate"]
