"""For each rule an input that breaks it and nothing else of note; the message is the rule's own."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

from thing_registration import InputFile, ProvisioningTemplate, Verdict, check
from thing_registration.checks.template.derived_templates import longest_derived

STATEMENT = {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})


@functools.cache
def p256(number: int = 0) -> ec.EllipticCurvePrivateKey:
    """Return a key; one for each number."""
    return ec.derive_private_key(number + 1, ec.SECP256R1())


@functools.cache
def csr(key: CertificateIssuerPrivateKeyTypes | None = None) -> str:
    """Return a CSR in PEM."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    request = builder.sign(key or p256(), hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def forged() -> str:
    """Return a CSR whose signature was changed."""
    body = csr().splitlines()[1:-1]
    der = bytearray(base64.b64decode("".join(body)))
    # The signature's numbers may be any; this is the last byte of the second one.
    der[-1] ^= 1
    text = base64.b64encode(der).decode()
    rows = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{rows}\n-----END CERTIFICATE REQUEST-----\n"


@functools.cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """Return an RSA key; one for each size."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def thing(**properties: object) -> dict[str, object]:
    """Return a template of one thing, whose parameters are those that its properties refer to."""
    properties.setdefault("ThingName", {"Ref": "ThingName"})
    resource = {"Type": "AWS::IoT::Thing", "Properties": properties}
    return declared({"thing": resource})


def with_certificate(**properties: object) -> dict[str, object]:
    """Return a template of a thing and a certificate."""
    resources = thing()["Resources"]
    certificate = {"Type": "AWS::IoT::Certificate", "Properties": properties}
    return declared({**resources, "certificate": certificate})  # type: ignore[dict-item]


def with_policy(**properties: object) -> dict[str, object]:
    """Return a template of a thing and a policy."""
    resources = thing()["Resources"]
    policy = {"Type": "AWS::IoT::Policy", "Properties": properties}
    return declared({**resources, "policy": policy})  # type: ignore[dict-item]


def declared(resources: dict[str, object]) -> dict[str, object]:
    """Return a template that declares every parameter which its resources refer to."""
    text = json.dumps(resources)
    names = {part.split('"')[0] for part in text.split('{"Ref": "')[1:]}
    return {"Parameters": {name: {"Type": "String"} for name in names}, "Resources": resources}


def lines(*records: Mapping[str, object]) -> bytes:
    """Return the JSON Lines of records."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


THING = ProvisioningTemplate.from_object(thing())
SERIAL = ProvisioningTemplate.from_object(
    thing(AttributePayload={"serial": {"Ref": "SerialNumber"}})
)


def check_bytes(path: Path, content: bytes, template: ProvisioningTemplate = THING) -> Verdict:
    """Write a file and return the verdict on it."""
    path.write_bytes(content)
    return check(template, InputFile.from_file(path))


def messages(verdict: Verdict) -> list[str]:
    """Return the messages without the folder."""
    return [
        str(problem).replace(f"{Path(problem.source).parent}/", "", 1)
        for problem in verdict.problems
    ]


def rewritten(verdict: Verdict) -> tuple[bytes, list[str]]:
    """Return the file to upload, and the notes on it without the folder."""
    assert verdict.canonical is not None, str(verdict)
    return verdict.canonical.read_bytes(), [note.split("/")[-1] for note in verdict.rewrites]


@dataclass(frozen=True)
class Case:
    """A template and a file that break a rule.

    Args:
        template: An object, or the text; None where there is no such file.
        content: The bytes of the file; None where there is no such file.
        name: The file's name.
    """

    template: dict[str, object] | str | None
    content: bytes | None = b'{"ThingName": "a"}\n'
    name: str = "devices.jsonl"

    def declaration(self) -> ProvisioningTemplate:
        """Return the template as template.json."""
        if self.template is None:
            return ProvisioningTemplate.from_file("template.json")
        text = self.template if isinstance(self.template, str) else json.dumps(self.template)
        return ProvisioningTemplate.from_string(text, source="template.json")

    def devices(self) -> InputFile:
        """Return the file, which a test has written to the folder it runs in."""
        if self.name.endswith(".csv"):
            return InputFile.from_csv(self.name)
        return InputFile.from_file(self.name)


