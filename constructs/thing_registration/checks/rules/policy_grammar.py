"""The rules for a policy's document, which AWS IoT refuses as malformed where one is broken."""

from __future__ import annotations

import re

from thing_registration import limits
from thing_registration.checks.quoting import shown
from thing_registration.checks.references import references_in
from thing_registration.checks.rules.rule import GUIDE, QUOTAS, TEMPLATE_PAGE, Rule
from thing_registration.checks.secrets import texts_in
from thing_registration.known_values import TOKEN_MARK

_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_RESOURCE = re.compile(r"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.+", re.DOTALL)
_VARIABLE = re.compile(r"\$\{[^}]*\}?")
# What AWS IoT replaces, and the three characters that are written like variables.
_REPLACED = re.compile(
    r"\$\{(?:[*?$]|(?:iot|aws|cognito-identity\.amazonaws\.com):(?!:)[^}]+)\}", re.IGNORECASE
)
_PAGE = f"{GUIDE}/iot-policies.html"


def _first_reference(document: object) -> str | None:
    found = next(references_in(document), None)
    return None if found is None else shown(found)


def _policy_document_length(text: str) -> str | None:
    length = 0 if TOKEN_MARK in text else len("".join(text.split()))
    return f"{length:,} characters" if length > limits.MAX_POLICY_DOCUMENT_CHARACTERS else None


def _unless_each(pattern: re.Pattern[str], value: object) -> str | None:
    """Return a value that is not one text of a pattern, and no list of such texts."""
    values = value if isinstance(value, list) else [value]
    for one in values:
        if not isinstance(one, str) or not (pattern.fullmatch(one) or TOKEN_MARK in one):
            return shown(one)
    return None if values else shown(value)


def _first_variable(document: object) -> str | None:
    for text in texts_in(document):
        for variable in _VARIABLE.findall(text):
            if not _REPLACED.fullmatch(variable) and TOKEN_MARK not in variable:
                return str(variable)
    return None


