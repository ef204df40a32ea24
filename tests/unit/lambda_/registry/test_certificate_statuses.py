"""The statuses of a part's certificates: by lists, while these take fewer calls."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.stubs import NOW
from thing_registration_worker.registry.certificate_statuses import FEW, list_statuses, listed

IDS = [f"{number:064x}" for number in range(FEW + 1)]


def queue_page(aws: Any, *certificate_ids: str, marker: str = "", after: str = "") -> None:
    """Queue a page of certificates that are all active but the first of IDS."""
    certificates = [
        {"certificateId": one, "status": "INACTIVE" if one == IDS[0] else "ACTIVE"}
        for one in certificate_ids
    ]
    answer = {"certificates": certificates, **({"nextMarker": marker} if marker else {})}
    expected = {"pageSize": 250, "ascendingOrder": False, **({"marker": after} if after else {})}
    aws.stub("iot").add_response("list_certificates", answer, expected)


def test_the_statuses_of_the_part_are_kept_and_no_others(aws: Any, make_step: Any) -> None:
    queue_page(aws, *IDS, "f" * 64, marker="2")
    step = make_step("LookUp")

    run = list_statuses(step, IDS)

    assert (run.pages, run.listed) == (1, True)
    assert listed(step) == {one: "INACTIVE" if one == IDS[0] else "ACTIVE" for one in IDS}


def test_the_last_page_ends_the_list_though_a_certificate_is_missing(
    aws: Any, make_step: Any
) -> None:
    queue_page(aws, *IDS[:2], marker="2")
    queue_page(aws, IDS[2], after="2")

    run = list_statuses(make_step("LookUp"), IDS)

    assert (run.pages, run.listed) == (2, True)


def test_no_more_pages_are_read_than_the_part_has_certificates(aws: Any, make_step: Any) -> None:
    for number in range(len(IDS)):
        queue_page(aws, "f" * 64, marker=str(number + 1), after=str(number or ""))

    run = list_statuses(make_step("LookUp"), IDS)

    assert (run.pages, run.listed) == (len(IDS), True)


def test_few_certificates_are_not_looked_for_in_lists(make_step: Any) -> None:
    run = list_statuses(make_step("LookUp"), IDS[:FEW])

    assert (run.pages, run.listed) == (0, True)


def test_each_call_lists_one_page_at_least_and_goes_on_in_the_next(
    aws: Any, make_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_page(aws, IDS[0], marker="2")
    queue_page(aws, *IDS[1:], after="2")
    step = make_step("LookUp")
    monkeypatch.setattr("time.time", lambda: NOW + 99)
    first = list_statuses(step, IDS)
    step.head = replace(step.head, run=first)

    last = list_statuses(step, IDS)

    assert (first.pages, first.marker, first.listed) == (1, "2", False)
    assert (last.pages, last.listed, len(listed(step))) == (2, True, len(IDS))


def test_the_statuses_of_the_part_before_are_forgotten(aws: Any, make_step: Any) -> None:
    queue_page(aws)
    step = make_step("LookUp")
    step.db.execute("INSERT INTO status VALUES (?, 'ACTIVE')", (bytes(32),))

    list_statuses(step, IDS)

    assert listed(step) == {}
