"""Bytes in, typed objects out, and back."""

from __future__ import annotations

import json
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from pennon.errors import BadInput
from pennon.model.codec import (
    EVENT_OF_KIND,
    decode,
    decode_change,
    decode_flag,
    decode_goodbye,
    decode_heartbeat,
    decode_snapshot,
    digest_of,
    encode_item,
    encode_snapshot,
    format_digest,
    item_hash,
    make_change,
)
from pennon.model.flag import Flag, Serve, Variation
from pennon.model.members import MembersDelta
from pennon.model.messages import ITEM_KINDS, Applied, ItemId, ItemKind
from pennon.model.position import ACCESS
from tests.builders.relay import SHOP, a_change, a_position, a_snapshot, an_epoch, some_flags


class Keyed(Struct):
    """Something whose keys are to be of a form."""

    name: str
    flags: dict[Annotated[str, Meta(pattern="^[a-z]+$")], int]


ODD_ITEMS = [
    b'{ "key" :\t"odd" }',
    b'{\n  "key": "pretty"\n}',
    b'{"n":1.0}',
    b'{"n":1}',
    b'{"n":1e2,"m":-0,"big":123456789012345678901234567890}',
    rb'{"e":"\u00e9\/\n"}',
    '{"e":"é\u2028😀"}'.encode(),
    b'{"twice":1,"twice":2}',
    b"null",
    b"[]",
]


class TestChanges:
    @pytest.mark.parametrize("item", ODD_ITEMS)
    def test_byte_for_byte(self, item: bytes) -> None:
        """An item's bytes arrive as they were, whatever their JSON looks like."""
        change = a_change(7, "odd", item)

        assert decode_change("flag_update", change.data) == change

    @given(
        st.recursive(
            st.none()
            | st.booleans()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(),
            st.lists,
        )
    )
    def test_any_json(self, value: object) -> None:
        """Any JSON may be an item."""
        item = json.dumps(value).encode()

        assert decode_change("flag_update", a_change(1, "any", item).data).item == item

    def test_deleted(self) -> None:
        """An item that is absent was deleted; one that is null was not."""
        assert decode_change("flag_update", a_change(1, item=None).data).item is None
        assert decode_change("flag_update", a_change(1, item=b"null").data).item == b"null"

    @pytest.mark.parametrize("kind", ITEM_KINDS)
    def test_kinds(self, kind: ItemKind) -> None:
        """Every kind of item has its event; keys and environments travel on `$access`."""
        environment = SHOP if kind in ("flag", "segment") else ACCESS
        change = make_change(environment, a_position(3), kind, "it", b"{}", 5)

        assert decode_change(EVENT_OF_KIND[kind], change.data) == change

    def test_on_the_wire(self) -> None:
        """The fields are those of the protocol."""
        flag, key = a_change(7), a_change(8, "abc", b"{}", kind="key", environment=ACCESS)

        assert json.loads(flag.data) == {
            "environment": SHOP,
            "epoch": an_epoch(),
            "version": 7,
            "key": "checkout",
            "flag": {"key": "checkout"},
            "committedAt": 1007,
        }
        assert json.loads(key.data).keys() == {
            "environment",
            "epoch",
            "version",
            "key",
            "kind",
            "item",
            "committedAt",
        }

    def test_members(self) -> None:
        """A segment's change may tell how its external members changed; nobody else's does."""
        delta = MembersDelta(generation=7, added=("ada",), removed=("bob",))
        segment = a_change(7, "beta", b"{}", kind="segment", members=delta)
        flag = a_change(7, "beta", b"{}", members=delta)

        assert decode_change("segment_update", segment.data) == segment
        assert json.loads(segment.data)["members"] == {
            "generation": 7,
            "added": ["ada"],
            "removed": ["bob"],
        }
        assert decode_change("flag_update", flag.data).members is None

    def test_unknown_fields(self) -> None:
        """What a newer origin adds is ignored, and forwarded."""
        data = a_change(2).data[:-1] + b',"traceparent":"00-ab","more":[{}]}'
        change = decode_change("flag_update", data)

        assert change.position == a_position(2)
        assert change.data == data

    @pytest.mark.parametrize(
        ("data", "path"),
        [
            (b'{"environment":"a/b"}', "$.epoch"),
            (b'{"environment":1}', "$.environment"),
            (a_change(1).data.replace(b'"version":1', b'"version":"1"'), "$.version"),
            (a_change(1).data.replace(b'"version":1', b'"version":-1'), "$.version"),
            (a_change(1).data.replace(an_epoch().encode(), b"zzzz"), "$.epoch"),
            (b"[]", "$"),
            (b"{", "$"),
            (b"", "$"),
            (b'{"environment":"\xff"}', "$"),
            (b'{"flag":' + b"[" * 100_000, "$"),
        ],
    )
    def test_malformed(self, data: bytes, path: str) -> None:
        """What cannot be read is refused with the path of its fault."""
        with pytest.raises(BadInput) as caught:
            decode_change("flag_update", data)

        assert [fault.path for fault in caught.value.faults] == [path]


