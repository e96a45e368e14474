# type: ignore
# ^ its packages are in an environment of its own
"""
What people would write: FastAPI, pydantic, and a loop over the rules.

    python plain.py SHAPES PORT
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

KEY = "Bearer secret"
FLAGS = {flag["key"]: flag for flag in json.loads(Path(sys.argv[1]).read_text())}
app = FastAPI()


class Asked(BaseModel):
    context: dict[str, Any] = {}


class Told(BaseModel):
    key: str
    value: bool
    variant: str
    reason: str
    metadata: dict[str, str] = {}


class AllTold(BaseModel):
    flags: list[Told]


@app.post("/ofrep/v1/evaluate/flags/{key}")
async def one(key: str, asked: Asked, authorization: Annotated[str, Header()]) -> Told:
    check(authorization)
    if key not in FLAGS:
        raise HTTPException(404)
    return evaluate(FLAGS[key], asked.context)


@app.post("/ofrep/v1/evaluate/flags")
async def every(asked: Asked, authorization: Annotated[str, Header()]) -> AllTold:
    check(authorization)
    return AllTold(flags=[evaluate(flag, asked.context) for flag in FLAGS.values()])


def check(authorization):
    if authorization != KEY:
        raise HTTPException(401)


def evaluate(flag, context):
    value, reason = serve(flag, context)
    variant = "on" if value else "off"
    metadata = {"flagSetId": "shop/production"}
    return Told(key=flag["key"], value=value, variant=variant, reason=reason, metadata=metadata)


def serve(flag, context):
    if not flag["enabled"]:
        return False, "DISABLED"
    for rule in flag["rules"]:
        if all(context.get(attribute) in values for attribute, values in rule):
            return True, "TARGETING_MATCH"
    if flag["share"] in (0, 100):
        return flag["share"] == 100, "DEFAULT"
    hashed = hashlib.sha1(f"{flag['key']}.{context['targetingKey']}".encode()).hexdigest()
    return int(hashed[:15], 16) / 0xFFFFFFFFFFFFFFF * 100 < flag["share"], "SPLIT"


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")
