"""The claim: one request acts for a resource, the one whose event came last."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.stubs import INPUT_KEY, NOW
from thing_registration_worker.errors import Superseded
from thing_registration_worker.state.claim import (
    Claim,
    LastStart,
    Unclear,
    held,
    record_account,
    record_answer,
    record_start,
    take,
)
from thing_registration_worker.timing import (
    CONNECT_TIMEOUT,
    LOST_START_BUDGET,
    START_READ_TIMEOUT,
    WORKER_TIMEOUT,
)

OLDER = Claim("older", NOW - 60)
START = LastStart("stack/fleet/input/older.jsonl", NOW - 30, "task-0")
UNCLEAR = Unclear("task-0", START.input_key, NOW - 30, NOW)


def put(claims: ClaimObjects, step: Any, claim: Claim) -> None:
    claims.put(step.request.declaration, claim)


def test_the_first_request_takes_the_claim(make_step: Any, claims: ClaimObjects) -> None:
    step = make_step("Prepare")
    claims.remove(step.request.declaration)

    taken = take(step, step.request.declaration)

    assert (taken.request_id, taken.last_start) == (step.request.request_id, None)
    assert held(step) == taken


def test_a_newer_request_takes_the_claim_and_learns_of_the_last_start(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Prepare")
    put(claims, step, replace(OLDER, last_start=START))

    assert take(step, step.request.declaration).last_start == START


def test_an_older_request_cannot_take_the_claim_back(make_step: Any, claims: ClaimObjects) -> None:
    step = make_step("Prepare")
    put(claims, step, Claim("newer", NOW + 1))

    with pytest.raises(Superseded, match="was superseded by request newer"):
        take(step, step.request.declaration)


def test_a_request_that_has_the_claim_keeps_what_is_in_it(make_step: Any) -> None:
    step = make_step("Prepare", last_start=START)

    assert take(step, step.request.declaration).last_start == START


def test_calls_for_an_unanswered_request_may_be_under_way_for_the_workers_timeout(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Stop", "Delete")
    for answered, quiet_at in ((False, NOW + WORKER_TIMEOUT), (True, 0)):
        put(claims, step, replace(OLDER, answered=answered))

        assert take(step, step.request.declaration).quiet_at == quiet_at


def test_a_request_that_comes_between_a_read_and_the_write_is_not_overwritten(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Start")
    claim = held(step)
    claims.on_write = lambda: put(claims, step, Claim("newer", NOW + 1))

    with pytest.raises(Superseded, match="request newer"):
        record_start(step, claim, LastStart(INPUT_KEY, NOW))


def test_a_write_whose_answer_was_lost_is_found_to_be_done(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Start")
    claim = held(step)
    start = LastStart(INPUT_KEY, NOW)
    claims.on_write = lambda: put(claims, step, replace(claim, last_start=start))

    assert record_start(step, claim, start).last_start == start


def test_a_claim_that_a_deletion_has_removed_is_not_made_again(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Start")
    claim = held(step)
    claims.remove(step.request.declaration)

    with pytest.raises(Superseded, match="superseded by a deletion"):
        held(step)
    with pytest.raises(Superseded):
        record_start(step, claim, None)


def test_an_answer_is_recorded_by_the_request_that_has_the_claim(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Answer")
    record_answer(step)
    assert held(step).answered

    put(claims, step, Claim("newer", NOW + 1))
    with pytest.raises(Superseded):
        record_answer(step)


def test_a_start_is_open_while_its_task_may_still_appear(make_step: Any) -> None:
    make_step("Start")

    assert LastStart(INPUT_KEY, NOW - LOST_START_BUDGET + 1).is_open
    assert not LastStart(INPUT_KEY, NOW - LOST_START_BUDGET).is_open
    assert not LastStart(INPUT_KEY, NOW, "task-1").is_open


def test_a_start_is_looked_for_as_long_as_its_client_waits_and_a_list_lags_a_minute() -> None:
    assert LOST_START_BUDGET >= CONNECT_TIMEOUT + START_READ_TIMEOUT + 60


def test_a_claim_is_not_answered_when_it_is_taken(make_step: Any, claims: ClaimObjects) -> None:
    step = make_step("Prepare")
    claims.remove(step.request.declaration)

    take(step, step.request.declaration)

    assert not held(step).answered


def test_in_a_bucket_that_is_gone_there_is_nothing_to_claim(
    aws: Any, make_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> None:
        raise aws.s3.exceptions.NoSuchBucket({"Error": {"Code": "NoSuchBucket"}}, "GetObject")

    step = make_step("Stop", "Delete")
    monkeypatch.setattr("thing_registration_worker.aws.s3.read_with_etag", gone)

    assert take(step, step.request.declaration) == Claim(step.request.request_id, NOW)


def test_of_two_requests_that_came_at_once_the_one_that_is_handled_last_has_the_claim(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Prepare")
    put(claims, step, Claim("at once", NOW))

    take(step, step.request.declaration)

    assert held(step).request_id == step.request.request_id


def test_a_claim_is_read_again_where_another_write_came_before(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Prepare")
    put(claims, step, OLDER)
    writes = iter([replace(OLDER, last_start=START)])

    def write_before() -> None:
        for claim in writes:
            put(claims, step, claim)

    claims.on_write = write_before

    assert take(step, step.request.declaration).last_start == START
    assert held(step).last_start == START


def test_a_claim_that_a_newer_request_takes_at_the_same_time_is_lost(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Prepare")
    put(claims, step, OLDER)
    claims.on_write = lambda: put(claims, step, Claim("newer", NOW + 1))

    with pytest.raises(Superseded, match="request newer"):
        take(step, step.request.declaration)


def test_what_is_unclear_is_known_to_the_next_request_even_if_the_claim_was_removed(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Prepare")
    put(claims, step, replace(OLDER, unclear=(UNCLEAR,)))
    claims.remove(step.request.declaration)

    assert take(step, step.request.declaration).unclear == (UNCLEAR,)
    assert held(step).unclear == (UNCLEAR,)


def test_an_account_whose_answers_were_lost_is_found_to_be_done(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Recover", last_start=START)
    before = held(step)
    record_account(step, before, (UNCLEAR,))

    record_account(step, before, (UNCLEAR,))

    assert (held(step).unclear, held(step).last_start) == ((UNCLEAR,), None)


def test_what_a_newer_request_found_unclear_is_not_overwritten(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Recover", last_start=START)
    before = held(step)
    put(claims, step, Claim("newer", NOW + 1, unclear=(UNCLEAR,)))

    with pytest.raises(Superseded, match="was superseded by request newer"):
        record_account(step, before, (replace(UNCLEAR, task_id="another"),))

    assert (
        claims.bodies["stack/fleet/unclear.json"]
        == replace(OLDER, unclear=(UNCLEAR,)).unclear_to_json()
    )


def test_an_account_that_another_write_came_before_is_not_believed_to_be_done(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Finish")
    own = Claim(step.request.request_id, NOW, last_start=START)
    put(claims, step, own)
    other = replace(own, unclear=(replace(UNCLEAR, task_id="task-1"),)).unclear_to_json()
    claims.on_write = lambda: claims.place("stack/fleet/unclear.json", other)

    with pytest.raises(Superseded):
        record_account(step, held(step), (UNCLEAR,))
    assert claims.bodies["stack/fleet/unclear.json"] == other