class TestSnapshots:
    @pytest.mark.parametrize("item", ODD_ITEMS)
    def test_byte_for_byte(self, item: bytes) -> None:
        """Items arrive as they were, so that every tier has one digest."""
        snapshot = a_snapshot(4, {("flag", "odd"): item, ("segment", "odd"): item})

        assert decode_snapshot(encode_snapshot(snapshot)) == snapshot

    def test_access(self) -> None:
        """`$access` carries keys and environments in the same envelope."""
        held: dict[ItemId, bytes] = {("key", "ab"): b"{}", ("environment", SHOP): b'{"key":"x"}'}
        snapshot = a_snapshot(2, held, environment=ACCESS, shrink_allowed=True)
        envelope = encode_snapshot(snapshot)

        assert decode_snapshot(envelope) == snapshot
        assert json.loads(envelope)["datafile"]["environments"] == {SHOP: {"key": "x"}}

    def test_malformed_item(self) -> None:
        """A flag that is no flag is carried, and hides no other."""
        snapshot = a_snapshot(1, {**some_flags(2), ("flag", "bad"): b'{"type":[]}'})

        assert decode_snapshot(encode_snapshot(snapshot)).items == snapshot.items

    def test_wrong_digest(self) -> None:
        """An envelope whose items are not those of its digest is refused."""
        envelope = encode_snapshot(a_snapshot(1, some_flags(3)))

        with pytest.raises(BadInput) as caught:
            decode_snapshot(envelope.replace(b'"flag-1"}', b'"flag-9"}'))

        assert caught.value.faults[0].path == "$.datafile.digest"

    @pytest.mark.parametrize(
        ("data", "path"),
        [
            (b"{}", "$.datafile"),
            (b'{"datafile":{"environment":"a/b"}}', "$.datafile.epoch"),
            (b'{"datafile":{"flags":[]}}', "$.datafile.flags"),
            (b'{"datafile":' * 5_000, "$"),
        ],
    )
    def test_malformed(self, data: bytes, path: str) -> None:
        """What cannot be read is refused with the path of its fault."""
        with pytest.raises(BadInput) as caught:
            decode_snapshot(data)

        assert [fault.path for fault in caught.value.faults] == [path]


class TestDigests:
    def test_incremental(self) -> None:
        """The digest is the XOR of its items', so that an item comes and goes by itself."""
        three = digest_of(some_flags(3))
        two = digest_of(some_flags(2))

        assert three ^ two == item_hash("flag", "flag-2", b'{"key":"flag-2"}')
        assert digest_of({}) == 0

    def test_what_it_covers(self) -> None:
        """Kind, key and bytes all count, also where one ends and the next begins."""
        hashes = {
            item_hash("flag", "a", b"{}"),
            item_hash("segment", "a", b"{}"),
            item_hash("flag", "b", b"{}"),
            item_hash("flag", "a", b"{ }"),
            item_hash("flag", "a{", b"}"),
        }

        assert len(hashes) == 5

    def test_form(self) -> None:
        """128 bits are 32 hex digits, leading zeros kept."""
        assert format_digest(0) == "0" * 32
        assert len(format_digest(digest_of(some_flags(1)))) == 32


class TestOtherMessages:
    def test_heartbeat(self) -> None:
        """A heartbeat says where the parent stands; what is new in it is ignored."""
        fields = {"environment": SHOP, "epoch": an_epoch(), "version": 3, "digest": "ab"}
        heartbeat = decode_heartbeat(json.dumps({**fields, "time": 9, "new": [1]}).encode())

        assert (heartbeat.position, heartbeat.digest, heartbeat.time) == (a_position(3), "ab", 9)

    def test_goodbye(self) -> None:
        """A goodbye without a wish is one."""
        assert decode_goodbye(b"{}").retry_after_ms == 0
        assert decode_goodbye(b'{"retryAfterMs":1500}').retry_after_ms == 1500

    def test_malformed(self) -> None:
        """Every message is refused when it cannot be read."""
        with pytest.raises(BadInput):
            decode_heartbeat(b'{"environment":"a/b"}')
        with pytest.raises(BadInput):
            decode_goodbye(b"[]")

    @pytest.mark.parametrize("epoch", ["zzzz", "1763000000001-0000000g", an_epoch() + r"\n"])
    def test_odd_epoch(self, epoch: str) -> None:
        """An epoch of another form could sort above all to come, and is refused."""
        with pytest.raises(BadInput):
            decode(f'{{"epoch":"{epoch}","version":1,"appliedAt":1}}', Applied)


class TestItems:
    def test_canonical(self) -> None:
        """The same flag always gives the same bytes, defaults left out."""
        flag = Flag(
            key="f",
            type="float",
            variations=(Variation(name="one", value=1.0),),
            default=Serve(variation="one"),
            metadata={"b": 1, "a": 1.0},
        )

        assert encode_item(flag) == (
            b'{"key":"f","type":"float","variations":[{"name":"one","value":1.0}],'
            b'"default":{"variation":"one"},"metadata":{"a":1.0,"b":1}}'
        )
        assert decode_flag(encode_item(flag)) == flag

    def test_malformed_flag(self) -> None:
        """A malformed flag is told with its path."""
        with pytest.raises(BadInput) as caught:
            decode_flag(b'{"key":"f","type":"boolean","default":{"split":[{"variation":"on"}]}}')

        assert caught.value.faults[0].path == "$.default.split[0].weight"


class TestFaults:
    def test_of_a_key(self) -> None:
        """The path is that of the object whose key it is; what there is of a key is said."""
        with pytest.raises(BadInput) as caught:
            decode(b'{"name":"a","flags":{"A":1}}', Keyed)

        (fault,) = caught.value.faults
        assert fault.path == "$.flags"
        assert fault.message.startswith("in a key, expected `str` matching")
