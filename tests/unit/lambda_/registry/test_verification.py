"""Whether the registry shows what was sent for things that existed before."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.memory_s3 import MemoryS3
from tests.unit.lambda_.registry_answers import queue_no_thing, queue_principals, queue_thing
from tests.unit.lambda_.stubs import INPUT_KEY, NOW, PROPERTIES
from thing_registration_worker.aws import registry
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.registry.verification import Verification, is_as_declared, verify
from thing_registration_worker.state import lines
from thing_registration_worker.state.lines import Line
from thing_registration_worker.step import Step
from thing_registration_worker.timing import REGISTRY_LAG

TEMPLATE = {
    "Parameters": {"Name": {"Type": "String"}, "Model": {"Type": "String"}},
    "Resources": {
        "t": {
            "Type": "AWS::IoT::Thing",
            "Properties": {
                "ThingName": {"Ref": "Name"},
                "AttributePayload": {"model": {"Ref": "Model"}},
                "ThingTypeName": "sensor",
            },
        }
    },
}
SHOWN = {"attributes": {"model": "m2"}, "thingTypeName": "sensor"}
Sent = Callable[..., list[Line]]


def task(ended_at: float = NOW - REGISTRY_LAG) -> Task:
    return Task("task-1", "Completed", "", "fleet", INPUT_KEY, NOW - 90, ended_at, 1, 0, 100)


@pytest.fixture
def step(make_step: Any) -> Step:
    properties = {**PROPERTIES, "TemplateBody": json.dumps(TEMPLATE)}
    made: Step = make_step("Finish", event_changes={"ResourceProperties": properties})
    return made


@pytest.fixture
def sent(step: Step, s3: MemoryS3) -> Sent:
    """Write the file with one line for each name, and return its lines as the state has them."""

    def send(*names: str, model: object = "m2") -> list[Line]:
        texts = [json.dumps({"Name": name, "Model": model}).encode() + b"\n" for name in names]
        s3.place(step.place.keys.file(step.request.request_id), b"".join(texts))
        at, made = 0, []
        for number, (name, text) in enumerate(zip(names, texts, strict=True), 1):
            made.append(Line(number, at, len(text), 0, "changed", name, thing_exists=True))
            at += len(text)
        lines.add(step.db, made)
        step.db.execute("INSERT INTO part VALUES (0, 1, ?)", (len(names),))
        return made

    return send


def test_a_thing_that_is_as_it_was_sent_does_not_differ(aws: Any, step: Step, sent: Sent) -> None:
    queue_thing(aws, "a", **SHOWN)

    assert verify(step, task(), sent("a")) == Verification(0, {})


@pytest.mark.parametrize(
    ("shown", "difference"),
    [
        ({**SHOWN, "attributes": {"model": "m1"}}, "attribute model is 'm1' and not 'm2'"),
        ({**SHOWN, "attributes": {}}, "attribute model is '' and not 'm2'"),
        ({**SHOWN, "thingTypeName": "valve"}, "thing type is 'valve' and not 'sensor'"),
    ],
)
def test_a_difference_is_named_when_the_registry_cannot_lag_any_more(
    aws: Any, step: Step, sent: Sent, shown: dict[str, Any], difference: str
) -> None:
    queue_thing(aws, "a", **shown)

    assert verify(step, task(), sent("a")) == Verification(0, {"a": difference})


def test_a_thing_that_is_gone_differs(aws: Any, step: Step, sent: Sent) -> None:
    queue_no_thing(aws, "a")

    assert "attribute model is ''" in verify(step, task(), sent("a")).differing["a"]


def test_what_aws_may_show_as_another_text_is_not_compared(
    aws: Any, step: Step, sent: Sent
) -> None:
    queue_thing(aws, "a", **SHOWN)

    assert verify(step, task(), sent("a", model=1.0)) == Verification(0, {})


def test_only_what_differs_is_asked_about_again_while_the_registry_may_lag(
    aws: Any, step: Step, sent: Sent
) -> None:
    to_verify, just_ended = sent("a", "b"), task(ended_at=NOW)
    queue_thing(aws, "a", **{**SHOWN, "attributes": {"model": "m1"}})
    queue_thing(aws, "b", **SHOWN)
    queue_thing(aws, "a", **SHOWN)

    first = verify(step, just_ended, to_verify)
    second = verify(step, just_ended, lines.of_part(step.db, 0))

    assert (first.wait, second) == (5, Verification(0, {}))


def test_what_takes_long_goes_on_in_the_next_call(
    aws: Any, step: Step, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_verify = sent("a", "b")
    queue_thing(aws, "a", **SHOWN)
    queue_thing(aws, "b", **SHOWN)
    monkeypatch.setattr("time.time", lambda: NOW + 99)

    first = verify(step, task(), to_verify)
    second = verify(step, task(), lines.of_part(step.db, 0))

    assert (first.wait, second.wait) == (1, 0)


@pytest.mark.parametrize(
    ("certificate_id", "attached", "is_same"),
    [("c" * 64, "c" * 64, True), ("c" * 64, "d" * 64, False)],
)
def test_a_device_is_as_declared_only_with_its_certificate(
    aws: Any, step: Step, certificate_id: str, attached: str, is_same: bool
) -> None:
    queue_thing(aws, "a", **SHOWN)
    queue_principals(aws, "a", attached)
    thing = registry.describe_thing(aws.iot, "a")
    line = replace(Line(1, 0, 0, 0, "same", "a"), certificate_id=certificate_id)

    assert is_as_declared(step, line, b'{"Name": "a", "Model": "m2"}', thing) is is_same
