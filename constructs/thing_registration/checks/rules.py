"""Every rule, in one table: docs/checks.md is generated from it and the tests hold it to its word.

An error is what AWS's documentation or service model says will be rejected, or what cannot be
meant. Whatever else looks wrong is a warning.
"""

from __future__ import annotations

from dataclasses import dataclass

from thing_registration.problem import Problem, Severity

_GUIDE = "https://docs.aws.amazon.com/iot/latest/developerguide"
_TEMPLATE = f"{_GUIDE}/provision-template.html"
_BULK = f"{_GUIDE}/bulk-provisioning.html"
_API = "https://docs.aws.amazon.com/iot/latest/apireference"
_QUOTAS = "https://docs.aws.amazon.com/general/latest/gr/iot-core.html"
_START = f"{_API}/API_StartThingRegistrationTask.html"
_REGISTER = f"{_API}/API_RegisterThing.html"
_CSR = f"{_API}/API_CreateCertificateFromCsr.html"
_SAMPLE = "https://github.com/aws-samples/aws-iot-core-device-provisioning-deep-dive"
_MEANT = "cannot be meant"


@dataclass(frozen=True)
class Rule:
    """A rule: its id, how grave it is, what it checks, why, and a message it gives."""

    id: str
    severity: Severity
    checks: str
    source: str
    example: str

    def problem(
        self,
        source: str,
        line: int | None,
        field: str | None,
        what: str,
        got: str,
        allowed: str,
        column: int | None = None,
    ) -> Problem:
        """Make a problem of this rule."""
        return Problem(self.id, self.severity, source, line, field, what, got, allowed, column)


