"""A provisioning template is read without raising, and sent as AWS needs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iot as iot

from tests.unit.constructs.cases import thing
from thing_registration import (
    InputFile,
    InvalidDeclaration,
    ProvisioningTemplate,
    Ref,
    Thing,
    check,
)


def test_a_body_is_sent_without_the_white_space_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(thing(), indent=4), encoding="utf-8-sig")

    template = ProvisioningTemplate.from_file(path)

    assert template.source == str(path)
    assert template.reading.body == json.dumps(thing(), separators=(",", ":"))


def test_a_body_that_is_no_json_object_is_not_given(stack: Stack) -> None:
    template = ProvisioningTemplate.from_string("{")

    with pytest.raises(InvalidDeclaration, match="is not valid JSON") as raised:
        template.to_body(stack)

    assert raised.value.problems == template.reading.problems


def test_a_missing_file_is_said_with_the_folder_that_was_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    absolute = tmp_path / "template.json"

    (relative,) = ProvisioningTemplate.from_file("fleet/template.json").reading.problems
    (at_path,) = ProvisioningTemplate.from_file(absolute).reading.problems
    missing = InputFile.from_csv("devices.csv").json_lines

    why = "cannot be read (no such file or directory"
    assert str(relative) == f"fleet/template.json: {why} in {tmp_path}): must be a readable file"
    assert str(at_path) == f"{absolute}: {why}): must be a readable file"
    assert missing is not None
    (problem,) = missing.found.first
    assert str(problem) == f"devices.csv: {why} in {tmp_path}): must be a readable file"


def test_a_template_of_another_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_bytes(json.dumps(thing()).encode("utf-16"))

    (problem,) = ProvisioningTemplate.from_file(path).reading.problems

    assert str(problem) == f"{path}: is not UTF-8 at byte 1: must be one JSON object"


def test_an_object_that_json_has_not_is_an_error_of_the_app() -> None:
    with pytest.raises(TypeError):
        ProvisioningTemplate.from_object({"Parameters": {1, 2}})


def test_a_template_with_tokens_checks_its_input_file(stack: Stack) -> None:
    thing_type = iot.CfnThingType(stack, "Type")
    template = ProvisioningTemplate.from_parts(Thing(Ref("ThingName"), thing_type=thing_type))

    verdict = check(template, InputFile.from_records([{"ThingName": "a b"}]))

    assert list(verdict.counts) == ["thing-name"]
