"""The checks know how long the templates get that the deployment makes of the user's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from tests.unit.constructs.cases import csr, with_certificate
from tests.unit.constructs.strategies import declarations
from thing_registration import ProvisioningTemplate
from thing_registration.checks.template.derived_templates import (
    CERTIFICATE_ID_PARAMETER,
    longest_derived,
)
from thing_registration.checks.template.walk import read_template
from thing_registration_worker.fleet.derived_templates import (
    with_certificate_id,
    with_override_settings,
)

SAMPLES = sorted(Path(__file__).parents[1].glob("unit/constructs/samples/*.template.json"))
PEM = {"CertificatePem": {"Ref": "Pem"}, "CACertificatePem": {"Ref": "Ca"}}
TEMPLATES = {
    "csr": with_certificate(CertificateSigningRequest={"Ref": "CSR"}, Status="ACTIVE"),
    "csr in the template": with_certificate(CertificateSigningRequest=csr()),
    "pem": with_certificate(**PEM),
    "id": with_certificate(CertificateId={"Ref": "Id"}),
}


def longest(body: str) -> int:
    """Return the length of the longest template that the deployment makes of a body."""
    derived = [with_override_settings(body)]
    if "CertificateSigningRequest" in body or "CertificatePem" in body:
        known = with_certificate_id(body, CERTIFICATE_ID_PARAMETER)
        derived.append(with_override_settings(known))
    return max(map(len, derived))


def body_of(text: str) -> str:
    """Return a template as AWS gets it."""
    body = read_template(text, "template").body
    assert body is not None
    return body


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_length_is_that_of_public_templates(path: Path) -> None:
    body = body_of(path.read_text(encoding="utf-8-sig"))

    assert longest_derived(json.loads(body)) == longest(body)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_length_is_that_of_each_source_of_a_certificate(name: str) -> None:
    body = body_of(json.dumps(TEMPLATES[name]))

    assert longest_derived(json.loads(body)) == longest(body)


@settings(max_examples=60, deadline=None)
@given(declarations())
def test_the_length_is_that_of_any_template(
    declaration: tuple[dict[str, Any], list[dict[str, str]]],
) -> None:
    body = body_of(json.dumps(declaration[0]))

    assert longest_derived(json.loads(body)) == longest(body)


def test_a_template_that_just_fits_is_taken_with_what_is_added() -> None:
    template = json.loads(json.dumps(TEMPLATES["csr"]))
    template["Parameters"]["Note"] = {"Type": "String", "Default": ""}
    added = 10_240 - longest(body_of(json.dumps(template)))
    template["Parameters"]["Note"]["Default"] = "x" * added
    fits = ProvisioningTemplate.from_object(template)
    template["Parameters"]["Note"]["Default"] += "x"
    too_long = ProvisioningTemplate.from_object(template)

    assert [problem.rule for problem in fits.reading.problems] == ["parameter-unused"]
    assert "derived-template-length" in {problem.rule for problem in too_long.reading.problems}
