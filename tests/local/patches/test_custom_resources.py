"""CloudFormation treats custom resources and buckets as AWS does."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from local import LocalAws
from tests.local.stacks import create, custom, notes, reasons, update

pytestmark = pytest.mark.slow


def test_an_update_that_fails_is_sent_back(aws: LocalAws, token: str, stack: str) -> None:
    create(aws, stack, custom(token))

    updated = update(aws, stack, custom(token, Update=[{"Status": "FAILED", "Reason": "no"}]))

    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert [(note["RequestType"], note["StackStatus"]) for note in notes(aws)] == [
        ("Create", "CREATE_IN_PROGRESS"),
        ("Update", "UPDATE_IN_PROGRESS"),
        ("Update", "UPDATE_ROLLBACK_IN_PROGRESS"),
    ]


def test_the_response_url_says_when_the_event_was_sent(
    aws: LocalAws, token: str, stack: str
) -> None:
    create(aws, stack, custom(token))

    (event,) = notes(aws)
    (sent,) = parse_qs(urlsplit(event["ResponseURL"]).query)["X-Amz-Date"]
    age = datetime.now(UTC) - datetime.strptime(sent, "%Y%m%dT%H%M%S%z")
    assert 0 <= age.total_seconds() < 60


def test_the_first_answer_counts(aws: LocalAws, token: str, stack: str) -> None:
    answers = [{"Status": "SUCCESS"}, {"Status": "FAILED", "Reason": "too late"}]

    assert create(aws, stack, custom(token, Create=answers))["StackStatus"] == "CREATE_COMPLETE"
    accepted = [entry["accepted"] for entry in aws.journal("answer")[-2:]]
    assert accepted == [True, False]


@pytest.mark.parametrize("wrong", [{"Status": "DONE"}, {"Status": "SUCCESS", "RequestId": "x"}])
def test_an_answer_that_is_refused_hangs_the_stack_until_its_timeout(
    aws: LocalAws, token: str, stack: str, wrong: dict[str, str]
) -> None:
    made = create(aws, stack, custom(token, ServiceTimeout=6, Create=[wrong]))

    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    (reason,) = reasons(aws, made["StackId"], "CREATE_FAILED")
    assert "did not receive a response from your Custom Resource" in reason
    assert [note["RequestType"] for note in notes(aws)] == ["Create", "Delete"]


def test_a_good_answer_after_a_refused_one_counts(aws: LocalAws, token: str, stack: str) -> None:
    answers = [{"Status": "DONE"}, {"Status": "SUCCESS"}]

    assert create(aws, stack, custom(token, Create=answers))["StackStatus"] == "CREATE_COMPLETE"


def test_an_answer_over_4096_bytes_fails_the_resource(
    aws: LocalAws, token: str, stack: str
) -> None:
    made = create(
        aws, stack, custom(token, Create=[{"Status": "SUCCESS", "Data": {"x": "y" * 4096}}])
    )

    assert reasons(aws, made["StackId"], "CREATE_FAILED") == ["Response object is too long."]
    (answer,) = [entry for entry in aws.journal("answer")[-2:] if not entry["accepted"]]
    assert answer["size"] > 4096


def test_a_lambda_that_raises_is_tried_again(aws: LocalAws, token: str, stack: str) -> None:
    """Lambda retries an asynchronous invocation twice; a first failure is no end."""
    aws.faults(lambdas=[{"what": "dies_before", "function": "provider", "next": 1}])

    made = create(aws, stack, custom(token))

    assert made["StackStatus"] == "CREATE_COMPLETE"
    assert [entry["what"] for entry in aws.journal("fault")][-1] == "dies_before"


def test_an_event_can_come_twice(aws: LocalAws, token: str, stack: str) -> None:
    aws.faults(duplicate_events=1)

    made = create(aws, stack, custom(token))

    assert made["StackStatus"] == "CREATE_COMPLETE"
    events = [entry for entry in aws.journal("event") if entry["stack_id"] == made["StackId"]]
    assert [entry["request_type"] for entry in events] == ["Create", "Create"]
    assert events[0]["request_id"] == events[1]["request_id"]


def test_the_answer_url_can_fail_at_first(aws: LocalAws, token: str, stack: str) -> None:
    aws.faults(answers={"next": 2, "status": 503})

    assert create(aws, stack, custom(token))["StackStatus"] == "CREATE_COMPLETE"
    assert [entry["status"] for entry in aws.journal("fault")[-2:]] == [503, 503]


CHUNKS = """
import http.client, json, urllib.parse
def handler(event, context):
    url = urllib.parse.urlsplit(event["ResponseURL"])
    body = json.dumps({"Status": "SUCCESS", "PhysicalResourceId": "x",
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}}).encode()
    connection = http.client.HTTPConnection(url.netloc)
    connection.request("PUT", url.path, iter([body]), encode_chunked=True,
        headers={"Transfer-Encoding": "chunked"})
    print("status", connection.getresponse().status)
"""


def test_an_answer_in_chunks_is_not_implemented(aws: LocalAws, token: str, stack: str) -> None:
    functions = aws.client("lambda")
    functions.update_function_code(FunctionName="provider", ZipFile=zipped(CHUNKS))
    mark = aws.journal()[-1]["n"]

    made = create(aws, stack, custom(token, ServiceTimeout=2))

    assert made["StackStatus"] in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
    assert len(aws.journal("event", mark)) >= 1
    assert aws.journal("answer", mark) == []


def zipped(source: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("index.py", source)
    return file.getvalue()
