"""Whole lists of members, uploaded, compared and downloaded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from pennon.errors import SourceLost
from pennon.model.members import MembersDelta
from pennon.origin.authors import operator
from pennon.origin.members import queries
from pennon.origin.members.bulk import write_members
from pennon.origin.members.downloading import csv_of
from pennon.origin.members.holding import Place, find_members_of
from pennon.origin.members.sweeping import KEPT_MS, sweep
from pennon.origin.members.uploading import AT_ONCE, Uploads
from pennon.origin.restoring import begin_anew
from pennon.web.endpoint import Upload
from pennon.web.etag import ANY
from pennon.web.problem import HttpError
from tests.builders.api import faults
from tests.builders.databases import a_database_url
from tests.builders.members import (
    MEMBERS,
    a_csv,
    an_external_segment,
    change,
    download,
    in_pieces,
    keys_of,
    many,
    upload,
)

NAME = "shop/production"


class TestUpload:
    async def test_replaces_all(self, tmp_path: Path) -> None:
        """What differs is told to followers key by key while it is little."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada", "bob", "cyd"])
            done = await upload(api, a_csv("dan,true", "bob,false", "ada,true"))
            last, page = await api.last_change(NAME), await api.get(MEMBERS)

        assert keys_of(page) == ["+ada", "-bob", "+dan"]
        assert done["first"] == {"added": ["dan"], "excluded": ["bob"], "removed": ["cyd"]}
        assert last.members == MembersDelta(
            generation=done["generation"], added=("dan",), excluded=("bob",), removed=("cyd",)
        )

    async def test_of_a_long_list_resets_what_followers_know(self, tmp_path: Path) -> None:
        """It is written aside, in steps, and put in the old one's place, which is swept away."""
        async with an_external_segment(tmp_path) as api:
            before = await change(api, add=["ada"])
            body = in_pieces(many(6_000).encode(), 10_000)
            done = await upload(api, body, media_type="text/plain")
            last, page = await api.last_change(NAME), await api.get(MEMBERS)
            await sweep(api.origin.database, api.clock() + KEPT_MS + 1)
            lists = (await api.everything())["member_lists"]
            rows = (await api.everything())["members"]

        assert done["changes"] == {"added": 6_000, "excluded": 0, "removed": 1}
        assert len(done["first"]["added"]) == 100
        assert last.members == MembersDelta(generation=before["generation"] + 1, reset=True)
        assert (page["included"], page["digest"]) == (6_000, done["digest"])
        assert (len(lists), len(rows)) == (1, 6_000)

    async def test_of_what_is_there_takes_no_version(self, tmp_path: Path) -> None:
        """A list that comes every night is a change on the nights on which it is one."""
        async with an_external_segment(tmp_path) as api:
            await upload(api, a_csv("ada,true", "bob,false"))
            before = await api.everything()
            again = await upload(api, a_csv("bob,false", "ada,true", "ada,true"))

            assert await api.everything() == before
        assert (again["propagation"], again["repeated"]) == (None, 1)

    async def test_rehearsed_says_what_it_would_change(self, tmp_path: Path) -> None:
        """Nothing is written, and the generation is the one that there is."""
        async with an_external_segment(tmp_path) as api:
            made = await change(api, add=["ada", "bob"])
            before = await api.everything()
            seen = await upload(api, many(2_000), media_type="text/plain", dry_run=True)

            assert await api.everything() == before
        assert seen["changes"] == {"added": 2_000, "excluded": 0, "removed": 2}
        assert (seen["dryRun"], seen["generation"]) == (True, made["generation"])

    async def test_has_the_digest_of_its_keys(self, tmp_path: Path) -> None:
        """Written as a whole or key by key, in whatever order."""
        async with an_external_segment(tmp_path) as api:
            whole = await upload(api, a_csv("zoë,true", "ada,true", "bob,false"))
            await upload(api, a_csv("eve,true"))
            await change(api, add=["ada"], exclude=["bob"])
            parts = await change(api, add=["zoë"], remove=["eve"])

        assert parts["digest"] == whole["digest"]

    async def test_names_the_line_that_is_wrong(self, tmp_path: Path) -> None:
        """Nothing is half written, however late in the list it is."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"])
            before = await api.everything()
            body = many(3_000) + "\0\n"
            problem = await upload(api, body, media_type="text/plain", status=400)

            assert await api.everything() == before
        assert faults(problem) == ["line 3001"]

    async def test_of_nothing_is_refused(self, tmp_path: Path) -> None:
        """It is a job that failed more often than a wish; members are deleted by who means it."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"])
            await upload(api, a_csv(), status=400)
            page = await api.get(MEMBERS)
            cleared = await api.ask("DELETE", MEMBERS, status=200, headers={"if-match": "*"})

        assert page["included"] == 1
        assert (cleared["included"], cleared["changes"]["removed"]) == (0, 1)

    async def test_asks_what_it_was_made_from(self, tmp_path: Path) -> None:
        """Two who upload do not overwrite each other in silence: the second is told."""
        async with an_external_segment(tmp_path) as api:
            tag = (await api.client.get(f"/api/v1{MEMBERS}")).headers["etag"]
            await upload(api, a_csv("ada,true"), if_match=tag)
            await upload(api, a_csv("bob,true"), if_match=tag, status=412)
            answer = await api.client.put(f"/api/v1{MEMBERS}", content=a_csv("bob,true"))
            page = await api.get(MEMBERS)

        assert keys_of(page) == ["+ada"]
        assert answer.status_code == 428

    async def test_notices_a_change_that_came_meanwhile(self, tmp_path: Path) -> None:
        """It is compared again with what is there by then, and is what is there in the end."""
        async with an_external_segment(tmp_path) as api:

            async def slow() -> AsyncIterator[bytes]:
                yield b"ada\n"
                await change(api, add=["bob"])
                yield b"cyd\n"

            done = await upload(api, slow(), media_type="text/plain")
            page = await api.get(MEMBERS)

        assert keys_of(page) == ["+ada", "+cyd"]
        assert done["first"] == {"added": ["ada", "cyd"], "excluded": [], "removed": ["bob"]}

    async def test_lets_others_change_members_while_it_comes(self, tmp_path: Path) -> None:
        """As long as nobody else uploads: an origin takes two at a time."""
        begun, go_on = asyncio.Semaphore(0), asyncio.Event()

        async def waiting() -> AsyncIterator[bytes]:
            yield b"ada\n"
            begun.release()
            await go_on.wait()

        async with an_external_segment(tmp_path) as api, asyncio.timeout(60):
            two = [
                asyncio.create_task(upload(api, waiting(), media_type="text/plain"))
                for _ in range(AT_ONCE)
            ]
            for _ in two:
                await begun.acquire()
            await change(api, add=["eve"])
            answer = await api.client.put(
                f"/api/v1{MEMBERS}",
                content=b"bob\n",
                headers={"content-type": "text/plain", "if-match": "*"},
            )
            go_on.set()
            await asyncio.gather(*two)
            page = await api.get(MEMBERS)

        assert keys_of(page) == ["+ada"]
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0

    async def test_that_falls_silent_is_given_up(self, tmp_path: Path) -> None:
        """Its turn is for others: the connection may be long gone."""

        async def falling_silent() -> AsyncIterator[bytes]:
            yield b"ada\n"
            await asyncio.Event().wait()

        place = Place("shop", "production", "vip")
        async with an_external_segment(tmp_path) as api:
            uploads = Uploads(api.origin, silence=0.01)
            for _ in range(AT_ONCE + 1):
                upload = Upload("text/plain", falling_silent())
                with pytest.raises(HttpError, match="Nothing of the list came"):
                    await uploads.take(place, upload, operator(None), ANY, dry_run=False)

    async def test_of_another_media_type_is_refused(self, tmp_path: Path) -> None:
        """A list is CSV, or a key a line."""
        async with an_external_segment(tmp_path) as api:
            await upload(api, "[]", media_type="application/json", status=415)


