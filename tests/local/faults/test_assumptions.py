"""What AWS's documentation leaves open can be set; tests/verify_aws has a case for each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.fleet import THING_TEMPLATE, Fleet, new_csr, register, template

pytestmark = pytest.mark.slow
CSR = {"CertificateSigningRequest": {"Ref": "CSR"}}
BY_ID = {"CertificateId": {"Ref": "CertificateId"}}


def assume(fleet: Fleet, **assumptions: Any) -> None:
    fleet.aws.faults(throttling=False, assumptions=assumptions)


def new_certificate(fleet: Fleet, *, active: bool = True) -> dict[str, str]:
    made: dict[str, str] = fleet.iot.create_certificate_from_csr(
        certificateSigningRequest=new_csr(), setAsActive=active
    )
    return made


@pytest.mark.parametrize(
    ("setting", "status", "registered"),
    [("FAIL", "INACTIVE", 0), ("DO_NOTHING", "INACTIVE", 1), ("REPLACE", "ACTIVE", 1)],
)
def test_an_inactive_certificate_without_override_settings(
    fleet: Fleet, name: str, setting: str, status: str, registered: int
) -> None:
    known = new_certificate(fleet, active=False)["certificateId"]
    assume(fleet, certificate_override=setting)

    task = fleet.run([{"ThingName": name, "CertificateId": known}], template(certificate=BY_ID))

    described = fleet.iot.describe_certificate(certificateId=known)["certificateDescription"]
    assert (described["status"], task["successCount"]) == (status, registered)


def test_an_attached_certificate_may_stay_with_the_thing_that_it_is_attached_to(
    fleet: Fleet, name: str
) -> None:
    known = new_certificate(fleet)
    fleet.iot.create_thing(thingName=name)
    fleet.iot.attach_thing_principal(thingName=name, principal=known["certificateArn"])
    assume(fleet, attached_certificate="fails")
    body = template(certificate=BY_ID)

    same = fleet.run([{"ThingName": name, "CertificateId": known["certificateId"]}], body)
    other = fleet.run([{"ThingName": f"{name}-b", "CertificateId": known["certificateId"]}], body)

    assert (same["successCount"], other["successCount"]) == (1, 0)


def test_a_line_without_a_thing_name_still_fails_where_missing_values_are_left_out(
    fleet: Fleet,
) -> None:
    assume(fleet, missing_value="omitted")

    assert "thingName" in fleet.error_of({"Name": "x"})["errorMessage"]


def test_a_joined_name_needs_a_separator_and_a_list_of_declared_parameters(
    fleet: Fleet, name: str
) -> None:
    assume(fleet, fn_join=True)
    body = json.loads(json.dumps(THING_TEMPLATE))
    properties = body["Resources"]["thing"]["Properties"]
    for wrong in ({"Fn::Join": ["-"]}, {"Fn::Join": ["-", [{"Ref": "Unknown"}]]}):
        properties["ThingName"] = wrong
        with pytest.raises(fleet.iot.exceptions.InvalidRequestException):
            register(fleet, body, ThingName=name)
    properties["ThingName"] = {"Fn::Join": ["-", [{"Ref": "ThingName"}, "b"]]}

    register(fleet, body, ThingName=name)

    assert fleet.iot.describe_thing(thingName=f"{name}-b")


def test_results_may_lack_the_certificate(fleet: Fleet, name: str) -> None:
    assume(fleet, results_omit=["CertificatePem"])

    task = fleet.run([{"ThingName": name, "CSR": new_csr()}], template(certificate=CSR))

    (line,) = fleet.report(task["taskId"], "RESULTS")
    assert set(line["response"]) == {"ResourceArns"}


@pytest.mark.parametrize(
    ("stage", "things", "certificates"),
    [("nothing", 0, 0), ("thing", 1, 0), ("certificate", 1, 1), ("everything", 1, 1)],
)
def test_a_line_fails_after_a_stage_and_what_was_made_stays(
    fleet: Fleet, name: str, stage: str, things: int, certificates: int
) -> None:
    fault = {"pattern": name, "after": stage, "message": "too late", "times": 1}
    fleet.aws.faults(throttling=False, lines=[fault])
    before = count_certificates(fleet)

    task = fleet.run([{"ThingName": name, "CSR": new_csr()}], template(certificate=CSR))

    (line,) = fleet.report(task["taskId"], "ERRORS")
    assert line["errorMessage"] == "too late"
    assert fleet.aws.fault_strikes() == {"lines[0]": 1}
    assert count_certificates(fleet) - before == certificates
    assert len(existing(fleet, name)) == things
    attached = [
        principal
        for thing in existing(fleet, name)
        for principal in fleet.iot.list_thing_principals(thingName=thing)["principals"]
    ]
    assert len(attached) == (1 if stage == "everything" else 0)


def test_a_line_without_a_certificate_never_fails_after_it(fleet: Fleet, name: str) -> None:
    fleet.aws.faults(throttling=False, lines=[{"pattern": name, "after": "certificate"}])

    assert fleet.run([{"ThingName": name}])["successCount"] == 1
    assert fleet.aws.fault_strikes() == {"lines[0]": 0}


def existing(fleet: Fleet, name: str) -> list[str]:
    pages = fleet.iot.get_paginator("list_things").paginate()
    return [
        item["thingName"] for page in pages for item in page["things"] if item["thingName"] == name
    ]


def count_certificates(fleet: Fleet) -> int:
    pages = fleet.iot.get_paginator("list_certificates").paginate()
    return sum(len(page["certificates"]) for page in pages)
