"""How fast the Deregister step is at its pace, where each call takes some time itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.stubs import NOW, PROPERTIES, REQUEST_ID
from thing_registration_worker.aws.pace import pace
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.run_size import DEREGISTERED_PER_SECOND
from thing_registration_worker.removal.leaving_devices import Leaving
from thing_registration_worker.run.progress import Run
from thing_registration_worker.steps.deregister import deregister

DEVICES = 500
# What a call from a Lambda to AWS IoT of its own Region takes.
LATENCY = 0.04


class Iot:
    """Answers every call, and counts the seconds that it takes."""

    def __init__(self) -> None:
        self.now = NOW

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        def call(**_: object) -> dict[str, Any]:
            self.now += LATENCY
            return {"certificateDescription": {"status": "ACTIVE"}}

        return call


@pytest.mark.parametrize("kind", ["Update", "Delete"])
def test_the_estimate_is_not_too_short(
    make_step: Any, claims: ClaimObjects, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    step = make_step(
        "Deregister",
        kind,
        event_changes={"ResourceProperties": {**PROPERTIES, "Deregister": "ALL"}},
    )
    certificates = [f"{number:064x}" for number in range(DEVICES)]
    entries = [
        Entry("registered", one[-4:], key=one, certificate_id=one, certificate_made=True, at=1)
        for one in certificates
    ]
    queue = b"".join(Leaving(replace(each, thing_made=True), False).to_line() for each in entries)
    claims.place(step.request.declaration.keys.work(REQUEST_ID, "removed/00000.jsonl"), queue)
    iot = Iot()
    monkeypatch.setattr(pace, "_turns", {})
    for name in ("time.time", "time.monotonic"):
        monkeypatch.setattr(name, lambda: iot.now)
    monkeypatch.setattr("time.sleep", iot.sleep)
    step.clients.__dict__["iot"] = iot
    step = replace(step, progress=replace(step.progress, run=Run(to_deregister=DEVICES)))

    while (outcome := deregister(step)).next_step == "Deregister":
        step = replace(step, progress=outcome.progress)

    assert outcome.progress.run.deregistered == DEVICES
    assert iot.now - NOW <= DEVICES / DEREGISTERED_PER_SECOND
