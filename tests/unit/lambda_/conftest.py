"""Steps at a fixed time, with stubbed clients."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.cloudformation import CloudFormation
from tests.unit.lambda_.stubs import NOW, StubbedClients, event
from thing_registration_worker.request.request import Request
from thing_registration_worker.run.progress import Progress, Run
from thing_registration_worker.state.claim import Claim, LastStart
from thing_registration_worker.step import Step, StepName

IN_MEMORY = (
    "read",
    "read_with_etag",
    "write",
    "write_if",
    "lines",
    "lines_from",
    "keys_below",
)


@pytest.fixture
def aws() -> Iterator[StubbedClients]:
    """Clients whose queued answers must all have been asked for at the end of the test."""
    clients = StubbedClients()
    yield clients
    for stub in clients.stubs.values():
        stub.assert_no_pending_responses()


@pytest.fixture
def claims(monkeypatch: pytest.MonkeyPatch) -> ClaimObjects:
    """Keep the objects that a test's steps read and write, among them the claim."""
    objects = ClaimObjects()
    for name in IN_MEMORY:
        monkeypatch.setattr(f"thing_registration_worker.aws.s3.{name}", getattr(objects, name))
    return objects


@pytest.fixture
def make_step(
    aws: StubbedClients, claims: ClaimObjects, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Step]:
    """Make a step at the time NOW, its progress and request changed as the test says.

    The request has the claim; `last_start` is in it.
    """
    monkeypatch.setattr("time.time", lambda: NOW)

    def make(
        name: StepName,
        kind: str = "Create",
        *,
        event_changes: dict[str, Any] | None = None,
        last_start: LastStart | None = None,
        **progress: Any,
    ) -> Step:
        request = Request.from_event(event(kind, **(event_changes or {})))
        claim = Claim(request.request_id, NOW, last_start=last_start)
        claims.put(request.declaration, claim)
        run = Run(parts=1, file="new", lines=1, to_send=1)
        before = Progress(deadline=NOW + 3000, received_at=NOW, lines=1, run=run)
        return Step(name=name, request=request, progress=replace(before, **progress), clients=aws)

    return make


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    server = CloudFormation()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    # The calls of the tests before would make this one's wait, and its clock go on.
    monkeypatch.setattr("thing_registration_worker.aws.pace.pace._turns", {})
