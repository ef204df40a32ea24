"""What the calls accept is what the service's model says."""

from __future__ import annotations

from typing import Any

import pytest

from local.iot.errors import ServiceError
from local.iot.requests import page, reports_request, start_request, status_filter

GOOD = {
    "templateBody": "{}",
    "inputFileBucket": "bucket",
    "inputFileKey": "fleet/devices.jsonl",
    "roleArn": "arn:aws:iam::000000000000:role/Registration",
}


def refusal(document: dict[str, Any]) -> str:
    with pytest.raises(ServiceError) as raised:
        start_request(document)
    assert raised.value.code in ("InvalidRequestException", "SerializationException")
    return raised.value.message


def test_a_complete_request_is_taken_as_it_is() -> None:
    request = start_request(GOOD)

    assert request.input_file_key == "fleet/devices.jsonl"


@pytest.mark.parametrize("member", sorted(GOOD))
def test_every_member_is_required(member: str) -> None:
    message = refusal({name: value for name, value in GOOD.items() if name != member})

    assert f"Value at '{member}' failed to satisfy constraint: Member must not be null" in message


@pytest.mark.parametrize("key", ["a=b", "a b", "a:b", "a@b", "a&b", "a%b", "ä", "a\n", ""])
def test_a_key_outside_the_pattern_is_refused(key: str) -> None:
    assert "inputFileKey" in refusal({**GOOD, "inputFileKey": key})


@pytest.mark.parametrize("key", ["a/b-c_d.e!f*g'(h)+,", "x" * 1024])
def test_a_key_inside_the_pattern_passes(key: str) -> None:
    assert start_request({**GOOD, "inputFileKey": key}).input_file_key == key


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("templateBody", "x" * 10241),
        ("inputFileBucket", "ab"),
        ("inputFileBucket", "b" * 257),
        ("inputFileKey", "x" * 1025),
        ("roleArn", "x" * 19),
        ("roleArn", "x" * 2049),
        ("roleArn", 7),
    ],
)
def test_lengths_and_types_are_checked(member: str, value: object) -> None:
    assert member in refusal({**GOOD, member: value})


def test_all_violations_are_told_at_once() -> None:
    message = refusal({**GOOD, "inputFileKey": "a b", "inputFileBucket": "a"})

    assert message.startswith("2 validation errors detected: ")


@pytest.mark.parametrize("size", ["0", "251", "-1", "many"])
def test_a_page_holds_1_to_250(size: str) -> None:
    with pytest.raises(ServiceError):
        page({"maxResults": size})


def test_a_report_needs_one_of_two_types() -> None:
    for query in ({}, {"reportType": "results"}):
        with pytest.raises(ServiceError):
            reports_request("task", query)


def test_only_known_statuses_filter() -> None:
    assert status_filter({"status": "Cancelling"}) == "Cancelling"
    with pytest.raises(ServiceError):
        status_filter({"status": "Running"})
