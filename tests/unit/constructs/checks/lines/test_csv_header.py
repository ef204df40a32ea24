"""The columns of a CSV file, against the template."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.constructs.cases import SERIAL, messages, thing
from thing_registration import InputFile, ProvisioningTemplate, check

HAS_DEFAULT = ProvisioningTemplate.from_object(
    {
        **thing(AttributePayload={"serial": {"Ref": "SerialNumber"}}),
        "Parameters": {
            "ThingName": {"Type": "String"},
            "SerialNumber": {"Type": "String", "Default": "0"},
        },
    }
)


def checked(tmp_path: Path, header: str, template: ProvisioningTemplate = SERIAL) -> list[str]:
    """Check a file with a header and three rows."""
    width = header.count(",") + 1
    rows = "".join(",".join(f"{name}{i}" for i in range(width)) + "\n" for name in "abc")
    (tmp_path / "d.csv").write_text(f"{header}\n{rows}")
    return messages(check(template, InputFile.from_csv(tmp_path / "d.csv")))


@pytest.mark.parametrize(
    ("header", "problems"),
    [
        ("ThingName,SerialNumber", []),
        (
            "ThingName",
            [
                "the column SerialNumber is missing, which the template requires: "
                "the header has ThingName"
            ],
        ),
        (
            "ThingName,serial number",
            [
                "the column serial number is almost certainly a misspelling: "
                "the template declares SerialNumber"
            ],
        ),
        (
            "ThingName,Serial Number,Colour",
            [
                "the column Serial Number is almost certainly a misspelling: "
                "the template declares SerialNumber",
                "the column Colour is no parameter of the template, "
                "which declares SerialNumber, ThingName",
            ],
        ),
        (
            "ThingName,SerialNumber,Colour",
            [
                "the column Colour is no parameter of the template, "
                "which declares SerialNumber, ThingName"
            ],
        ),
    ],
)
def test_a_column_is_reported_once_and_not_on_each_row(
    tmp_path: Path, header: str, problems: list[str]
) -> None:
    assert checked(tmp_path, header) == [f"d.csv:1: {problem}" for problem in problems]


def test_a_column_with_a_default_may_be_missing_but_not_misspelt(tmp_path: Path) -> None:
    assert checked(tmp_path, "ThingName", HAS_DEFAULT) == []
    (found,) = checked(tmp_path, "ThingName,Serialnumber", HAS_DEFAULT)
    assert "misspelling: the template declares SerialNumber" in found