def long_policy(length: int) -> str:
    """Return a policy document of so many characters, and white space."""
    missing = length - len("".join(POLICY.split()))
    return POLICY.replace('"Statement"', '"Id": "' + "x" * (missing - 8) + '", "Statement"') + "  "


def _with_document(**changes: object) -> Case:
    """Return a template whose policy document has other elements."""
    return Case(with_policy(PolicyDocument=json.dumps({**json.loads(POLICY), **changes})))


def _with_statement(**changes: object) -> Case:
    """Return a template whose policy has a statement with other elements; None leaves one out."""
    statement = {name: one for name, one in {**STATEMENT, **changes}.items() if one is not None}
    return _with_document(Statement=[statement])


def _bad(path: str, value: object, template: dict[str, object] | None = None) -> dict[str, object]:
    """Return a template with one place, named by its path, set to a value."""
    whole = json.loads(json.dumps(template or thing()))
    *way, last = path.split(".")
    place = whole
    for step in way:
        place = place[step]
    place[last] = value
    return whole  # type: ignore[no-any-return]


def _long_template(length: int, base: dict[str, object] | None = None) -> dict[str, object]:
    """Return a template that has so many characters when minified."""
    template = _bad("Parameters.Note", {"Type": "String", "Default": ""}, base)
    shortest = len(json.dumps(template, separators=(",", ":")))
    return _bad("Parameters.Note.Default", "x" * (length - shortest), template)


def _long_derived_template(length: int) -> dict[str, object]:
    """Return a template that has so many characters with what is added to it."""
    base = thing(AttributePayload={"model": "m1"})
    added = longest_derived(_long_template(10_000, base)) - 10_000
    return _long_template(length - added, base)


_GROUPS = "Resources.thing.Properties.ThingGroups"
_SERIAL = thing(AttributePayload={"serial": {"Ref": "SerialNumber"}})
_CSR = with_certificate(CertificateSigningRequest={"Ref": "CSR"})
_PEM = with_certificate(CertificatePem={"Ref": "Certificate"})
_NAMES = {"CSR": {"Type": "String", "Default": ""}, "ThingName": {"Type": "String"}}

_NOTE = _bad("Parameters.Note", {"Type": "String"})
_UNUSED = {"Type": "String", "Default": "red"}

