"""The clients: which of them try again, and how long they wait."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.lambda_.stubs import INPUT_KEY, ROLE_ARN, TEMPLATE_BODY
from thing_registration_worker.aws import registration_tasks
from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.timing import LOST_START_BUDGET, WORKER_TIMEOUT

CALL = registration_tasks.Start(TEMPLATE_BODY, "fleet", INPUT_KEY, ROLE_ARN)


class FailingAws(HTTPServer):
    """Answers every call with an error, and counts the calls."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls = 0


class _Handler(BaseHTTPRequestHandler):
    server: FailingAws

    def _fail(self) -> None:
        self.server.calls += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PUT = do_POST = _fail

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def failing_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FailingAws]:
    server = FailingAws()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield server
    server.shutdown()
    server.server_close()


def test_a_start_that_fails_is_never_sent_again(failing_aws: FailingAws) -> None:
    with pytest.raises(ClientError):
        registration_tasks.start(Clients().iot_once, CALL)

    assert failing_aws.calls == 1


@pytest.mark.parametrize("service", ["iot", "s3", "cloudformation"])
def test_any_other_call_that_fails_is_sent_again(failing_aws: FailingAws, service: str) -> None:
    clients = Clients()
    calls: dict[str, Callable[[], Any]] = {
        "iot": lambda: clients.iot.describe_thing_registration_task(taskId="task-1"),
        "s3": lambda: clients.s3.get_object(Bucket="fleet", Key="k"),
        "cloudformation": lambda: clients.cloudformation.describe_stacks(StackName="stack"),
    }

    with pytest.raises(ClientError):
        calls[service]()

    assert 3 <= failing_aws.calls <= 10


def test_a_client_is_made_once(failing_aws: FailingAws) -> None:
    clients = Clients()

    for name in ("iot", "iot_once", "s3", "cloudformation"):
        assert getattr(clients, name) is getattr(clients, name)


def test_a_lost_start_is_looked_for_longer_than_its_client_waits_for_the_answer(
    failing_aws: FailingAws,
) -> None:
    config: Any = Clients().iot_once.meta.config

    assert config.connect_timeout + config.read_timeout + 60 <= LOST_START_BUDGET


def test_a_call_that_hangs_ends_before_its_worker_is_killed(failing_aws: FailingAws) -> None:
    clients = Clients()

    for client in (clients.iot, clients.iot_once, clients.s3, clients.cloudformation):
        config: Any = client.meta.config
        assert 2 * (config.connect_timeout + config.read_timeout) < WORKER_TIMEOUT
