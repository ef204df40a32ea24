"""The statuses of a part's certificates: by lists, while these take fewer calls."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from thing_registration_worker.registry.certificate_statuses import FEW, list_statuses, listed

pytestmark = pytest.mark.usefixtures("claims")

IDS = [f"{number:064x}" for number in range(FEW + 1)]
NEVER = float("inf")


def queue_page(aws: Any, *certificate_ids: str, marker: str = "", after: str = "") -> None:
    """Queue a page of certificates that are all active but the first of IDS."""
    certificates = [
        {"certificateId": one, "status": "INACTIVE" if one == IDS[0] else "ACTIVE"}
        for one in certificate_ids
    ]
    answer = {"certificates": certificates, **({"nextMarker": marker} if marker else {})}
    expected = {"pageSize": 250, **({"marker": after} if after else {})}
    aws.stub("iot").add_response("list_certificates", answer, expected)


def test_the_statuses_of_the_part_are_kept_and_no_others(aws: Any, make_step: Any) -> None:
    queue_page(aws, *IDS, "f" * 64, marker="2")
    step = make_step("LookUp")

    run, is_over = list_statuses(step, IDS, NEVER)

    assert (run.pages, is_over) == (1, True)
    statuses = listed(replace(step, progress=replace(step.progress, run=run)))
    assert statuses == {one: "INACTIVE" if one == IDS[0] else "ACTIVE" for one in IDS}


def test_the_last_page_ends_the_list_though_a_certificate_is_missing(
    aws: Any, make_step: Any
) -> None:
    queue_page(aws, *IDS[:2], marker="2")
    queue_page(aws, IDS[2], after="2")

    run, is_over = list_statuses(make_step("LookUp"), IDS, NEVER)

    assert (run.pages, is_over) == (2, True)


def test_no_more_pages_are_read_than_the_part_has_certificates(aws: Any, make_step: Any) -> None:
    for number in range(len(IDS)):
        queue_page(aws, "f" * 64, marker=str(number + 1), after=str(number or ""))

    run, is_over = list_statuses(make_step("LookUp"), IDS, NEVER)

    assert (run.pages, is_over) == (len(IDS), True)


def test_few_certificates_are_not_looked_for_in_lists(make_step: Any) -> None:
    run, is_over = list_statuses(make_step("LookUp"), IDS[:FEW], NEVER)

    assert (run.pages, is_over) == (0, True)


def test_the_list_goes_on_in_the_next_call_behind_the_last_page(
    aws: Any, make_step: Any, monkeypatch: pytest.MonkeyPatch, claims: ClaimObjects
) -> None:
    queue_page(aws, IDS[0], marker="2")
    queue_page(aws, *IDS[1:], after="2")
    clock = iter([0.0, 2.0, 0.0])
    monkeypatch.setattr("time.time", lambda: next(clock))
    step = make_step("LookUp")

    run, is_over = list_statuses(step, IDS, 1)
    step = replace(step, progress=replace(step.progress, run=run))
    last_run, was_last = list_statuses(step, IDS, 1)

    assert (run.pages, run.marker, is_over) == (1, "2", False)
    assert (last_run.pages, was_last) == (2, True)
    assert len(listed(replace(step, progress=replace(step.progress, run=last_run)))) == len(IDS)