CASES: dict[str, Callable[[], Case]] = {
    "template-readable": lambda: Case(None),
    "template-json": lambda: Case('{\n  "Parameters": {}\n    "Resources": {}}'),
    "template-length": lambda: Case(_long_template(10_241)),
    "derived-template-length": lambda: Case(_long_derived_template(10_241)),
    "template-key-twice": lambda: Case(
        json.dumps(thing()).replace('{"Type": "AWS', '{"Type": "AWS::IoT::Thing", "Type": "AWS', 1)
    ),
    "template-shape": lambda: Case(_bad(_GROUPS, "a")),
    "template-name-misspelt": lambda: Case(thing(ThingTypName="a")),
    "template-name-unknown": lambda: Case(_bad("Resources.thing.DependsOn", [])),
    "fleet-template-only": lambda: Case({"Mappings": {}, **thing()}),
    "parameter-type": lambda: Case(_bad("Parameters.Serial", _UNUSED | {"Type": "Number"})),
    "parameter-unused": lambda: Case(_bad("Parameters.Color", _UNUSED)),
    "parameter-predefined": lambda: Case(
        _bad(
            "Resources.certificate.Properties.CertificateId",
            {"Ref": "AWS::IoT::Certificate::Id"},
            with_certificate(CertificateId="a" * 64),
        )
    ),
    "parameter-reserved": lambda: Case(
        thing(AttributePayload={"certificate": {"Ref": "ThingRegistrationCertificateId"}}),
        lines({"ThingName": "a", "ThingRegistrationCertificateId": "b"}),
    ),
    "ref-undeclared": lambda: Case(
        _bad("Resources.thing.Properties.ThingName", {"Ref": "Name"}) | {"Parameters": _NAMES}
    ),
    "ref-resource": lambda: Case(
        _bad(
            "Resources.thing.Properties.ThingTypeName",
            {"Ref": "policy"},
            with_policy(PolicyName="p"),
        )
    ),
    "resource-type": lambda: Case(_bad("Resources.group", {"Type": "AWS::IoT::ThingGroup"})),
    "resource-count": lambda: Case({"Parameters": {}, "Resources": {}}),
    "thing-name-given": lambda: Case(_bad("Resources.thing.Properties", {"AttributePayload": {}})),
    "csr-thing-name": lambda: Case(
        _bad("Resources.thing.Properties.ThingName", "a", _CSR)
        | {"Parameters": {"CSR": {"Type": "String"}}},
        lines({"CSR": csr()}),
    ),
    "attribute-count": lambda: Case(thing(AttributePayload=dict.fromkeys("abcd", "1"))),
    "attribute-quota": lambda: Case(
        thing(ThingTypeName="t", AttributePayload={f"a{i}": "1" for i in range(51)})
    ),
    "attribute-name": lambda: Case(thing(AttributePayload={"serial number": "1"})),
    "thing-group-count": lambda: Case(thing(ThingGroups=list("abcdefghijk"))),
    "certificate-method": lambda: Case(
        with_certificate(CertificateSigningRequest=csr(), CertificateId="a" * 64)
    ),
    "certificate-status": lambda: Case(with_certificate(CertificateId="a" * 64, Status="ON")),
    "certificate-status-spelling": lambda: Case(
        with_certificate(CertificateId="a" * 64, Status="Active")
    ),
    "thing-principal-type": lambda: Case(
        with_certificate(CertificateId="a" * 64, ThingPrincipalType="SHARED")
    ),
    "policy-name-or-document": lambda: Case(with_policy()),
    "policy-document-json": lambda: Case(with_policy(PolicyDocument="allow")),
    "policy-document-length": lambda: Case(with_policy(PolicyDocument=long_policy(2_049))),
    "policy-document-ref": lambda: Case(
        with_policy(PolicyDocument={"Resource": {"Ref": "ThingName"}})
    ),
    "policy-version": lambda: _with_document(Version="2024-05-01"),
    "policy-statement": lambda: Case(with_policy(PolicyDocument={"Version": "2012-10-17"})),
    "policy-element": lambda: _with_statement(Resource=None, Ressource="*"),
    "policy-effect": lambda: _with_statement(Effect="allow"),
    "policy-action": lambda: _with_statement(Action="Connect"),
    "policy-resource": lambda: _with_statement(Resource="topic/a"),
    "policy-principal": lambda: _with_statement(Principal="*"),
    "policy-variable": lambda: _with_statement(
        Resource="arn:aws:iot:${AWS::Region}:1:client/${iot:ClientId}"
    ),
    "override-value": lambda: Case(
        _bad("Resources.thing.OverrideSettings", {"ThingTypeName": "MERGE"})
    ),
    "override-policy": lambda: Case(
        _bad(
            "Resources.policy.OverrideSettings",
            {"PolicyName": "REPLACE"},
            with_policy(PolicyName="p"),
        )
    ),
    "thing-name": lambda: Case(thing(), lines({"ThingName": "air sensor"})),
    "thing-type-name": lambda: Case(
        thing(ThingTypeName={"Ref": "Type"}), lines({"ThingName": "a", "Type": "a b"})
    ),
    "thing-group-name": lambda: Case(
        thing(ThingGroups=[{"Ref": "Group"}]), lines({"ThingName": "a", "Group": "a/b"})
    ),
    "billing-group-name": lambda: Case(
        thing(BillingGroup={"Ref": "Billing"}), lines({"ThingName": "a", "Billing": "a.b"})
    ),
    "empty-name": lambda: Case(
        thing(ThingGroups=[{"Ref": "Group"}]), lines({"ThingName": "a", "Group": ""})
    ),
    "policy-name": lambda: Case(
        with_policy(PolicyName={"Ref": "Policy"}), lines({"ThingName": "a", "Policy": "a b"})
    ),
    "attribute-value": lambda: Case(
        thing(AttributePayload={"place": {"Ref": "Place"}}),
        lines({"ThingName": "a", "Place": "New York"}),
    ),
    "certificate-id": lambda: Case(
        with_certificate(CertificateId={"Ref": "CertificateId"}),
        lines({"ThingName": "a", "CertificateId": "abc"}),
    ),
    "value-type": lambda: Case(_SERIAL, lines({"ThingName": "a", "SerialNumber": None})),
    "value-number": lambda: Case(_SERIAL, lines({"ThingName": "a", "SerialNumber": 7})),
    "value-length": lambda: Case(_NOTE, lines({"ThingName": "a", "Note": "x" * 4_097})),
    "private-key": lambda: Case(
        thing(), lines({"ThingName": "a", "Key": "-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n"})
    ),
    "input-readable": lambda: Case(thing(), None),
    "swapped": lambda: Case('{"ThingName": "a"}\n', json.dumps(thing(), indent=2).encode()),
    "input-empty": lambda: Case(thing(), b""),
    "line-encoding": lambda: Case(thing(), b'{"ThingName":"\xff"}\n'),
    "line-length": lambda: Case(thing(), b'{"ThingName": "a"' + b" " * (256_001 - 18) + b"}\n"),
    "line-json": lambda: Case(thing(), b'{"ThingName": "a"         "b": 1}\n'),
    "line-object": lambda: Case(thing(), b'"a"\n'),
    "object-over-lines": lambda: Case(
        thing(), b'{\n  "ThingName": "a"\n}\n{\n  "ThingName": "b"\n}\n'
    ),
    "key-misspelt": lambda: Case(_SERIAL, lines({"ThingName": "a", "serialnumber": "1"})),
    "key-twice": lambda: Case(thing(), b'{"ThingName": "a", "ThingName": "b"}\n'),
    "key-unknown": lambda: Case(
        _SERIAL, lines({"ThingName": "a", "SerialNumber": "1", "Colour": "red"})
    ),
    "parameter-missing": lambda: Case(_SERIAL, lines({"ThingName": "a"})),
    "unused-parameter-missing": lambda: Case(_NOTE, lines({"ThingName": "a"})),
    "thing-name-twice": lambda: Case(
        thing(), lines({"ThingName": "a"}, {"ThingName": "b"}, {"ThingName": "a"})
    ),
    "certificate-twice": lambda: Case(
        with_certificate(CertificateId={"Ref": "CertificateId"}),
        lines(
            {"ThingName": "a", "CertificateId": "1" * 64},
            {"ThingName": "b", "CertificateId": "2" * 64},
            {"ThingName": "c", "CertificateId": "1" * 64},
        ),
    ),
    "public-key-twice": lambda: Case(
        _CSR,
        lines(
            {"ThingName": "a", "CSR": csr(p256(1))},
            {"ThingName": "b", "CSR": csr(p256(2))},
            {"ThingName": "c", "CSR": csr(p256(1))},
        ),
    ),
    "csr": lambda: Case(_CSR, lines({"ThingName": "a", "CSR": "csr1"})),
    "csr-signature": lambda: Case(_CSR, lines({"ThingName": "a", "CSR": forged()})),
    "csr-key": lambda: Case(_CSR, lines({"ThingName": "a", "CSR": csr(rsa_key(1_024))})),
    "certificate": lambda: Case(_PEM, lines({"ThingName": "a", "Certificate": "pem"})),
    "pem-form": lambda: Case(
        _CSR, lines({"ThingName": "a", "CSR": "".join(csr().splitlines()[1:-1])})
    ),
    "csv-header": lambda: Case(thing(), b"ThingName,ThingName\na,b\n", "devices.csv"),
    "csv-column": lambda: Case(_SERIAL, b"ThingName\na\n", "devices.csv"),
    "csv-column-unknown": lambda: Case(thing(), b"ThingName,Colour\na,red\n", "devices.csv"),
    "csv-row": lambda: Case(_SERIAL, b"ThingName,SerialNumber\na,1\nb,2,3\n", "devices.csv"),
    "array-json": lambda: Case(thing(), b'[{"ThingName": "a"},\n]', "devices.json"),
    "duration": lambda: Case(
        thing(), b"".join(b'{"ThingName":"t%d"}\n' % number for number in range(100_000))
    ),
}
