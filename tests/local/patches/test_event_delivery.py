"""Custom-resource events that reach their function late, or never."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from local import LocalAws
from local.faults.strikes import Faults
from local.journal import Journal
from local.patches import event_delivery
from tests.local.fleet import answers_until, eventually
from tests.local.stacks import create, custom, notes

pytestmark = pytest.mark.slow


def test_an_event_is_delivered_late(aws: LocalAws, token: str, stack: str) -> None:
    aws.faults(late_event_seconds=1)
    began = time.monotonic()

    made = create(aws, stack, custom(token))

    assert made["StackStatus"] == "CREATE_COMPLETE"
    assert time.monotonic() - began > 1
    assert len(notes(aws)) == 1
    assert aws.fault_strikes() == {"late_event_seconds": 1}


def test_an_event_arrives_after_the_stack_gave_up(aws: LocalAws, token: str, stack: str) -> None:
    aws.faults(late_event_seconds=2)

    made = create(aws, stack, custom(token, ServiceTimeout=1))

    assert made["StackStatus"] in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
    seen = answers_until(lambda: kinds(aws), lambda found: "Delete" in found)
    assert [kind for found in seen for kind in found] == ["Create", "Delete"]


def kinds(aws: LocalAws) -> list[str]:
    return [note["RequestType"] for note in notes(aws)]


@pytest.mark.parametrize(
    "record",
    [
        lambda age: {"event_invoke_config": {"MaximumEventAgeInSeconds": age}},
        lambda age: {"event_invoke_configs": {"$LATEST": {"MaximumEventAgeInSeconds": age}}},
    ],
)
@pytest.mark.parametrize(("age", "delivered"), [(60, True), (0.1, False)])
def test_an_event_older_than_its_maximum_age_is_never_delivered(
    monkeypatch: pytest.MonkeyPatch,
    record: Callable[[float], dict[str, Any]],
    age: float,
    delivered: bool,
) -> None:
    events: list[Any] = []
    monkeypatch.setattr(
        "ministack.services.lambda_svc.invoke_async_with_retry",
        lambda function, event: events.append(event),
    )
    faults, journal = Faults(), Journal()

    function = {"config": {"FunctionName": "f"}, **record(age)}
    event_delivery.deliver(function, "event", 0.2, faults, journal)

    eventually(lambda: events or journal.entries("fault"), bool)
    assert events == (["event"] if delivered else [])
    assert bool(journal.entries("fault")) is not delivered


def test_an_event_waits_while_lambda_refuses(aws: LocalAws, token: str, stack: str) -> None:
    aws.faults(lambda_refuses={"seconds": 1, "function": "provider"})

    made = create(aws, stack, custom(token))

    assert made["StackStatus"] == "CREATE_COMPLETE"
    assert len(notes(aws)) == 1
    assert aws.fault_strikes()["lambda_refuses"] >= 1
