"""Template and input file may be stated as paths."""

import json
from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest

from tests.unit.constructs.fleet import RECORDS, TEMPLATE, Make, properties
from thing_registration import InvalidDeclaration


@pytest.mark.parametrize("of", [str, Path])
@pytest.mark.parametrize("name", ["devices.jsonl", "devices.json", "devices.CSV"])
def test_a_path_is_read_as_its_name_says(
    stack: cdk.Stack, make_task: Make, tmp_path: Path, of: Callable[[Path], str | Path], name: str
) -> None:
    template, devices = tmp_path / "template.json", tmp_path / name
    template.write_text(json.dumps(TEMPLATE))
    devices.write_text(
        {
            "devices.jsonl": "".join(json.dumps(record) + "\n" for record in RECORDS),
            "devices.json": json.dumps(RECORDS),
            "devices.CSV": "Name,Group\na,north\nb,south\n",
        }[name]
    )

    make_task(provisioning_template=of(template), input_file=of(devices))

    found = properties(stack)
    assert found["DeviceCount"] == "2"
    assert json.loads(found["TemplateBody"]) == TEMPLATE


def test_files_that_are_missing_are_reported_together(
    stack: cdk.Stack, make_task: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InvalidDeclaration) as refused:
        make_task(provisioning_template="template.json", input_file="devices.jsonl")

    assert [problem.source for problem in refused.value.problems] == [
        "template.json",
        "devices.jsonl",
    ]
    assert not stack.node.children