POLICY_DOCUMENT_JSON = Rule(
    id="policy-document-json",
    severity="error",
    sentence="a policy document is a JSON object",
    page=TEMPLATE_PAGE,
    message="is {got}: must be {allowed}",
    allowed="a JSON object with Version and Statement",
    example="template.json: Resources.policy.Properties.PolicyDocument: "
    'is "allow": must be a JSON object with Version and Statement',
)
POLICY_DOCUMENT_LENGTH = Rule(
    id="policy-document-length",
    severity="error",
    sentence="a policy document has at most 2,048 characters, not counting white space",
    page=QUOTAS,
    message="has {got}: must have {allowed}",
    allowed=f"at most {limits.MAX_POLICY_DOCUMENT_CHARACTERS:,}, not counting white space",
    check=_policy_document_length,
    example="template.json: Resources.policy.Properties.PolicyDocument: "
    "has 2,049 characters: must have at most 2,048, not counting white space",
)
POLICY_DOCUMENT_REF = Rule(
    id="policy-document-ref",
    severity="error",
    sentence="a policy document contains no Ref and no Fn::*: AWS gets it as one string",
    page=TEMPLATE_PAGE,
    message="contains {got}, which AWS does not resolve here: use {allowed}",
    allowed="a policy variable such as ${iot:Connection.Thing.ThingName}",
    check=_first_reference,
    example="template.json: Resources.policy.Properties.PolicyDocument: "
    'contains {"Ref": "ThingName"}, which AWS does not resolve here: '
    "use a policy variable such as ${iot:Connection.Thing.ThingName}",
)
POLICY_VERSION = Rule(
    id="policy-version",
    severity="error",
    sentence="a policy document has a Version that exists",
    page="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html",
    message="Version: is {got}: must be {allowed}",
    allowed='"2012-10-17" or "2008-10-17"',
    check=lambda document: (
        None
        if document.get("Version") in ("2012-10-17", "2008-10-17")
        else shown(document["Version"])
        if "Version" in document
        else "missing"
    ),
    example="template.json: Resources.policy.Properties.PolicyDocument: "
    'Version: is "2024-05-01": must be "2012-10-17" or "2008-10-17"',
)
POLICY_STATEMENT = Rule(
    id="policy-statement",
    severity="error",
    sentence="a policy document has a Statement",
    page=_PAGE,
    message="{place}: is {got}: must be {allowed}",
    allowed="an object with Effect, Action and Resource",
    example="template.json: Resources.policy.Properties.PolicyDocument: "
    "Statement: is missing: must be an object with Effect, Action and Resource",
)
POLICY_ELEMENT = Rule(
    id="policy-element",
    severity="error",
    sentence="a policy document and its statements have no other elements than those of policies",
    page=_PAGE,
    message="{place}{got} is no element of a policy: {allowed}",
    example="template.json: Resources.policy.Properties.PolicyDocument: "
    'Statement[0]: "Ressource" is no element of a policy: did you mean Resource?',
)
POLICY_EFFECT = Rule(
    id="policy-effect",
    severity="error",
    sentence="a statement's Effect is Allow or Deny",
    page=_PAGE,
    message="{place}.Effect: is {got}: must be {allowed}",
    allowed='"Allow" or "Deny"',
    check=lambda statement: (
        None
        if statement.get("Effect") in ("Allow", "Deny")
        else shown(statement["Effect"])
        if "Effect" in statement
        else "missing"
    ),
    example="template.json: Resources.policy.Properties.PolicyDocument: "
    'Statement[0].Effect: is "allow": must be "Allow" or "Deny"',
)
POLICY_ACTION = Rule(
    id="policy-action",
    severity="error",
    sentence="a statement has an Action",
    page=f"{GUIDE}/iot-policy-actions.html",
    message="{place}: is {got}: must be {allowed}",
    allowed="an action such as iot:Connect, or a list of actions",
    check=lambda value: _unless_each(_ACTION, value),
    example="template.json: Resources.policy.Properties.PolicyDocument: "
    'Statement[0].Action: is "Connect": must be an action such as iot:Connect, '
    "or a list of actions",
)
POLICY_RESOURCE = Rule(
    id="policy-resource",
    severity="error",
    sentence="a statement has a Resource, of ARNs or *",
    page=f"{GUIDE}/iot-action-resources.html",
    message="{place}: is {got}: must be {allowed}",
    allowed='"*", an ARN such as arn:aws:iot:*:*:client/*, or a list of ARNs',
    check=lambda value: _unless_each(_RESOURCE, value),
    example="template.json: Resources.policy.Properties.PolicyDocument: "
    'Statement[0].Resource: is "topic/a": must be "*", an ARN such as arn:aws:iot:*:*:client/*, '
    "or a list of ARNs",
)
POLICY_PRINCIPAL = Rule(
    id="policy-principal",
    severity="error",
    sentence="a statement has no Principal: that is whatever the policy is attached to",
    page=_PAGE,
    message="{place}: is {got}: the policy is attached to the certificate, and has {allowed}",
    allowed="no principals",
    example="template.json: Resources.policy.Properties.PolicyDocument: "
    'Statement[0].Principal: is "*": the policy is attached to the certificate, '
    "and has no principals",
)
POLICY_VARIABLE = Rule(
    id="policy-variable",
    severity="warning",
    sentence="a policy document has no variable that AWS IoT does not replace",
    page=f"{GUIDE}/iot-policy-variables.html",
    message="has {got}, which AWS IoT does not replace: use {allowed}",
    allowed="a value, or a variable such as ${iot:Connection.Thing.ThingName}",
    check=_first_variable,
    example="template.json: Resources.policy.Properties.PolicyDocument: "
    "has ${AWS::Region}, which AWS IoT does not replace: use a value, or a variable such as "
    "${iot:Connection.Thing.ThingName}",
)

POLICY_DOCUMENT_RULES = (
    POLICY_DOCUMENT_JSON,
    POLICY_DOCUMENT_LENGTH,
    POLICY_DOCUMENT_REF,
    POLICY_VERSION,
    POLICY_STATEMENT,
    POLICY_ELEMENT,
    POLICY_EFFECT,
    POLICY_ACTION,
    POLICY_RESOURCE,
    POLICY_PRINCIPAL,
    POLICY_VARIABLE,
)
