"""What is said of one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.constructs.cases import SERIAL, check_bytes, lines, messages, with_certificate
from thing_registration import ProvisioningTemplate

TWO = [
    "devices.jsonl:1: serialnumber: is almost certainly a misspelling: "
    "the template declares SerialNumber",
    "devices.jsonl:2: SerialNumbr: is almost certainly a misspelling: "
    "the template declares SerialNumber",
]


def checked(tmp_path: Path, *records: dict[str, Any]) -> list[str]:
    return messages(check_bytes(tmp_path / "devices.jsonl", lines(*records), SERIAL))


def test_a_misspelt_key_is_one_error_and_no_missing_value(tmp_path: Path) -> None:
    records = [{"ThingName": "a", "serialnumber": "1"}, {"ThingName": "b", "SerialNumbr": "1"}]

    assert checked(tmp_path, *records) == TWO


def test_a_key_that_is_almost_one_that_the_line_gives_is_only_unknown(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, {"ThingName": "a", "SerialNumber": "1", "serialNumber": "2"})

    assert "serialNumber: is not a parameter of the template" in found


def test_a_value_is_shown_as_the_file_has_it(tmp_path: Path) -> None:
    nested = {"S": "1", "L": [{"M": {}}, "\u00e9"]}

    (found,) = checked(tmp_path, {"ThingName": "a", "SerialNumber": nested})

    assert 'is {"S": "1", "L": [{"M": {}}, "\\u00e9"]}: must be a string' in found


def test_all_devices_in_one_list_are_one_error(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, {"things": [{"ThingName": "a", "SerialNumber": "1"}]})

    assert found == (
        "devices.jsonl:1: has all devices in one list, things: must be one JSON object per line, "
        "or that list alone"
    )


@pytest.mark.parametrize("count", [1, 40])
def test_what_aws_fills_elsewhere_is_one_error_and_not_one_a_line(
    tmp_path: Path, count: int
) -> None:
    name = "AWS::IoT::Certificate::Id"
    template = ProvisioningTemplate.from_object(with_certificate(CertificateId={"Ref": name}))
    records = [{"ThingName": f"a{number}"} for number in range(count)]

    verdict = check_bytes(tmp_path / "devices.jsonl", lines(*records), template)

    assert messages(verdict) == [
        f"devices.jsonl:1: {name}: is filled by just-in-time and fleet provisioning only: "
        "give the value on each line, under a name of your own"
    ]
    assert verdict.error_count == 1
    given = [{**record, name: f"{index:064x}"} for index, record in enumerate(records)]
    assert not check_bytes(tmp_path / "devices.jsonl", lines(*given), template).problems
