"""Files in the shape of those that people use pass without an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from thing_registration import InputFile, ProvisioningTemplate
from thing_registration.check import check

SAMPLES = Path(__file__).parents[2] / "samples"
WARNINGS = {
    "aws-cli": {"certificate-status-spelling"},
    "connected-device-framework": set(),
    "deep-dive": {"empty-name", "parameter-unused"},
    "detectordag": set(),
    "developer-guide": set(),
    "geoquery": {"parameter-unused"},
    "wastebins": {"key-unknown", "value-number"},
}


@pytest.mark.parametrize("name", WARNINGS)
def test_a_sample_has_no_error_and_only_these_warnings(name: str) -> None:
    template = ProvisioningTemplate.from_file(SAMPLES / f"{name}.template.json")

    verdict = check(template, InputFile.from_file(SAMPLES / f"{name}.jsonl"))

    assert verdict.errors == (), str(verdict)
    assert verdict.counts.keys() == WARNINGS[name]
    assert verdict.canonical == SAMPLES / f"{name}.jsonl"


def test_every_sample_is_checked() -> None:
    assert {path.name.split(".")[0] for path in SAMPLES.glob("*.jsonl")} == WARNINGS.keys()
