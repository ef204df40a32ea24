"""Steps at a fixed time, with stubbed clients and objects in memory."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.cloudformation import CloudFormation
from tests.unit.lambda_.memory_s3 import MemoryS3
from tests.unit.lambda_.stubs import NOW, StubbedClients, event
from thing_registration_worker.request.request import Request
from thing_registration_worker.run.run import Run
from thing_registration_worker.state.head import Head, Holder
from thing_registration_worker.state.stored import StateFile
from thing_registration_worker.step import Call, Step, StepName


@pytest.fixture
def aws() -> Iterator[StubbedClients]:
    """Clients whose queued answers must all have been asked for at the end of the test."""
    clients = StubbedClients()
    yield clients
    for stub in clients.stubs.values():
        stub.assert_no_pending_responses()


@pytest.fixture
def s3(aws: StubbedClients) -> MemoryS3:
    """A bucket in memory, in the place of the stubbed client."""
    memory = MemoryS3()
    aws.s3 = memory
    return memory


@pytest.fixture
def make_step(
    aws: StubbedClients, s3: MemoryS3, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Step]:
    """Make a step at the time NOW: its request has the head, which the test may change."""
    monkeypatch.setattr("time.time", lambda: NOW)

    def make(
        name: StepName,
        kind: str = "Create",
        *,
        event_changes: dict[str, Any] | None = None,
        run: Run = Run(),  # noqa: B008 - it is frozen
        failure: str = "",
        **head: Any,
    ) -> Step:
        request = Request.from_event(event(kind, **(event_changes or {})), NOW)
        holder = Holder(request.request_id, request.sent)
        made = replace(Head(holder, owner=request.owner, run=run), **head)
        etag = s3.place(request.declaration.keys.head, made.to_json())
        call = Call(1, began=NOW, since=NOW, failure=failure)
        return Step(name, request, call, aws, StateFile(), replace(made, etag=etag))

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
