"""The head: one JSON object, read by earlier and later versions."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.memory_s3 import BUCKET, MemoryS3
from tests.unit.lambda_.stubs import NOW
from thing_registration_worker.errors import UnreadableHead
from thing_registration_worker.request.owner import Owner
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import head as heads
from thing_registration_worker.state.head import (
    CallRecord,
    Head,
    Holder,
    Start,
    StateObject,
    StoredState,
)
from thing_registration_worker.state.last_run import LastRun
from thing_registration_worker.state.order import Moment
from thing_registration_worker.timing import LOST_START_BUDGET

HOLDER = Holder("r", Moment(10, 9, "Expires"), answered=True)
OWNER = Owner("1", "eu", "stack", "Fleet")
WHOLE = Head(
    HOLDER,
    owner=OWNER,
    taken_from=replace(OWNER, stack="old"),
    quiet_at=5,
    call=CallRecord(3, "Start", {"next": "Observe", "wait": 2}),
    run=Run(parts=2, part=1, file="known", failures=("line 1: no", "line 2: no")),
    start=Start("input/1", 7.5, "token", "task"),
    state=StoredState(StateObject("base", 100), (StateObject("a", 1), StateObject("b", 2))),
    state_number=4,
    last_run=LastRun("before", "task", "Completed", 1, 2, 3, 4, 5),
    runner="r",
    runner_received_at=8,
    worker="0.1.0",
    version=3,
    oldest_reader=2,
    token="t",
)


@pytest.mark.parametrize("head", [WHOLE, Head(HOLDER)])
def test_a_head_is_the_same_after_it_was_written_and_read(head: Head) -> None:
    again = Head.from_json(head.to_json(), "etag")

    assert again == head
    assert again.etag == "etag"


def test_members_of_a_later_version_are_kept_and_change_nothing() -> None:
    data: dict[str, Any] = json.loads(WHOLE.to_json())
    data["later"] = {"a": [1]}
    data["run"]["later"] = data["start"]["later"] = data["holder"]["later"] = 1

    again = Head.from_json(json.dumps(data).encode(), "")

    assert replace(again, unknown={}) == WHOLE
    written = json.loads(replace(again, quiet_at=6).to_json())
    assert (written["later"], written["quiet_at"]) == ({"a": [1]}, 6)


def test_members_that_an_earlier_version_has_not_written_have_defaults() -> None:
    body = b'{"holder": {"request_id": "r", "sent": {"received_at": 10}}}'

    head = Head.from_json(body, "")

    assert head == Head(Holder("r", Moment(10)))
    assert (head.holder.answered, head.version, head.oldest_reader) == (False, 1, 1)


def test_the_etag_is_no_part_of_what_is_written() -> None:
    assert "etag" not in json.loads(replace(WHOLE, etag="x").to_json())
    assert replace(WHOLE, etag="x") == WHOLE


@pytest.mark.parametrize("is_gone", [False, True])
def test_where_there_is_no_object_or_bucket_there_is_no_head(is_gone: bool) -> None:
    s3: Any = MemoryS3()
    s3.is_gone = is_gone

    assert heads.read(s3, BUCKET, "head.json") is None


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"null", b"{}", b'{"holder": 1}', b'{"holder": {"sent": {}}}']
)
def test_an_object_that_is_no_head_is_named_with_what_to_do(body: bytes) -> None:
    s3: Any = MemoryS3()
    s3.place("head.json", body)

    with pytest.raises(UnreadableHead, match=r"s3://fleet/head.json must be .* restore an earlier"):
        heads.read(s3, BUCKET, "head.json")


def test_a_head_is_read_with_its_etag() -> None:
    s3: Any = MemoryS3()
    etag = s3.place("head.json", WHOLE.to_json())

    found = heads.read(s3, BUCKET, "head.json")

    assert found == WHOLE
    assert found.etag == etag


@pytest.mark.parametrize(
    ("start", "is_open"),
    [
        (Start("k", NOW - LOST_START_BUDGET + 1), True),
        (Start("k", NOW - LOST_START_BUDGET), False),
        (Start("k", NOW, task_id="task"), False),
    ],
)
def test_a_start_is_open_while_its_task_may_still_appear(
    start: Start, is_open: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: NOW)

    assert start.is_open is is_open
