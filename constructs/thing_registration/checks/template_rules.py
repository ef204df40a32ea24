"""The rules for a provisioning template."""

from __future__ import annotations

from thing_registration.checks.rule import Rule

_GUIDE = "https://docs.aws.amazon.com/iot/latest/developerguide"
_TEMPLATE = f"{_GUIDE}/provision-template.html"
_API = "https://docs.aws.amazon.com/iot/latest/apireference"
_QUOTAS = "https://docs.aws.amazon.com/general/latest/gr/iot-core.html"
_START = f"{_API}/API_StartThingRegistrationTask.html"
_MEANT = "cannot be meant"

TEMPLATE_RULES = (
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
)
