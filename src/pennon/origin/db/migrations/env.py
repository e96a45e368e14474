"""How Alembic runs our migrations: on the connection, and in the transaction, that it is given."""

from alembic import context
from sqlalchemy import Table, event

from pennon.origin.db.collation import order_by_code_point

context.configure(connection=context.config.attributes["connection"])
event.listen(Table, "before_create", order_by_code_point)
try:
    context.run_migrations()
finally:
    event.remove(Table, "before_create", order_by_code_point)
