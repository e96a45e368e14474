"""Exposures and custom events, as the management API shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.builders.api import PRODUCTION, Api, a_new_flag, a_shop, faults
from tests.builders.events import a_custom_event, a_parcel, a_telling, an_exposure
from tests.builders.origin import NOON

PATH = f"{PRODUCTION}/events"
EXPOSURES = f"{PRODUCTION}/flags/checkout/exposures"

FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"kind": "exposure"}, ["checkout", "checkout", "search"]),
    ({"kind": "custom"}, ["purchase", "shown", "shown"]),
    ({"flag": "search"}, ["search"]),
    ({"name": "shown"}, ["shown", "shown"]),
    ({"unit": "user:bob"}, ["shown", "checkout", "search"]),
    ({"unit": "org:acme"}, ["shown"]),
    ({"unit": "user:bob", "flag": "checkout"}, ["checkout"]),
    ({"unit": "user:nobody"}, []),
    ({"flag": "search", "kind": "custom"}, []),
]
BAD: list[tuple[dict[str, Any], str]] = [
    ({"cursor": "nonsense"}, "?cursor"),
    ({"cursor": "MTIz"}, "?cursor"),
    ({"unit": "ada"}, "?unit"),
    ({"kind": "surprise"}, "?kind"),
    ({"flag": "f", "name": "n"}, "?name"),
    ({"limit": 0}, "?limit"),
]


async def told(api: Api) -> None:
    """Have ada and bob tell of a few things, a minute apart."""
    times = [NOON - n * 60_000 for n in range(6)]
    parcel = a_parcel(
        a_custom_event("purchase", at=times[0], value=9.5, currency="EUR"),
        a_custom_event("shown", at=times[2], units={"user": "bob", "org": "acme"}),
        a_custom_event("shown", at=times[4], units={}),
    )
    seen = (
        an_exposure("ada", at=times[1], rule="r1"),
        an_exposure("bob", at=times[3], version=4),
        an_exposure("bob", flag="search", at=times[5]),
    )
    await api.origin.intake.take(a_telling(parcel, exposures=seen))


def shown(page: list[dict[str, Any]]) -> list[str]:
    return [one["flag"] or one["name"] for one in page]


class TestList:
    async def test_newest_first(self, tmp_path: Path) -> None:
        """Both kinds are in one list, each with what it has."""
        async with a_shop(tmp_path, a_new_flag(), a_new_flag("search")) as api:
            await told(api)
            items = (await api.get(PATH))["items"]

        assert shown(items) == ["purchase", "checkout", "shown", "checkout", "shown", "search"]
        assert items[0] == {
            "kind": "custom",
            "at": "2026-11-22T12:00:00Z",
            "units": {"user": "ada"},
            "flag": None,
            "variation": None,
            "version": None,
            "ruleId": None,
            "name": "purchase",
            "value": 9.5,
            "properties": {"currency": "EUR"},
        }
        assert (items[1]["variation"], items[1]["version"], items[1]["ruleId"]) == ("on", 1, "r1")
        assert items[2]["units"] == {"user": "bob", "org": "acme"}

    async def test_pages(self, tmp_path: Path) -> None:
        """Pages hold everything once, also where many are of one moment."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            events = [a_custom_event(str(n)) for n in range(4)]
            seen = tuple(an_exposure(str(n)) for n in range(5))
            await api.origin.intake.take(a_telling(a_parcel(*events), exposures=seen))
            lists = [await api.pages(PATH, limit) for limit in (1, 2, 4)]

        for pages in lists:
            found = [(*one["units"].items(), one["name"]) for page in pages for one in page]
            assert len(found) == len(set(found)) == 9

    async def test_filters(self, tmp_path: Path) -> None:
        """What is asked for is meant all together."""
        async with a_shop(tmp_path, a_new_flag(), a_new_flag("search")) as api:
            await told(api)
            found = [shown((await api.get(PATH, **query))["items"]) for query, _ in FILTERS]

        assert found == [expected for _, expected in FILTERS]

    async def test_bad_query(self, tmp_path: Path) -> None:
        """A query that makes no sense is told so."""
        async with a_shop(tmp_path) as api:
            found = [faults(await api.get(PATH, status=400, **query)) for query, _ in BAD]

        assert found == [[path] for _, path in BAD]

    async def test_who_may(self, tmp_path: Path) -> None:
        """Events are about people: a viewer sees how many, and not who."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            new = {"name": "v", "role": "viewer", "scope": ["shop"]}
            token = (await api.post("/tokens", new))["secret"]
            headers = {"authorization": f"Bearer {token}"}

            await api.ask("GET", PATH, status=403, headers=headers)
            await api.ask("GET", EXPOSURES, status=200, headers=headers)


class TestExposures:
    async def test_units(self, tmp_path: Path) -> None:
        """Units are counted, not how often they were seen; who saw several is told apart."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.origin.intake.take(
                a_telling(
                    exposures=(
                        *(an_exposure(str(n)) for n in range(5)),
                        *(an_exposure(str(n), version=2) for n in range(5)),
                        an_exposure("0", "off"),
                        an_exposure("x", "off"),
                    )
                )
            )
            answer = await api.get(EXPOSURES)

        assert answer["variations"] == [
            {"variation": "on", "units": 5},
            {"variation": "off", "units": 2},
        ]
        assert answer["inSeveral"] == 1

    async def test_span(self, tmp_path: Path) -> None:
        """Only what was in the time that is asked for."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            seen = (an_exposure("a", at=NOON - 1), an_exposure("b"))
            await api.origin.intake.take(a_telling(exposures=seen))
            query = {"from": "2026-11-22T12:00:00Z", "to": "2026-11-22T12:00:01Z"}
            answer = await api.ask("GET", EXPOSURES, status=200, params=query)
            await api.ask("GET", EXPOSURES, status=400, params={**query, "to": query["from"]})

        assert answer["variations"] == [{"variation": "on", "units": 1}]

    async def test_not_found(self, tmp_path: Path) -> None:
        """A flag that there is not exposes nobody."""
        async with a_shop(tmp_path) as api:
            await api.get(EXPOSURES, status=404)
