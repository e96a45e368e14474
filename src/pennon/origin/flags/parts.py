"""A flag's two parts, as they are stored, and the wire's flag that they make together. Pure."""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET, UnsetType, json

from pennon.model.flag import Flag, FlagType
from pennon.model.strict import Serve, Variation
from pennon.origin.flags.schemas import Definition, Outline, Targeting
from pennon.origin.schemas import search_text

encode = json.Encoder(order="deterministic").encode
decode_definition = json.Decoder(Definition).decode
decode_targeting = json.Decoder(Targeting).decode

OFF_AND_ON: Final = (Variation(name="off", value=False), Variation(name="on", value=True))
"""The variations of a boolean flag for which none are given."""


def flag_of(
    key: str, type: FlagType, salt: str, definition: Definition, targeting: Targeting
) -> Flag:
    """Return the flag that an environment evaluates; the changelog gives it its version."""
    return Flag(
        key=key,
        type=type,
        enabled=targeting.enabled,
        variations=definition.variations,
        off=targeting.off,
        requires=targeting.requires,
        targets=targeting.targets,
        rules=targeting.rules,
        default=targeting.default,
        salt=salt,
        client_side=definition.client_side,
        track=targeting.track,
        metadata=definition.metadata,
    )


def definition_columns(
    key: str, definition: Definition, opening: Targeting, now: int
) -> dict[str, Any]:
    """Return the columns that hold a definition, and what is searched by."""
    return {
        "document": encode(definition),
        "opening": encode(opening),
        "archived": definition.archived,
        "owner": definition.owner,
        "temporary": definition.temporary,
        "search": search_text(
            key, definition.name, definition.description, definition.owner, *definition.tags
        ),
        "updated_at": now,
    }


def targeting_columns(targeting: Targeting) -> dict[str, Any]:
    """Return the columns that hold a targeting: the whole of it, and what is searched by."""
    return {"document": encode(targeting), "enabled": targeting.enabled}


def definition_of(new: Outline) -> Definition:
    """Return the definition that a new flag starts with."""
    variations = new.variations
    if not variations and new.type == "boolean":
        variations = OFF_AND_ON
    return Definition(
        name=new.name,
        description=new.description,
        tags=new.tags,
        owner=new.owner,
        temporary=new.temporary,
        variations=variations,
        client_side=new.client_side,
        metadata=new.metadata,
    )


def opening_of(
    definition: Definition,
    off: str | UnsetType | None = UNSET,
    default: Serve | UnsetType = UNSET,
) -> Targeting:
    """
    Return the targeting that a flag starts with in every environment: switched off.

    Where *off* and *default* are not given, a boolean flag has false while off and true when
    on, and any other flag its first variation for both.
    """
    if off is UNSET:
        off = _variation_with(definition, False)
    if default is UNSET:
        default = Serve(variation=_variation_with(definition, True))
    return Targeting(enabled=False, off=off, default=default)


def _variation_with(definition: Definition, value: bool) -> str | None:
    """Return the variation with a boolean value, else the first, else none."""
    names = [one.name for one in definition.variations]
    exact = [one.name for one in definition.variations if one.value is value]
    return next(iter(exact + names), None)
