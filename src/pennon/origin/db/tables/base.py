"""What tables have in common: the metadata that names their constraints, and some columns."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, MetaData, String

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

ZERO_DIGEST = "0" * 32


def project() -> Column[str]:
    """Return the column of what belongs to a project."""
    return Column("project", String(64), ForeignKey("projects.key"), nullable=False)


def environment() -> Column[str]:
    """Return the column of what belongs to an environment."""
    return Column(
        "environment", String(129), ForeignKey("environments.environment"), nullable=False
    )


def times() -> tuple[Column[int], Column[int]]:
    """Return the columns of what says when it was created and when it last changed."""
    return (
        Column("created_at", BigInteger, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
    )
