"""The answer: once, whole, under 4,096 bytes."""

import json
from urllib.error import HTTPError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.lambda_.cloudformation import CloudFormation
from thing_registration_worker.aws.cfn_response import MAX_BYTES, fitting, respond

IDS = {"PhysicalResourceId": "p" * 100, "StackId": "s" * 200, "RequestId": "r" * 36}


def test_an_answer_that_is_refused_is_sent_again(cloudformation: CloudFormation) -> None:
    cloudformation.refuse = 2

    respond(cloudformation.url, IDS, "why", {})

    assert len(cloudformation.answers) == 1


def test_an_answer_whose_connection_breaks_off_is_sent_again(
    cloudformation: CloudFormation,
) -> None:
    cloudformation.hang_up = 2

    respond(cloudformation.url, IDS, "why", {})

    assert len(cloudformation.answers) == 1


def test_the_response_url_reaches_no_log(
    cloudformation: CloudFormation, capsys: pytest.CaptureFixture[str]
) -> None:
    cloudformation.refuse = 1

    respond(cloudformation.url, IDS, "why", {})

    assert cloudformation.url not in capsys.readouterr().out


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


def test_a_reason_is_cut_only_where_the_answer_would_have_4096_bytes() -> None:
    room = 4_095 - len(fitting(IDS, ""))

    whole, cut = fitting(IDS, "x" * room), fitting(IDS, "x" * (room + 1))

    assert len(whole) == len(cut) == 4_095
    assert json.loads(whole)["Reason"] == "x" * room
    assert json.loads(cut)["Reason"].endswith("x …")


def test_an_answer_is_sent_four_times_with_growing_waits_then_given_up(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[int] = []
    monkeypatch.setattr("time.sleep", waits.append)
    cloudformation.refuse = 9

    with pytest.raises(HTTPError):
        respond(cloudformation.url, IDS, "why", {})

    assert cloudformation.refuse == 9 - 4
    assert waits == [1, 2, 4]


def test_an_answer_that_is_taken_by_the_last_attempt_is_no_error(
    cloudformation: CloudFormation,
) -> None:
    cloudformation.refuse = 3

    respond(cloudformation.url, IDS, "", {"TaskId": "task-1"})

    (answer,) = cloudformation.answers
    assert answer == {**IDS, "Status": "SUCCESS", "Data": {"TaskId": "task-1"}, "Reason": ""}
