"""The rules for a provisioning template as a whole: its file, its names, its parameters."""

from __future__ import annotations

from thing_registration import limits
from thing_registration.checks.quoting import shown
from thing_registration.checks.rules.rule import API, GUIDE, TEMPLATE_PAGE, Rule
from thing_registration.checks.template.derived_templates import CERTIFICATE_ID_PARAMETER

TEMPLATE_READABLE = Rule(
    id="template-readable",
    severity="error",
    sentence="the template can be read",
    page=None,
    message="cannot be read ({got}): must be {allowed}",
    allowed="a readable file",
    example="template.json: cannot be read (no such file or directory in /home/me/app): "
    "must be a readable file",
)
TEMPLATE_JSON = Rule(
    id="template-json",
    severity="error",
    sentence="the template is one JSON object, in UTF-8",
    page=TEMPLATE_PAGE,
    message="is not valid JSON ({got}): must be {allowed}",
    allowed="one JSON object",
    example="template.json:3:5: is not valid JSON (expecting ',' delimiter): "
    "must be one JSON object",
)
TEMPLATE_LENGTH = Rule(
    id="template-length",
    severity="error",
    sentence="the template, minified as AWS gets it, has at most 10,240 characters",
    page=f"{API}/API_StartThingRegistrationTask.html",
    message="has {got} when minified: must have {allowed}",
    allowed=f"at most {limits.MAX_TEMPLATE_BODY_LENGTH:,}",
    check=lambda body: (
        f"{len(body):,} characters" if len(body) > limits.MAX_TEMPLATE_BODY_LENGTH else None
    ),
    example="template.json: has 10,241 characters when minified: must have at most 10,240",
)
DERIVED_TEMPLATE_LENGTH = Rule(
    id="derived-template-length",
    severity="error",
    sentence="the template has at most 10,240 characters also in its form for devices that AWS "
    "already has: with OverrideSettings, and with the certificate's ID in place of a CSR or PEM",
    page=f"{API}/API_StartThingRegistrationTask.html",
    message="has {got} when minified, with what is added to it for devices that AWS already has: "
    "must have {allowed}",
    allowed=f"at most {limits.MAX_TEMPLATE_BODY_LENGTH:,}",
    check=lambda length: (
        f"{length:,} characters" if length > limits.MAX_TEMPLATE_BODY_LENGTH else None
    ),
    example="template.json: has 10,241 characters when minified, with what is added to it for "
    "devices that AWS already has: must have at most 10,240",
)
TEMPLATE_KEY_TWICE = Rule(
    id="template-key-twice",
    severity="error",
    sentence="no object of the template has a key twice",
    page=None,
    message="appears twice in one object: an object may have {allowed}",
    allowed="each key only once",
    example="template.json: Type: appears twice in one object: "
    "an object may have each key only once",
)
TEMPLATE_SHAPE = Rule(
    id="template-shape",
    severity="error",
    sentence="sections, declarations and properties have the JSON type that AWS documents",
    page=TEMPLATE_PAGE,
    message="is {got}: must be {allowed}",
    allowed="a JSON object",
    check=lambda value: (
        None if isinstance(value, dict) else "missing" if value is None else shown(value)
    ),
    example='template.json: Resources.thing.Properties.ThingGroups: is "a": must be a list',
)
TEMPLATE_NAME_MISSPELT = Rule(
    id="template-name-misspelt",
    severity="error",
    sentence="no section, attribute, property or setting is almost one that AWS documents",
    page=None,
    message="{got} is almost certainly a misspelling: AWS documents {allowed}",
    example='template.json: Resources.thing.Properties.ThingTypName: "ThingTypName" is almost '
    "certainly a misspelling: AWS documents ThingTypeName",
)
TEMPLATE_NAME_UNKNOWN = Rule(
    id="template-name-unknown",
    severity="warning",
    sentence="every section, attribute, property and setting is one that AWS documents",
    page=TEMPLATE_PAGE,
    message="{got} is not documented for {owner}: AWS documents {allowed}",
    example='template.json: Resources.thing.DependsOn: "DependsOn" is not documented for a '
    "resource: AWS documents OverrideSettings, Properties, Type",
)
FLEET_TEMPLATE_ONLY = Rule(
    id="fleet-template-only",
    severity="warning",
    sentence="the template has no Mappings, DeviceConfiguration or Fn::*, which AWS documents for "
    "fleet provisioning only",
    page=f"{TEMPLATE_PAGE}#fleet-provision-template",
    message="AWS documents {got} for fleet provisioning only: bulk registration has {allowed}",
    example='template.json: Mappings: AWS documents "Mappings" for fleet provisioning only: '
    "bulk registration has Parameters, Resources",
)
PARAMETER_TYPE = Rule(
    id="parameter-type",
    severity="warning",
    sentence="a parameter's Type is String, the only one that AWS documents",
    page=TEMPLATE_PAGE,
    message="is {got}: AWS documents only {allowed}",
    allowed='"String"',
    check=lambda declared: (
        None
        if declared.get("Type") == "String"
        else shown(declared["Type"])
        if "Type" in declared
        else "missing"
    ),
    example='template.json: Parameters.Serial.Type: is "Number": AWS documents only "String"',
)
PARAMETER_UNUSED = Rule(
    id="parameter-unused",
    severity="warning",
    sentence="every parameter is used",
    page=TEMPLATE_PAGE,
    message="the parameter {got} is never used: remove it, or use it as {allowed}",
    example="template.json: Parameters.Color: the parameter Color is never used: "
    'remove it, or use it as {"Ref": "Color"}',
)
PARAMETER_PREDEFINED = Rule(
    id="parameter-predefined",
    severity="error",
    sentence="the lines give what the template refers to as AWS::IoT::Certificate::Id and the like",
    page=f"{GUIDE}/jit-provisioning.html",
    message="refers to {got}, which is filled by just-in-time and fleet provisioning only: "
    "{allowed}",
    allowed="give the value on each line, under a name of your own",
    example="template.json: Resources.certificate.Properties.CertificateId: "
    "refers to AWS::IoT::Certificate::Id, which is filled by just-in-time and fleet provisioning "
    "only: "
    "give the value on each line, under a name of your own",
)
PARAMETER_RESERVED = Rule(
    id="parameter-reserved",
    severity="error",
    sentence="the template does not declare ThingRegistrationCertificateId: for a device that has "
    "a certificate already, the deployment adds that parameter",
    page=None,
    message="the deployment itself adds the parameter {got}: use {allowed}",
    allowed="another name",
    check=lambda name: name if name == CERTIFICATE_ID_PARAMETER else None,
    example="template.json: Parameters.ThingRegistrationCertificateId: the deployment itself adds "
    "the parameter ThingRegistrationCertificateId: use another name",
)
REF_UNDECLARED = Rule(
    id="ref-undeclared",
    severity="error",
    sentence="every Ref names a declared parameter; bulk registration predefines none",
    page=TEMPLATE_PAGE,
    message="refers to {got}, which is not declared: the template declares {allowed}",
    example='template.json: Resources.thing.Properties.ThingName: refers to "Name", '
    "which is not declared: the template declares CSR, ThingName",
)
REF_RESOURCE = Rule(
    id="ref-resource",
    severity="warning",
    sentence="no Ref names a resource of the template: AWS documents no value for it",
    page=TEMPLATE_PAGE,
    message="refers to the resource {got}: AWS documents {allowed}",
    allowed="a Ref to a parameter only",
    example="template.json: Resources.thing.Properties.ThingTypeName: refers to the resource "
    '"policy": AWS documents a Ref to a parameter only',
)

TEMPLATE_RULES = (
    TEMPLATE_READABLE,
    TEMPLATE_JSON,
    TEMPLATE_LENGTH,
    DERIVED_TEMPLATE_LENGTH,
    TEMPLATE_KEY_TWICE,
    TEMPLATE_SHAPE,
    TEMPLATE_NAME_MISSPELT,
    TEMPLATE_NAME_UNKNOWN,
    FLEET_TEMPLATE_ONLY,
    PARAMETER_TYPE,
    PARAMETER_UNUSED,
    PARAMETER_PREDEFINED,
    PARAMETER_RESERVED,
    REF_UNDECLARED,
    REF_RESOURCE,
)
