"""The checks and the local AWS share no code: what one accepts the other must register."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from local import LocalAws
from tests.local.fleet import Fleet
from tests.unit.constructs.cases import CASES
from tests.unit.constructs.strategies import declarations
from thing_registration import InputFile, PrerequisiteNames, ProvisioningTemplate
from thing_registration.check import check
from thing_registration.checks.rules import RULES

pytestmark = pytest.mark.slow

SAMPLES = sorted(Path(__file__).parents[1].glob("unit/constructs/samples/*.template.json"))
ERRORS = [rule.id for rule in RULES.values() if rule.severity == "error"]

# What the checks refuse although AWS IoT, as far as its documentation tells, registers it.
MISTAKES = {
    "csr-thing-name": "AWS makes another certificate for the same key",
    "derived-template-length": "the template itself is not too long",
    "input-empty": "a task without lines completes",
    "key-twice": "a JSON parser takes the last value",
    "parameter-reserved": "only the deployment needs the name",
    "private-key": "AWS passes over a key of a line that the template does not declare",
    "public-key-twice": "AWS makes two certificates for one key",
    "template-key-twice": "a JSON parser takes the last value",
    "thing-name-twice": "the same thing with the same properties is no conflict",
}
# What never reaches AWS, because it is no JSON Lines file yet.
BEFORE_THE_UPLOAD = {
    "array-json",
    "csv-column",
    "csv-header",
    "csv-row",
    "input-readable",
    "template-readable",
}
# Public files that pass the checks, and what the local AWS says of them: it holds no certificates
# that were there before, and takes AWS's documentation at its word where the checks only warn.
DIFFERENCES = {
    "aws-cli": "does not exist",  # certificates by id
    "connected-device-framework": "No CA certificate exists",  # certificates of a registered CA
    "deep-dive": "Value '' at 'thingGroupName'",  # warning empty-name
    "detectordag": "does not exist",  # certificates by id
    "wastebins": "must be a string",  # warning value-number
}


class Account:
    """One account of the local AWS: each example has its own, so that no name is taken."""

    def __init__(self, aws: LocalAws, number: int) -> None:
        self._aws = aws
        self.account = f"{number:012}"

    def client(self, service: str, **arguments: Any) -> Any:
        return self._aws.client(service, aws_access_key_id=self.account, **arguments)


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        aws.faults(throttling=False)
        yield aws


NUMBERS = count(100)


def new_fleet(aws: LocalAws, names: PrerequisiteNames) -> Fleet:
    """A fresh account in which these names exist."""
    number = next(NUMBERS)
    fleet = Fleet(Account(aws, number), f"input-files-{number}")  # type: ignore[arg-type]
    for name in names.thing_types:
        fleet.iot.create_thing_type(thingTypeName=name)
    for name in names.thing_groups:
        fleet.iot.create_thing_group(thingGroupName=name)
    for name in names.billing_groups:
        fleet.iot.create_billing_group(billingGroupName=name)
    for name in names.policies:
        fleet.iot.create_policy(policyName=name, policyDocument='{"Statement": []}')
    return fleet


def registers(fleet: Fleet, body: str, content: bytes) -> str:
    """Run the task; why it did not register everything, or nothing."""
    fleet.s3.put_object(Bucket=fleet.bucket, Key="devices.jsonl", Body=content)
    try:
        task = fleet.finished(fleet.start(None, body, key="devices.jsonl"))
    except fleet.iot.exceptions.InvalidRequestException as refused:
        return str(refused)
    if task["status"] != "Completed" or task["failureCount"]:
        return json.dumps([task["status"], *fleet.report(task["taskId"], "ERRORS")])
    return ""


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(declarations())
def test_what_the_checks_take_registers_without_a_failed_line(
    aws: LocalAws, declaration: tuple[dict[str, Any], list[dict[str, str]]]
) -> None:
    template = ProvisioningTemplate.from_object(declaration[0])
    verdict = check(template, InputFile.from_records(declaration[1]))
    assert verdict.canonical is not None
    assert template.reading.body is not None

    fleet = new_fleet(aws, verdict.names)

    assert registers(fleet, template.reading.body, verdict.canonical.read_bytes()) == ""


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_public_files_that_the_checks_take_register(aws: LocalAws, path: Path) -> None:
    template = ProvisioningTemplate.from_file(path)
    devices = path.with_name(path.name.replace(".template.json", ".jsonl"))
    verdict = check(template, InputFile.from_file(devices))
    assert verdict.canonical is not None
    assert template.reading.body is not None

    fleet = new_fleet(aws, verdict.names)

    said = registers(fleet, template.reading.body, verdict.canonical.read_bytes())
    name = path.name.removesuffix(".template.json")
    assert DIFFERENCES.get(name, "") in said
    assert bool(said) == (name in DIFFERENCES)


@pytest.mark.parametrize("rule", sorted({*ERRORS} - {*MISTAKES} - BEFORE_THE_UPLOAD))
def test_what_the_checks_refuse_fails_there_too(aws: LocalAws, rule: str) -> None:
    case = CASES[rule]()
    body = case.template if isinstance(case.template, str) else json.dumps(case.template)
    assert case.content is not None
    exists = PrerequisiteNames(("t",), tuple("abcdefghijk"), (), ("p",))

    fleet = new_fleet(aws, exists)

    assert registers(fleet, body, case.content)


def test_the_differences_are_rules_that_exist() -> None:
    assert {*MISTAKES} | BEFORE_THE_UPLOAD <= {*ERRORS}
