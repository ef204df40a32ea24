"""A template and an input file are checked together."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3

from tests.unit.constructs.cases import (
    POLICY,
    THING,
    thing,
    with_policy,
)
from thing_registration import (
    InputFile,
    PrerequisiteNames,
    ProvisioningTemplate,
    check,
)

SAMPLES = Path(__file__).parent / "samples"
WARNINGS = {
    "aws-cli": {"certificate-status-spelling"},
    "connected-device-framework": set(),
    "deep-dive": {"empty-name", "parameter-unused"},
    "detectordag": set(),
    "developer-guide": set(),
    "geoquery": {"parameter-unused"},
    "wastebins": {"key-unknown", "value-number"},
}


def test_a_file_in_a_bucket_is_not_read() -> None:
    bucket = s3.Bucket.from_bucket_name(Stack(App(), "Stack"), "Bucket", "devices")
    template = ProvisioningTemplate.from_object(
        thing(ThingTypeName="t", ThingGroups=[{"Ref": "Group"}])
        | {
            "Parameters": {
                "ThingName": {"Type": "String"},
                "Group": {"Type": "String", "Default": "g"},
            }
        }
    )

    verdict = check(template, InputFile.from_bucket(bucket, "devices.jsonl"))

    assert (verdict.lines, verdict.estimated_duration, verdict.canonical) == (None, None, None)
    assert verdict.names == PrerequisiteNames(("t",), ("g",))


def test_names_are_all_that_the_lines_come_to(tmp_path: Path) -> None:
    template = ProvisioningTemplate.from_object(
        with_policy(PolicyName={"Ref": "P"})
        | {
            "Parameters": {
                "ThingName": {"Type": "String"},
                "P": {"Type": "String", "Default": "standard"},
            }
        }
    )
    lines = [{"ThingName": "a", "P": "x"}, {"ThingName": "b"}, {"ThingName": "c", "P": "w"}]

    verdict = check(template, InputFile.from_records(lines))
    without_default = check(template, InputFile.from_records(lines[:1]))

    assert verdict.names.policies == ("standard", "w", "x")
    assert without_default.names.policies == ("x",)


def test_strict_makes_every_warning_an_error() -> None:
    input_file = InputFile.from_records([{"ThingName": "a", "X": "1"}])

    assert check(THING, input_file).canonical is not None
    verdict = check(THING, input_file, strict=True)

    assert (verdict.error_count, verdict.warning_count, verdict.canonical) == (1, 0, None)
    assert verdict.errors == verdict.problems


def test_the_duration_is_that_of_the_specified_rate() -> None:
    input_file = InputFile.from_records([{"ThingName": f"t{i}"} for i in range(7)])

    assert check(THING, input_file).estimated_duration == timedelta(seconds=1)
    assert check(THING, input_file, things_per_second=2).estimated_duration == timedelta(seconds=4)


def test_a_policy_that_aws_makes_is_not_a_prerequisite() -> None:
    records = [{"ThingName": "a"}]
    made = ProvisioningTemplate.from_object(with_policy(PolicyDocument=POLICY))
    named = ProvisioningTemplate.from_object(with_policy(PolicyName="p"))

    assert check(made, InputFile.from_records(records)).names.policies == ()
    assert check(named, InputFile.from_records(records)).names.policies == ("p",)


def test_the_example_in_the_docstring_fails_on_an_error_only() -> None:
    assert not check(THING, InputFile.from_records([{"ThingName": "a", "X": "1"}])).errors
    assert check(THING, InputFile.from_records([{"ThingName": "a b"}])).errors


def test_a_parameter_that_is_never_used_may_be_left_out_with_a_warning() -> None:
    template = ProvisioningTemplate.from_object(
        thing() | {"Parameters": {"ThingName": {"Type": "String"}, "Note": {"Type": "String"}}}
    )

    verdict = check(template, InputFile.from_records([{"ThingName": "a"}, {"ThingName": "b"}]))

    assert verdict.error_count == 0
    assert verdict.counts == {"parameter-unused": 1, "unused-parameter-missing": 2}


@pytest.mark.parametrize("name", WARNINGS)
def test_a_sample_has_no_error_and_only_these_warnings(name: str) -> None:
    template = ProvisioningTemplate.from_file(SAMPLES / f"{name}.template.json")

    verdict = check(template, InputFile.from_file(SAMPLES / f"{name}.jsonl"))

    assert verdict.errors == (), str(verdict)
    assert verdict.counts.keys() == WARNINGS[name]
    assert verdict.canonical == SAMPLES / f"{name}.jsonl"


def test_every_sample_is_checked() -> None:
    assert {path.name.split(".")[0] for path in SAMPLES.glob("*.jsonl")} == WARNINGS.keys()


@pytest.mark.parametrize("devices", [b'{"ThingName": "a"}\n', b'{"ThingName": "a"}\n' * 3, b"x"])
def test_arguments_in_each_others_place_are_one_error(tmp_path: Path, devices: bytes) -> None:
    (tmp_path / "devices.jsonl").write_bytes(devices)
    (tmp_path / "template.json").write_text(json.dumps(thing(), indent=2))

    verdict = check(
        ProvisioningTemplate.from_file(tmp_path / "devices.jsonl"),
        InputFile.from_file(tmp_path / "template.json"),
    )

    assert verdict.counts == {"swapped": 1}
    assert str(verdict).endswith("devices.jsonl is none: swap the two")
