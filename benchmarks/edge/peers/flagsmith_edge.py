# type: ignore
# ^ its packages are in an environment of its own
"""
Flagsmith's published packages, asked as its edge proxy asks them.

    python flagsmith_edge.py SHAPES PORT

The proxy itself comes as an image for containers and in no package. As it does, this maps the
environment's document for each request and then evaluates every flag of it. Where one flag is
asked for, the environment has no other: that is kinder than the proxy, which has no such question.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import uvicorn
from fastapi import FastAPI, Header, HTTPException, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from flag_engine.engine import get_evaluation_result
from flagsmith import mappers
from pydantic import BaseModel

SHAPES = json.loads(Path(sys.argv[1]).read_text())
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
app.add_middleware(GZipMiddleware, minimum_size=1000)


class Trait(BaseModel):
    trait_key: str
    trait_value: Any


class Identity(BaseModel):
    identifier: str
    traits: list[Trait] = []


def document_of(shapes):
    """Return an environment's document: each rule is a segment that turns its feature on."""
    states, segments = [], []
    for number, shape in enumerate(shapes):
        states.append(state_of(number, shape, enabled=shape["enabled"] and shape["share"] == 100))
        rules = [
            [condition(attribute, "IN", ",".join(values)) for attribute, values in rule]
            for rule in shape["rules"]
        ]
        if 0 < shape["share"] < 100:
            rules.append([condition("", "PERCENTAGE_SPLIT", str(shape["share"]))])
        for conditions in rules if shape["enabled"] else ():
            override = state_of(number, shape, enabled=True)
            one_of = {"type": "ANY", "conditions": [], "rules": []}
            parts = [{**one_of, "conditions": [each]} for each in conditions]
            segments.append(
                {
                    "id": len(segments),
                    "name": f"{shape['key']} {len(segments)}",
                    "rules": [{"type": "ALL", "conditions": [], "rules": parts}],
                    "feature_states": [
                        {**override, "feature_segment": {"priority": len(segments)}}
                    ],
                }
            )
    return {
        "api_key": "shop",
        "name": "shop",
        "feature_states": states,
        "project": {"segments": segments},
    }


def state_of(number, shape, *, enabled):
    feature = {"id": number, "name": shape["key"], "type": "STANDARD"}
    return {
        "django_id": number + 1,
        "enabled": enabled,
        "feature": feature,
        "feature_state_value": None,
        "multivariate_feature_state_values": [],
    }


def condition(attribute, operator, value):
    return {"property_": attribute, "operator": operator, "value": value}


ONE, ALL = document_of(SHAPES[:1]), document_of(SHAPES)


@app.post("/api/v1/one/")
async def one(identity: Identity, x_environment_key: Annotated[str, Header()]):
    return answer(ONE, identity, x_environment_key)


@app.post("/api/v1/identities/")
async def identities(identity: Identity, x_environment_key: Annotated[str, Header()]):
    return answer(ALL, identity, x_environment_key)


def answer(document, identity, key):
    if key != "secret":
        raise HTTPException(401)
    traits = {trait.trait_key: trait.trait_value for trait in identity.traits}
    context = mappers.map_context_and_identity_data_to_context(
        mappers.map_environment_document_to_context(document), identity.identifier, traits
    )
    flags = [
        {
            "feature": {"id": flag["metadata"]["id"], "name": flag["name"], "type": "STANDARD"},
            "enabled": flag["enabled"],
            "feature_state_value": flag["value"],
        }
        for flag in get_evaluation_result(context)["flags"].values()
    ]
    told = [{"trait_key": name, "trait_value": value} for name, value in traits.items()]
    return Response(orjson.dumps({"flags": flags, "traits": told}), media_type="application/json")


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")
