"""Whether the registry shows what was sent for things that existed before."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.registry_answers import queue_no_thing, queue_principals, queue_thing
from tests.unit.lambda_.stubs import INPUT_KEY, NOW, PROPERTIES
from thing_registration_worker.aws import registry
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.registry.verification import Verification, is_as_declared, verify
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.step import Step
from thing_registration_worker.timing import REGISTRY_LAG

pytestmark = pytest.mark.usefixtures("claims")

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


def line(name: str, model: object = "m2") -> SentLine:
    text = json.dumps({"Name": name, "Model": model})
    return SentLine(1, text, name, "", "none", "", "", True, thing_exists=True)


def task(ended_at: float = NOW - REGISTRY_LAG) -> Task:
    return Task("task-1", "Completed", "", "fleet", INPUT_KEY, NOW - 90, ended_at, 1, 0, 100)


@pytest.fixture
def step(make_step: Any) -> Step:
    properties = {**PROPERTIES, "TemplateBody": json.dumps(TEMPLATE)}
    made: Step = make_step("Finish", event_changes={"ResourceProperties": properties})
    return made


def test_a_thing_that_is_as_it_was_sent_does_not_differ(aws: Any, step: Step) -> None:
    queue_thing(aws, "a", **SHOWN)

    assert verify(step, task(), [line("a")]) == Verification(0, {})


@pytest.mark.parametrize(
    ("shown", "difference"),
    [
        ({**SHOWN, "attributes": {"model": "m1"}}, "attribute model is 'm1' and not 'm2'"),
        ({**SHOWN, "attributes": {}}, "attribute model is '' and not 'm2'"),
        ({**SHOWN, "thingTypeName": "valve"}, "thing type is 'valve' and not 'sensor'"),
    ],
)
def test_a_difference_is_named_when_the_registry_cannot_lag_any_more(
    aws: Any, step: Step, shown: dict[str, Any], difference: str
) -> None:
    queue_thing(aws, "a", **shown)

    assert verify(step, task(), [line("a")]) == Verification(0, {"a": difference})


def test_a_thing_that_is_gone_differs(aws: Any, step: Step) -> None:
    queue_no_thing(aws, "a")

    assert "attribute model is ''" in verify(step, task(), [line("a")]).differing["a"]


def test_what_aws_may_show_as_another_text_is_not_compared(aws: Any, step: Step) -> None:
    queue_thing(aws, "a", **SHOWN)

    assert verify(step, task(), [line("a", model=1.0)]) == Verification(0, {})


def test_only_what_differs_is_asked_about_again_while_the_registry_may_lag(
    aws: Any, step: Step
) -> None:
    queue_thing(aws, "b", **SHOWN)
    queue_thing(aws, "a", **{**SHOWN, "attributes": {"model": "m1"}})
    queue_thing(aws, "a", **SHOWN)
    just_ended = task(ended_at=NOW)

    first = verify(step, just_ended, [line("a"), line("b")])
    second = verify(step, just_ended, [line("a"), line("b")])

    assert (first.wait, second) == (5, Verification(0, {}))


def test_what_takes_long_goes_on_in_the_next_call(
    aws: Any, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_thing(aws, "b", **SHOWN)
    queue_thing(aws, "a", **SHOWN)
    monkeypatch.setattr("thing_registration_worker.registry.verification.LOOK_UP_CALL_BUDGET", 0)
    clock = iter([0.0, 0.0, 1.0, 2.0, 2.0, 3.0])
    monkeypatch.setattr("time.time", lambda: next(clock))

    first = verify(step, task(), [line("a"), line("b")])
    second = verify(step, task(), [line("a"), line("b")])

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
    device = replace(line("a"), certificate="csr", certificate_id=certificate_id)

    assert is_as_declared(step, device, thing) is is_same
