"""How a request takes the head from the one before it."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.lambda_.memory_s3 import BUCKET, MemoryS3, refusal
from tests.unit.lambda_.stubs import NOW, PROPERTIES, event
from thing_registration_worker.errors import NotTheOwner, StateTooNew, Superseded
from thing_registration_worker.request.owner import Owner
from thing_registration_worker.request.request import Request
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import head as heads
from thing_registration_worker.state.head import CallRecord, Head, Holder
from thing_registration_worker.state.order import Moment
from thing_registration_worker.state.taking import take
from thing_registration_worker.timing import WORKER_TIMEOUT
from thing_registration_worker.version import VERSION

HEAD = "stack/fleet/head.json"
OTHER = Owner("000000000000", "us-east-1", "other", "Old1234")
BEFORE = Holder("before", Moment(NOW - 60))


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> MemoryS3:
    monkeypatch.setattr("time.time", lambda: NOW)
    return MemoryS3()


def requested(kind: str = "Update", **properties: str) -> Request:
    changed = event(kind, ResourceProperties={**PROPERTIES, **properties})
    return Request.from_event(changed, NOW)


def taken(s3: Any, request: Request, **options: bool) -> Head | None:
    return take(s3, request, request.declaration, **options)


def given(s3: MemoryS3, holder: Holder = BEFORE, **members: Any) -> Head:
    """Write the head that is found."""
    head = replace(Head(holder, owner=requested().owner), **members)
    s3.place(HEAD, head.to_json())
    return head


def test_the_first_request_makes_the_head(s3: Any) -> None:
    request = requested()

    head = taken(s3, request)

    assert head == heads.read(s3, BUCKET, HEAD)
    assert head is not None
    assert (head.holder, head.owner) == (Holder(request.request_id, request.sent), request.owner)
    assert (head.quiet_at, head.worker) == (0, VERSION)
    assert head.etag


def test_where_none_is_to_be_made_there_is_none(s3: Any) -> None:
    assert taken(s3, requested("Delete"), make=False) is None
    assert s3.writes == []


def test_a_newer_request_takes_it_and_begins_its_own_run(s3: Any) -> None:
    found = given(
        s3, run=Run(lines=5), call=CallRecord(9, "Observe", {}), runner="before", state_number=7
    )
    request = requested()

    head = taken(s3, request)

    expected = replace(
        found,
        holder=Holder(request.request_id, request.sent),
        quiet_at=NOW + WORKER_TIMEOUT,
        call=None,
        run=Run(),
    )
    assert head == expected == heads.read(s3, BUCKET, HEAD)


def test_the_request_that_has_it_finds_it_as_it_is(s3: Any) -> None:
    request = requested()
    holder = Holder(request.request_id, request.sent)
    found = given(s3, holder, run=Run(lines=5), owner=OTHER)

    assert taken(s3, request) == found
    assert s3.writes == []


def test_an_older_request_does_not_take_it(s3: Any) -> None:
    found = given(s3, Holder("newer", Moment(NOW + 5)))

    with pytest.raises(Superseded, match="was superseded by request newer"):
        taken(s3, requested())
    assert heads.read(s3, BUCKET, HEAD) == found


@pytest.mark.parametrize(("answered", "quiet_at"), [(False, NOW + WORKER_TIMEOUT), (True, NOW + 3)])
def test_only_after_an_unanswered_request_a_call_may_still_be_under_way(
    s3: Any, answered: bool, quiet_at: float
) -> None:
    given(s3, replace(BEFORE, answered=answered), quiet_at=NOW + 3)

    head = taken(s3, requested())

    assert head is not None
    assert head.quiet_at == quiet_at
    assert not head.holder.answered


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_another_owner_is_refused_with_both_names(s3: Any, kind: str) -> None:
    found = given(s3, owner=OTHER)

    with pytest.raises(NotTheOwner) as error:
        taken(s3, requested(kind))

    assert str(OTHER) in str(error.value)
    assert str(requested().owner) in str(error.value)
    assert 'take_over="other/Old1234"' in str(error.value)
    assert heads.read(s3, BUCKET, HEAD) == found


def test_who_is_named_by_take_over_loses_it_and_is_remembered(s3: Any) -> None:
    given(s3, owner=OTHER)
    request = requested("Create", TakeOver="other/Old1234")

    head = taken(s3, request)

    assert head is not None
    assert (head.owner, head.taken_from) == (request.owner, OTHER)


def test_who_has_taken_it_over_is_the_owner_of_what_follows(s3: Any) -> None:
    given(s3, taken_from=OTHER)

    head = taken(s3, requested())

    assert head is not None
    assert head.taken_from == OTHER


def test_another_name_in_take_over_is_not_enough(s3: Any) -> None:
    given(s3, owner=OTHER)

    with pytest.raises(NotTheOwner):
        taken(s3, requested("Create", TakeOver="other/Old123"))


def test_a_deletion_by_somebody_else_is_refused_whatever_it_takes_over(s3: Any) -> None:
    found = given(s3, owner=OTHER)

    with pytest.raises(NotTheOwner):
        taken(s3, requested("Delete", TakeOver="other/Old1234"), make=False)
    assert heads.read(s3, BUCKET, HEAD) == found


def test_a_state_that_was_released_is_anybodys(s3: Any) -> None:
    given(s3, owner=None)

    head = taken(s3, requested())

    assert head is not None
    assert (head.owner, head.taken_from) == (requested().owner, None)


def test_a_state_of_a_later_version_is_left_as_it_is(s3: Any) -> None:
    found = given(s3, oldest_reader=2, worker="9.0")

    with pytest.raises(StateTooNew, match=f"version 9.0 .* this is version {VERSION}"):
        taken(s3, requested())
    assert heads.read(s3, BUCKET, HEAD) == found


def test_a_state_of_a_later_version_that_this_one_can_read_is_taken(s3: Any) -> None:
    given(s3, version=2, oldest_reader=1)

    head = taken(s3, requested())

    assert head is not None
    assert head.version == 2


@pytest.mark.parametrize("kind", ["Create", "Delete"])
def test_in_a_bucket_that_is_gone_there_is_none(s3: Any, kind: str) -> None:
    s3.is_gone = True

    assert taken(s3, requested(kind), make=kind == "Create") is None


def test_another_refusal_is_an_error(s3: Any) -> None:
    def refuse(key: str) -> None:
        raise refusal("AccessDenied", "PutObject", 403)

    s3.on_write = refuse

    with pytest.raises(ClientError, match="AccessDenied"):
        taken(s3, requested())


def test_a_write_that_comes_in_between_is_read_again(s3: Any) -> None:
    given(s3)

    def write(key: str) -> None:
        s3.on_write = lambda key: None
        given(s3, runner="in between")

    s3.on_write = write

    head = taken(s3, requested())

    assert head is not None
    assert head.runner == "in between"


def test_a_newer_request_that_comes_in_between_has_it(s3: Any) -> None:
    given(s3)
    s3.on_write = lambda key: given(s3, Holder("newer", Moment(NOW + 5)))

    with pytest.raises(Superseded, match="newer"):
        taken(s3, requested())


def test_who_is_always_too_late_is_superseded(s3: Any) -> None:
    given(s3)
    s3.on_write = lambda key: given(s3)

    with pytest.raises(Superseded, match="before"):
        taken(s3, requested())