class TestRestoredDatabase:
    async def test_has_its_members_in_another_epoch(self, tmp_path: Path) -> None:
        """Who made a list from those that were there before looks again."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"])
            tag = (await api.client.get(f"/api/v1{MEMBERS}")).headers["etag"]
            await begin_anew(a_database_url(tmp_path), operator(None))
            page = await api.get(MEMBERS)
            await upload(api, a_csv("bob,true"), if_match=tag, status=412)

        assert keys_of(page) == ["+ada"]
        assert f'"{page["epoch"]}.{page["generation"]}"' != tag


class TestDownload:
    async def test_is_what_was_uploaded_in_order(self, tmp_path: Path) -> None:
        """Uploaded again it changes nothing, whatever stands in its keys."""
        keys = ['"quoted"', "a,b", "a-b", "aa", "zoë", "🙂"]
        async with an_external_segment(tmp_path) as api:
            await change(api, add=keys[:4], exclude=keys[4:])
            text = await download(api)
            again = await upload(api, text)

        assert text == a_csv(
            '"""quoted""",true', '"a,b",true', "a-b,true", "aa,true", "zoë,false", "🙂,false"
        )
        assert again["propagation"] is None

    async def test_is_whole_where_the_list_is_replaced_meanwhile(self, tmp_path: Path) -> None:
        """What was replaced is kept until who has begun it is through."""
        async with an_external_segment(tmp_path) as api:
            await upload(api, many(6_000), media_type="text/plain")
            url = f"/api/v1{MEMBERS}/download"
            async with api.client.stream("GET", url) as answer:
                pieces = answer.aiter_lines()
                lines = [await anext(pieces)]
                await upload(api, many(2_000, start=7_000), media_type="text/plain")
                await sweep(api.origin.database, api.clock())
                lines += [line async for line in pieces]

        assert lines[1:] == [f"{key},true" for key in many(6_000).split()]

    async def test_breaks_off_where_the_list_is_swept_away_meanwhile(self, tmp_path: Path) -> None:
        """Half a list is never taken for all of it."""
        async with an_external_segment(tmp_path) as api:
            await upload(api, many(12_000), media_type="text/plain")
            place = Place("shop", "production", "vip")
            held = await api.origin.read(partial(find_members_of, place=place))
            pieces = csv_of(api.origin, held)
            _, first = await anext(pieces), await anext(pieces)
            await upload(api, many(2_000, start=20_000), media_type="text/plain")
            api.clock.now += KEPT_MS + 1
            await sweep(api.origin.database, api.clock())
            with pytest.raises(SourceLost):
                await anext(pieces)

        assert first.count(b"\n") == 5_000


class TestList:
    async def test_is_paged_and_searched(self, tmp_path: Path) -> None:
        """In the order of code points, by a prefix, those in or those out."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["a%", "a-b", "aa", "b"], exclude=["ab"])
            pages = await api.pages(MEMBERS, 2)
            found = await api.get(MEMBERS, prefix="a", member="true")
            none = await api.get(MEMBERS, prefix="%")

        assert [len(page) for page in pages] == [2, 2, 1]
        assert keys_of(found) == ["+a%", "+a-b", "+aa"]
        assert (none["items"], none["included"]) == ([], 4)


