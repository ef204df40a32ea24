"""What a line makes of a template, and what it is compared by."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.lambda_.fleet.signed import certificates
from thing_registration_worker.fleet.public_keys import UnreadableCertificate, key_of_csr
from thing_registration_worker.fleet.resolved_device import (
    ResolvedDevice,
    Resolver,
    UnresolvedDevice,
)
from thing_registration_worker.fleet.template import Template

SAMPLES = Path(__file__).parents[4] / "examples/fleet"
LINE = (SAMPLES / "devices.jsonl").read_bytes().splitlines()[0]
CSR = json.loads(LINE)["CSR"]


def template(
    thing: dict[str, Any] | None = None,
    certificate: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
    **settings: Any,
) -> str:
    """A template with the parameters Name, Serial and CSR."""
    declared = {name: {"Type": "String"} for name in ("Name", "Serial", "CSR")}
    properties = {"ThingName": {"Ref": "Name"}, "AttributePayload": {"serial": {"Ref": "Serial"}}}
    source = certificate or {"CertificateSigningRequest": {"Ref": "CSR"}}
    return json.dumps(
        {
            "Parameters": {**declared, **(parameters or {})},
            "Resources": {
                "t": {"Type": "AWS::IoT::Thing", "Properties": thing or properties, **settings},
                "c": {"Type": "AWS::IoT::Certificate", "Properties": source},
            },
        }
    )


def resolved(body: str, **values: Any) -> ResolvedDevice:
    line = {"Name": "a", "Serial": "1", "CSR": CSR, **values}
    return Resolver(Template(body)).resolve(json.dumps(line).encode())


def test_a_line_becomes_a_device_with_its_name_and_key() -> None:
    device = Resolver(Template((SAMPLES / "template.json").read_text())).resolve(LINE)

    assert device.thing_name == json.loads(LINE)["ThingName"]
    assert (device.certificate, device.key) == ("csr", key_of_csr(CSR))
    assert device.certificate_id == ""


def test_the_hash_stays_the_same_in_every_later_version() -> None:
    assert resolved(template()).resources == bytes.fromhex("012206f3a1d5a007c15ff39ece72256bb0")


@pytest.mark.parametrize(
    "same",
    [
        json.dumps(json.loads(template()), indent=4),
        json.dumps(json.loads(template()), sort_keys=True),
        template(parameters={"Unused": {"Type": "String", "Default": "x"}}),
        template(certificate={"CertificateSigningRequest": {"Ref": "Name2"}}).replace(
            "Name2", "CSR"
        ),
        template(parameters={"Serial": {"Type": "String", "Default": "7"}}),
    ],
)
def test_what_changes_no_device_does_not_change_the_hash(same: str) -> None:
    assert resolved(same).resources == resolved(template()).resources


def test_undeclared_keys_and_the_order_of_a_line_do_not_change_the_hash() -> None:
    resolver = Resolver(Template(template()))
    line = {"Name": "a", "Serial": "1", "CSR": CSR}
    other = {"Extra": "x", **dict(reversed(line.items()))}

    first, second = (resolver.resolve(json.dumps(one).encode()) for one in (line, other))
    assert first == second


def test_the_source_of_the_certificate_is_not_in_the_hash_but_its_status_is() -> None:
    plain = resolved(template()).resources
    source = {"CertificateId": "ab" * 32}
    status = {"CertificateSigningRequest": {"Ref": "CSR"}, "Status": "INACTIVE"}

    assert resolved(template(certificate=source)).resources == plain
    assert resolved(template(certificate=status)).resources != plain


def test_a_given_certificate_is_in_the_hash_and_not_how_its_pem_is_written() -> None:
    body = template(certificate={"CertificatePem": {"Ref": "CSR"}})
    first, renewed = certificates(2)

    plain = resolved(body, CSR=first).resources
    assert resolved(body, CSR=f"subject\n{first}\n").resources == plain
    assert resolved(body, CSR=renewed).resources != plain


@pytest.mark.parametrize(
    "values", [{"Name": "b"}, {"Serial": "2"}, {"Serial": 1}, {"Serial": True}]
)
def test_another_value_is_another_hash(values: dict[str, Any]) -> None:
    assert resolved(template(), **values).resources != resolved(template()).resources


def test_numbers_are_compared_as_they_are_written() -> None:
    resolver = Resolver(Template(template()))
    texts = [b"1", b"1.0", b"1e0", b'"1"', b'"1.0"']
    line = json.dumps({"Name": "a", "CSR": CSR}).encode()

    hashes = {resolver.resolve(line[:-1] + b', "Serial": %s}' % text) for text in texts}
    assert len(hashes) == len(texts)


def test_override_settings_and_values_with_percent_signs_and_quotes_are_in_the_hash() -> None:
    settings = template(OverrideSettings={"ThingGroups": "MERGE"})
    marked = template(thing={"ThingName": {"Ref": "Name"}, "BillingGroup": '100%s"'})
    other = template(thing={"ThingName": {"Ref": "Name"}, "BillingGroup": "100%%"})

    hashes = {resolved(body).resources for body in (template(), settings, marked, other)}
    assert len(hashes) == 4


def test_a_value_cannot_be_written_so_that_it_reads_as_two() -> None:
    thing = {"ThingName": {"Ref": "Name"}, "Labels": [{"Ref": "Serial"}, {"Ref": "Other"}]}
    body = template(thing=thing, parameters={"Other": {"Type": "String"}})

    one = resolved(body, Serial='x","y', Other="z")
    assert one.resources != resolved(body, Serial="x", Other='y","z').resources


def test_a_default_is_the_value_of_a_line_that_has_none() -> None:
    body = template(parameters={"Serial": {"Type": "String", "Default": "1"}})
    line = json.dumps({"Name": "a", "CSR": CSR}).encode()

    assert Resolver(Template(body)).resolve(line) == resolved(body, Serial="1")


def test_a_line_without_a_value_names_the_parameter() -> None:
    with pytest.raises(UnresolvedDevice, match=r"^Serial: a parameter without a Default must"):
        Resolver(Template(template())).resolve(json.dumps({"Name": "a", "CSR": CSR}).encode())
    with pytest.raises(UnresolvedDevice, match=r"^CSR: "):
        Resolver(Template(template())).resolve(b'{"Name": "a", "Serial": "1"}')


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"{",
        b'"a"',
        b"\xff",
        b"{} {}",
        b"[" * 100_000,
        b'{"Name": "a", "CSR": "", "Serial": NaN}',
        b'{"Name": "", "CSR": "", "Serial": "1"}',
        b'{"Name": "a", "CSR": "", "Serial": null}',
        b'{"Name": "a", "CSR": "", "Serial": {"b": 1}}',
    ],
)
def test_a_line_that_is_no_device_is_refused(line: bytes) -> None:
    with pytest.raises((UnresolvedDevice, UnreadableCertificate)):
        Resolver(Template(template())).resolve(line)


@pytest.mark.parametrize("name", ["", "a b", "x" * 129, "dé", "\ud800", "a\n"])
def test_a_thing_name_that_aws_does_not_allow_is_named_with_its_parameter(name: str) -> None:
    with pytest.raises(UnresolvedDevice) as error:
        resolved(template(), Name=name)

    shown = json.dumps(name[:80])
    allowed = "must be 1–128 characters of [a-zA-Z0-9:_-]"
    assert str(error.value) == f"Name: invalid thing name {shown}: {allowed}"


def test_the_longest_thing_name_is_allowed() -> None:
    assert resolved(template(), Name="x" * 128).thing_name == "x" * 128


@pytest.mark.parametrize(
    ("thing", "noun"),
    [
        ({"ThingTypeName": {"Ref": "Serial"}}, "thing type name"),
        ({"ThingGroups": ["all", {"Ref": "Serial"}]}, "thing group name"),
        ({"BillingGroup": {"Ref": "Serial"}}, "billing group name"),
    ],
)
def test_what_a_line_refers_to_must_have_a_name_that_aws_allows(
    thing: dict[str, Any], noun: str
) -> None:
    body = template(thing={"ThingName": {"Ref": "Name"}, **thing})

    assert resolved(body, Serial="").names == ("",)
    with pytest.raises(UnresolvedDevice, match=rf'^Serial: invalid {noun} "a b": must be'):
        resolved(body, Serial="a b")


def test_a_policy_of_a_line_must_have_a_name_that_aws_allows() -> None:
    document = json.loads(template())
    policy = {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": {"Ref": "Serial"}}}
    document["Resources"]["p"] = policy

    assert resolved(json.dumps(document), Serial="a+b").names == ("a+b",)
    with pytest.raises(UnresolvedDevice, match=r'^Serial: invalid policy name "a:b": must be'):
        resolved(json.dumps(document), Serial="a:b")


def test_a_certificate_id_must_be_one() -> None:
    body = template(certificate={"CertificateId": {"Ref": "Serial"}})

    assert resolved(body, Serial="ab" * 32).certificate_id == "ab" * 32
    with pytest.raises(UnresolvedDevice, match="CertificateId: must be 64 hexadecimal digits"):
        resolved(body, Serial="zz")


def test_a_template_without_a_certificate_makes_a_device_without_a_key() -> None:
    document = json.loads(template())
    del document["Resources"]["c"]

    device = resolved(json.dumps(document))
    assert (device.certificate, device.key, device.certificate_id) == ("none", "", "")
