"""Steps at a fixed time, with stubbed clients."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from progress import Progress
from request import Request
from step import Step, StepName
from tests.unit.lambda_.cloudformation import CloudFormation
from tests.unit.lambda_.stubs import NOW, StubbedClients, event


@pytest.fixture
def aws() -> Iterator[StubbedClients]:
    """Clients whose queued answers must all have been asked for at the end of the test."""
    clients = StubbedClients()
    yield clients
    for stub in clients.stubs.values():
        stub.assert_no_pending_responses()


@pytest.fixture
def make_step(aws: StubbedClients, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Step]:
    """Make a step at the time NOW, its progress and request changed as the test says."""
    monkeypatch.setattr("time.time", lambda: NOW)

    def make(
        name: StepName,
        kind: str = "Create",
        *,
        retries: int = 0,
        entered_at: float = NOW,
        event_changes: dict[str, Any] | None = None,
        **progress: Any,
    ) -> Step:
        return Step(
            name=name,
            request=Request.from_event(event(kind, **(event_changes or {}))),
            progress=replace(Progress(deadline=NOW + 3000, lines=1), **progress),
            clients=aws,
            entered_at=entered_at,
            retries=retries,
        )

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