_ALL = (
    # The template as a file.
    Rule(
        "template-readable",
        "error",
        "the template can be read",
        _MEANT,
        "template.json: cannot be read, got no such file or directory, allowed a readable file",
    ),
    Rule(
        "template-json",
        "error",
        "the template is one JSON object, of UTF-8 text",
        _TEMPLATE,
        "template.json:3:5: is not JSON, got expecting ',' delimiter, allowed a JSON object",
    ),
    Rule(
        "template-length",
        "error",
        "the template, minified as AWS gets it, has at most 10,240 characters",
        _START,
        "template.json: is too long, got 10,241 characters, allowed at most 10,240",
    ),
    Rule(
        "template-key-twice",
        "error",
        "no object of the template has a key twice",
        _MEANT,
        'template.json: Type: stands twice in one object, got "Type", allowed each key once',
    ),
    Rule(
        "template-shape",
        "error",
        "sections, declarations and properties have the JSON type that AWS documents",
        _TEMPLATE,
        'template.json: Resources.thing.Properties.ThingGroups: is not a list, got "a", '
        "allowed a list",
    ),
    Rule(
        "template-name-misspelt",
        "error",
        "no section, attribute, property or setting is almost one that AWS documents",
        _MEANT,
        "template.json: Resources.thing.Properties.ThingTypName: is misspelt, "
        'got "ThingTypName", allowed ThingTypeName',
    ),
    Rule(
        "template-name-unknown",
        "warning",
        "every section, attribute, property and setting is one that AWS documents",
        _TEMPLATE,
        "template.json: Resources.thing.DependsOn: is not documented for a resource, "
        'got "DependsOn", allowed OverrideSettings, Properties, Type',
    ),
    Rule(
        "fleet-template-only",
        "warning",
        "no Mappings, DeviceConfiguration or Fn::*, documented for fleet provisioning only",
        f"{_TEMPLATE}#fleet-provision-template",
        "template.json: Mappings: is documented for fleet provisioning only, "
        'got "Mappings", allowed Parameters, Resources',
    ),
    # Parameters and references.
    Rule(
        "parameter-type",
        "warning",
        "a parameter's Type is String, the only one that AWS documents",
        _TEMPLATE,
        'template.json: Parameters.Serial.Type: is not a documented type, got "Number", '
        'allowed "String"',
    ),
    Rule(
        "parameter-unused",
        "warning",
        "every parameter is referred to",
        _TEMPLATE,
        'template.json: Parameters.Color: is never referred to, got "Color", '
        'allowed a {"Ref": "Color"} in Resources',
    ),
    Rule(
        "ref-undeclared",
        "error",
        "every Ref names a declared parameter; bulk registration predefines none",
        _TEMPLATE,
        "template.json: Resources.thing.Properties.ThingName: refers to no parameter, "
        'got "Name", allowed CSR, ThingName',
    ),
    Rule(
        "ref-resource",
        "warning",
        "no Ref names a resource of the template: AWS documents no value for it",
        _TEMPLATE,
        "template.json: Resources.thing.Properties.ThingTypeName: refers to a resource, "
        'got "policy", allowed a parameter',
    ),
    # Resources.
    Rule(
        "resource-type",
        "error",
        "a resource is a thing, a certificate or a policy",
        _TEMPLATE,
        "template.json: Resources.group.Type: is not a resource type of this template, "
        'got "AWS::IoT::ThingGroup", '
        "allowed AWS::IoT::Certificate, AWS::IoT::Policy, AWS::IoT::Thing",
    ),
    Rule(
        "resource-count",
        "warning",
        "the template has one thing and at most one certificate",
        _TEMPLATE,
        "template.json: Resources: has no thing, got 0 of AWS::IoT::Thing, allowed 1",
    ),
    Rule(
        "thing-name-given",
        "warning",
        "the thing has a ThingName: only AWS's oldest example leaves it out",
        _TEMPLATE,
        "template.json: Resources.thing.Properties: has no ThingName, got AttributePayload, "
        "allowed ThingName",
    ),
    Rule(
        "attribute-count",
        "error",
        "a thing without thing type has at most 3 attributes",
        _QUOTAS,
        "template.json: Resources.thing.Properties.AttributePayload: has too many attributes "
        "for a thing without thing type, got 4, allowed at most 3",
    ),
    Rule(
        "attribute-quota",
        "warning",
        "a thing with thing type has at most 50 attributes; AWS raises it on request",
        _QUOTAS,
        "template.json: Resources.thing.Properties.AttributePayload: has too many attributes, "
        "got 51, allowed at most 50 unless AWS raised your quota",
    ),
    Rule(
        "attribute-name",
        "error",
        "an attribute's name fits AWS's pattern",
        f"{_API}/API_AttributePayload.html",
        "template.json: Resources.thing.Properties.AttributePayload: is no attribute name, "
        'got "serial number", allowed 1 to 128 of [a-zA-Z0-9_.,@/:#-]',
    ),
    Rule(
        "thing-group-count",
        "error",
        "a thing is in at most 10 groups",
        _QUOTAS,
        "template.json: Resources.thing.Properties.ThingGroups: has too many groups, got 11, "
        "allowed at most 10",
    ),
    Rule(
        "certificate-method",
        "error",
        "a certificate is given in exactly one way",
        _TEMPLATE,
        "template.json: Resources.certificate.Properties: is given in more than one way, "
        "got CertificateId and CertificateSigningRequest, "
        "allowed exactly one of CertificateId, CertificatePem, CertificateSigningRequest",
    ),
    Rule(
        "certificate-status",
        "error",
        "a certificate's Status is ACTIVE or INACTIVE",
        _TEMPLATE,
        "template.json: Resources.certificate.Properties.Status: is no certificate status, "
        'got "ON", allowed ACTIVE, INACTIVE',
    ),
    Rule(
        "certificate-status-spelling",
        "warning",
        "Status is written in capitals; AWS's fleet examples have `Active`, older pages "
        "PENDING_ACTIVATION",
        _TEMPLATE,
        "template.json: Resources.certificate.Properties.Status: is not as AWS documents it, "
        'got "Active", allowed ACTIVE, INACTIVE',
    ),
    Rule(
        "thing-principal-type",
        "error",
        "ThingPrincipalType is EXCLUSIVE_THING or NON_EXCLUSIVE_THING",
        _TEMPLATE,
        "template.json: Resources.certificate.Properties.ThingPrincipalType: "
        'is no thing principal type, got "SHARED", allowed EXCLUSIVE_THING, NON_EXCLUSIVE_THING',
    ),
    Rule(
        "policy-name-or-document",
        "error",
        "a policy has PolicyName or PolicyDocument, not both",
        _TEMPLATE,
        "template.json: Resources.policy.Properties: names no policy and has no document, "
        "got nothing, allowed exactly one of PolicyDocument, PolicyName",
    ),
    Rule(
        "policy-document-json",
        "error",
        "a policy document is a JSON object",
        _TEMPLATE,
        "template.json: Resources.policy.Properties.PolicyDocument: is not a JSON object, "
        'got "allow", allowed a JSON object with Version and Statement',
    ),
    Rule(
        "policy-document-length",
        "error",
        "a policy document has at most 2,048 characters, white space not counted",
        _QUOTAS,
        "template.json: Resources.policy.Properties.PolicyDocument: is too long, "
        "got 2,049 characters, allowed at most 2,048 without white space",
    ),
    Rule(
        "policy-document-ref",
        "error",
        "a policy document holds no Ref and no Fn::*: as a string it is sent as it stands",
        _TEMPLATE,
        "template.json: Resources.policy.Properties.PolicyDocument: "
        'holds a reference that nobody replaces, got {"Ref": "ThingName"}, '
        "allowed a policy variable such as ${iot:Connection.Thing.ThingName}",
    ),
    Rule(
        "override-value",
        "error",
        "an override setting is DO_NOTHING, REPLACE or FAIL; for groups and attributes also MERGE",
        _TEMPLATE,
        "template.json: Resources.thing.OverrideSettings.ThingTypeName: is no override setting, "
        'got "MERGE", allowed DO_NOTHING, FAIL, REPLACE',
    ),
    Rule(
        "override-policy",
        "error",
        "a policy has no OverrideSettings",
        _TEMPLATE,
        "template.json: Resources.policy.OverrideSettings: is not available for a policy, "
        'got {"PolicyName": "REPLACE"}, allowed no OverrideSettings',
    ),
    # Values, in the template, as a Default, or in a line.
    Rule(
        "thing-name",
        "error",
        "a thing name fits AWS's pattern",
        f"{_API}/API_CreateThing.html",
        'devices.jsonl:1: ThingName: is no thing name, got "sensor 1", '
        "allowed 1 to 128 of [a-zA-Z0-9:_-]",
    ),
    Rule(
        "thing-type-name",
        "error",
        "a thing type name fits AWS's pattern",
        f"{_API}/API_CreateThingType.html",
        'devices.jsonl:1: Type: is no thing type name, got "a b", '
        "allowed 1 to 128 of [a-zA-Z0-9:_-]",
    ),
    Rule(
        "thing-group-name",
        "error",
        "a thing group name fits AWS's pattern",
        f"{_API}/API_CreateThingGroup.html",
        'devices.jsonl:1: Group: is no thing group name, got "a/b", '
        "allowed 1 to 128 of [a-zA-Z0-9:_-]",
    ),
    Rule(
        "billing-group-name",
        "error",
        "a billing group name fits AWS's pattern",
        f"{_API}/API_CreateBillingGroup.html",
        'devices.jsonl:1: Billing: is no billing group name, got "a.b", '
        "allowed 1 to 128 of [a-zA-Z0-9:_-]",
    ),
    Rule(
        "empty-name",
        "warning",
        "a thing type, group or billing group is not the empty string; AWS's own sample leaves "
        "things ungrouped with it",
        _SAMPLE,
        'devices.jsonl:1: Group: is an empty thing group name, got "", '
        "allowed 1 to 128 of [a-zA-Z0-9:_-]",
    ),
    Rule(
        "policy-name",
        "error",
        "a policy name fits AWS's pattern",
        f"{_API}/API_CreatePolicy.html",
        'devices.jsonl:1: Policy: is no policy name, got "a b", '
        "allowed 1 to 128 of [a-zA-Z0-9_+=,.@-]",
    ),
    Rule(
        "attribute-value",
        "error",
        "an attribute's value fits AWS's pattern: no spaces",
        f"{_API}/API_AttributePayload.html",
        'devices.jsonl:1: Place: is no attribute value, got "New York", '
        r"allowed 0 to 800 of [a-zA-Z0-9_.,@/:#=\[\]-]",
    ),
    Rule(
        "certificate-id",
        "error",
        "a certificate id has 64 hexadecimal digits",
        f"{_API}/API_DescribeCertificate.html",
        'devices.jsonl:1: CertificateId: is no certificate id, got "abc", '
        "allowed 64 of [a-fA-F0-9]",
    ),
    Rule(
        "value-type",
        "error",
        "a value is not null, a list or an object",
        _REGISTER,
        "devices.jsonl:1: SerialNumber: is not a string, got null, allowed a string",
    ),
    Rule(
        "value-number",
        "warning",
        "a value is a string; public projects register numbers, AWS documents strings",
        _REGISTER,
        "devices.jsonl:1: SerialNumber: is not a string, got 7, allowed a string",
    ),
    Rule(
        "value-length",
        "warning",
        "a value has at most 4,096 characters, RegisterThing's limit; whether bulk registration "
        "shares it is not documented",
        _REGISTER,
        "devices.jsonl:1: Note: is longer than RegisterThing takes, got 4,097 characters, "
        "allowed at most 4,096",
    ),
    # The input file.
    Rule(
        "input-readable",
        "error",
        "the input file can be read",
        _MEANT,
        "devices.jsonl: cannot be read, got no such file or directory, allowed a readable file",
    ),
    Rule(
        "input-empty",
        "error",
        "the input file names at least one device",
        _MEANT,
        "devices.jsonl: names no device, got 0 lines, allowed one JSON object a line",
    ),
    Rule(
        "line-encoding",
        "error",
        "a line is UTF-8",
        _BULK,
        "devices.jsonl:1: is not UTF-8, got byte 0xff at 15, allowed UTF-8",
    ),
    Rule(
        "line-length",
        "error",
        "a line has at most 256,000 bytes",
        _QUOTAS,
        "devices.jsonl:1: is too long, got 256,001 bytes, allowed at most 256,000",
    ),
    Rule(
        "line-json",
        "error",
        "a line is JSON",
        _BULK,
        "devices.jsonl:1:27: is not JSON, got expecting ',' delimiter, "
        "allowed one JSON object a line",
    ),
    Rule(
        "line-object",
        "error",
        "a line is a JSON object",
        _BULK,
        'devices.jsonl:1: is not a JSON object, got ["a"], allowed one JSON object a line',
    ),
    Rule(
        "key-twice",
        "error",
        "a line has no key twice",
        _MEANT,
        'devices.jsonl:1: ThingName: stands twice in the line, got "a" and "b", '
        "allowed each parameter once",
    ),
    Rule(
        "key-unknown",
        "warning",
        "a line has no key that the template does not declare",
        _BULK,
        'devices.jsonl:1: Colour: is no parameter of the template, got "red", '
        "allowed SerialNumber, ThingName",
    ),
    Rule(
        "parameter-missing",
        "error",
        "a line has a value for every parameter without Default",
        f"{_SAMPLE}/tree/main/bulk-registration-using-csr",
        "devices.jsonl:1: SerialNumber: has no value and no Default, got ThingName, "
        "allowed a string",
    ),
    Rule(
        "thing-name-twice",
        "error",
        "a thing name stands in one line only",
        _MEANT,
        'devices.jsonl:3: ThingName: names a thing twice, got "a" as in line 1, '
        "allowed each thing once",
    ),
    Rule(
        "certificate-twice",
        "warning",
        "a CSR, certificate or certificate id stands in one line only",
        _CSR,
        "devices.jsonl:3: CSR: gives one key to two devices, got that of line 1, "
        "allowed one of its own",
    ),
    Rule(
        "csr",
        "error",
        "a CSR can be parsed and has at most 4,096 characters",
        _CSR,
        'devices.jsonl:1: CSR: is no certificate signing request, got "csr1", '
        "allowed a PEM of PKCS #10 of at most 4,096 characters",
    ),
    Rule(
        "csr-key",
        "error",
        "a CSR's key is RSA of 2,048 bits or more, or of curve P-256, P-384 or P-521",
        _CSR,
        "devices.jsonl:1: CSR: has a key that AWS does not accept, got RSA of 1,024 bits, "
        "allowed RSA of at least 2,048 bits, P-256, P-384, P-521",
    ),
    Rule(
        "certificate",
        "error",
        "a certificate can be parsed and has at most 65,536 characters",
        f"{_API}/API_RegisterCertificate.html",
        'devices.jsonl:1: Certificate: is no certificate, got "pem", '
        "allowed a PEM of X.509 of at most 65,536 characters",
    ),
    Rule(
        "pem-form",
        "warning",
        "a PEM has its BEGIN and END lines and its line breaks",
        "https://www.rfc-editor.org/rfc/rfc7468",
        "devices.jsonl:1: CSR: parses only after repair, got no line breaks, "
        "allowed a PEM as it was made",
    ),
    Rule(
        "duration",
        "error",
        "the estimated duration fits into the time that the deployment waits",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-resource-cloudformation-customresource.html",
        "devices.jsonl: would take longer than the deployment waits, "
        "got about 2:46:40 for 100,000 lines at 10 a second, "
        "allowed 1:00:00: split the file over several deployments, or do not wait for the end",
    ),
    # Other forms of the input file.
    Rule(
        "csv-header",
        "error",
        "a CSV file's header names each parameter once, and the mapping names its columns",
        _MEANT,
        "devices.csv:1: names a parameter twice, got ThingName, allowed each parameter once",
    ),
    Rule(
        "csv-row",
        "error",
        "a CSV row has as many fields as the header",
        _MEANT,
        "devices.csv:3: has not as many fields as the header, got 3, allowed 2",
    ),
    Rule(
        "array-json",
        "error",
        "a JSON array is complete, of objects",
        _MEANT,
        "devices.json:2:1: is not a JSON array, got expecting value, "
        "allowed a JSON array of objects",
    ),
)

RULES: dict[str, Rule] = {rule.id: rule for rule in _ALL}
