"""Tasks that may have held lines of ours, and of which the inventory knows nothing."""

from datetime import datetime, timezone
from typing import Any

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.stubs import NOW, REQUEST_ID, described, queue_tasks
from thing_registration_worker.registry.earlier_tasks import UnknownTasks, unknown_tasks
from thing_registration_worker.timing import REGISTRY_LAG

OURS = "stack/fleet/input/old/00000-new.jsonl"


def ended(key: str, **changes: Any) -> Any:
    moment = datetime.fromtimestamp(NOW - 5, timezone.utc)
    return described("task-0", "Completed", inputFileKey=key, lastModifiedDate=moment, **changes)


@pytest.mark.parametrize(
    ("key", "settled_at"),
    [(OURS, NOW - 5 + REGISTRY_LAG), ("another/key", REGISTRY_LAG)],
)
def test_the_registry_lags_what_read_below_our_prefix(
    aws: Any, make_step: Any, key: str, settled_at: float
) -> None:
    queue_tasks(aws, Completed=[ended(key, successCount=1)], Failed=[], Cancelled=[])

    assert unknown_tasks(make_step("Recover")) == UnknownTasks(settled_at, ())


def test_one_that_has_failed_may_have_left_certificates(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, Completed=[ended(OURS, failureCount=1)], Failed=[], Cancelled=[])

    (unclear,) = unknown_tasks(make_step("Recover")).unclear

    assert (unclear.task_id, unclear.input_key) == ("task-0", OURS)


@pytest.mark.parametrize(
    "key",
    ["stack/fleet/work/old/accounted", "stack/fleet/inventory/1-another/000000.jsonl"],
)
def test_none_is_unknown_that_has_a_mark_or_where_there_is_an_inventory(
    aws: Any, make_step: Any, claims: ClaimObjects, key: str
) -> None:
    claims.place(key, b"")
    if "inventory" not in key:
        queue_tasks(aws, Completed=[ended(OURS, failureCount=1)], Failed=[], Cancelled=[])

    assert unknown_tasks(make_step("Recover")).unclear == ()


def test_an_inventory_that_this_run_began_does_not_hide_them(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    claims.place(f"stack/fleet/inventory/1-{REQUEST_ID}/000000.jsonl", b"")
    queue_tasks(aws, Completed=[ended(OURS, failureCount=1)], Failed=[], Cancelled=[])

    assert len(unknown_tasks(make_step("Recover")).unclear) == 1
