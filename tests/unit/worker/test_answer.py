"""The answer: once, whole, under 4,096 bytes."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answer import MAX_BYTES, answer, fitting, respond_failure
from tests.unit.worker.stubs import body, event

IDS = {"PhysicalResourceId": "p" * 100, "StackId": "s" * 200, "RequestId": "r" * 36}


class CloudFormation(HTTPServer):
    """Takes answers; refuses the first so many, or hangs up on them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.refuse = 0
        self.hang_up = 0
        self.answers: list[dict[str, Any]] = []
        self.content_types: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/answer"


class _Handler(BaseHTTPRequestHandler):
    server: CloudFormation

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.hang_up:
            self.server.hang_up -= 1
            self.close_connection = True
            return
        if self.server.refuse:
            self.server.refuse -= 1
            self.send_error(503)
            return
        self.server.answers.append(json.loads(data))
        self.server.content_types.append(self.headers["Content-Type"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


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


def test_a_success_carries_every_attribute_that_a_template_may_read(
    aws: Any, make_step: Any, cloudformation: CloudFormation
) -> None:
    record = {
        "task_id": "task-1",
        "fingerprint": "f",
        "status": "Completed",
        "success_count": 20,
        "failure_count": 0,
        "succeeded": True,
    }
    aws.stub("s3").add_response("get_object", {"Body": body(json.dumps(record))})

    answer(make_step("Answer", event_changes={"ResponseURL": cloudformation.url}))

    assert cloudformation.answers[0]["Status"] == "SUCCESS"
    assert cloudformation.answers[0]["Data"] == {
        "TaskId": "task-1",
        "Status": "Completed",
        "SuccessCount": "20",
        "FailureCount": "0",
        "ReportsUri": "s3://fleet/stack/fleet/reports/task-1/",
    }
    assert cloudformation.content_types == [""]


def test_a_success_without_a_record_still_carries_every_attribute(
    aws: Any, make_step: Any, cloudformation: CloudFormation
) -> None:
    aws.stub("s3").add_client_error("get_object", "NoSuchBucket")

    answer(make_step("Answer", "Update", event_changes={"ResponseURL": cloudformation.url}))

    data = cloudformation.answers[0]["Data"]
    assert sorted(data) == ["FailureCount", "ReportsUri", "Status", "SuccessCount", "TaskId"]


def test_a_failure_carries_its_reason(make_step: Any, cloudformation: CloudFormation) -> None:
    answer(make_step("Answer", failure="why", event_changes={"ResponseURL": cloudformation.url}))

    assert cloudformation.answers[0]["Status"] == "FAILED"
    assert cloudformation.answers[0]["Reason"] == "why"


def test_an_answer_that_is_refused_is_sent_again(cloudformation: CloudFormation) -> None:
    cloudformation.refuse = 2

    respond_failure(event(ResponseURL=cloudformation.url), "why")

    assert len(cloudformation.answers) == 1


def test_an_answer_whose_connection_breaks_off_is_sent_again(
    cloudformation: CloudFormation,
) -> None:
    cloudformation.hang_up = 2

    respond_failure(event(ResponseURL=cloudformation.url), "why")

    assert len(cloudformation.answers) == 1


def test_the_response_url_reaches_no_log(
    cloudformation: CloudFormation, capsys: pytest.CaptureFixture[str]
) -> None:
    cloudformation.refuse = 1

    respond_failure(event(ResponseURL=cloudformation.url), "why")

    assert cloudformation.url not in capsys.readouterr().out


def test_the_physical_id_is_the_same_for_every_request_of_a_resource(
    cloudformation: CloudFormation,
) -> None:
    respond_failure(event(ResponseURL=cloudformation.url), "why")
    respond_failure(event(ResponseURL=cloudformation.url, RequestId="another"), "why")
    respond_failure(event(ResponseURL=cloudformation.url, PhysicalResourceId="given"), "why")

    ids = [answer["PhysicalResourceId"] for answer in cloudformation.answers]
    assert ids[0] == ids[1] != ids[2] == "given"


def test_a_short_reason_is_whole() -> None:
    assert json.loads(fitting(IDS, "größer als 日本"))["Reason"] == "größer als 日本"


def test_a_reason_that_was_cut_inside_a_surrogate_pair_can_be_sent() -> None:
    assert json.loads(fitting(IDS, "\ud83d on fire"))["Reason"] == "? on fire"


@given(st.text(max_size=6_000))
def test_any_reason_fits_and_is_cut_between_characters(reason: str) -> None:
    whole = reason.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

    data = fitting(IDS, whole)

    shown = json.loads(data)["Reason"]
    assert len(data) < MAX_BYTES
    assert shown == whole or whole.startswith(shown.removesuffix(" …"))


@pytest.mark.parametrize("character", ["x", "\x00", "ü", "日", "😀", '"', "\n"])
def test_a_reason_is_not_cut_more_than_it_must_be(character: str) -> None:
    data = fitting(IDS, character * 10_000)

    assert MAX_BYTES - 40 < len(data) < MAX_BYTES