class TestLookup:
    async def test_says_of_each_key_what_is_known(self, tmp_path: Path) -> None:
        """A viewer may ask."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"], exclude=["eve"])
            asked = {"keys": ["eve", "nobody", "ada"]}
            found = await api.post(f"{MEMBERS}/lookup", asked, 200)

        assert [one["membership"] for one in found["items"]] == ["out", "unlisted", "in"]

    async def test_of_keys_that_no_list_can_have(self, tmp_path: Path) -> None:
        """They are unlisted, on every database."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"])
            asked = {"keys": ["", "a\0b", "x" * 2_000, "ada"]}
            found = await api.post(f"{MEMBERS}/lookup", asked, 200)

        assert [one["membership"] for one in found["items"]] == [*["unlisted"] * 3, "in"]


class TestLeftOver:
    @pytest.mark.parametrize("age", [0, KEPT_MS + 1], ids=["young", "old"])
    async def test_is_removed_once_it_is_old(self, tmp_path: Path, age: int) -> None:
        """An origin that died while it wrote a list leaves it; another may still be at it."""
        async with an_external_segment(tmp_path) as api:
            now = api.clock()
            await api.origin.database.write(
                lambda connection: queries.add_list(connection, 1, NAME, "vip", now)
            )
            rows = [(f"user-{number}", True) for number in range(10)]
            await api.origin.database.write(lambda c: write_members(c, 1, rows))
            await sweep(api.origin.database, now + age)
            left = (await api.everything())["members"]

        assert len(left) == (0 if age else 10)
