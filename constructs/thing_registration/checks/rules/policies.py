"""The rules for a policy of a provisioning template, and for its document."""

from __future__ import annotations

import json

from thing_registration import limits
from thing_registration.checks.findings import Fault
from thing_registration.checks.quoting import shown
from thing_registration.checks.references import references_in
from thing_registration.checks.rules.rule import QUOTAS, TEMPLATE_PAGE, Rule


def policy_document_faults(document: object) -> list[Fault]:
    """Return what is wrong with a policy document, given as an object or as JSON text."""
    text = document if isinstance(document, str) else json.dumps(document)
    try:
        statement = json.loads(text)
    except (ValueError, RecursionError):
        statement = None
    if not isinstance(statement, dict):
        return [POLICY_DOCUMENT_JSON.fault(got=shown(document))]
    return [*POLICY_DOCUMENT_LENGTH.faults(text), *POLICY_DOCUMENT_REF.faults(statement)]


def _first_reference(statement: object) -> str | None:
    found = next(references_in(statement), None)
    return None if found is None else shown(found)


def _policy_document_length(text: str) -> str | None:
    length = len("".join(text.split()))
    return f"{length:,} characters" if length > limits.MAX_POLICY_DOCUMENT_CHARACTERS else None


POLICY_NAME_OR_DOCUMENT = Rule(
    id="policy-name-or-document",
    severity="error",
    sentence="a policy has either PolicyName or PolicyDocument",
    page=TEMPLATE_PAGE,
    message="has {got}: must have {allowed}",
    allowed="exactly one of PolicyDocument, PolicyName",
    check=lambda given: (
        None
        if len(given) == 1
        else " and ".join(given)
        if given
        else "neither PolicyDocument nor PolicyName"
    ),
    example="template.json: Resources.policy.Properties: has neither PolicyDocument "
    "nor PolicyName: must have exactly one of PolicyDocument, PolicyName",
)
OVERRIDE_POLICY = Rule(
    id="override-policy",
    severity="error",
    sentence="a policy has no OverrideSettings",
    page=TEMPLATE_PAGE,
    message="is {got}: a policy may have {allowed}",
    allowed="no OverrideSettings",
    example='template.json: Resources.policy.OverrideSettings: is {"PolicyName": "REPLACE"}: '
    "a policy may have no OverrideSettings",
)

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


POLICY_RULES = (
    POLICY_NAME_OR_DOCUMENT,
    OVERRIDE_POLICY,
    POLICY_DOCUMENT_JSON,
    POLICY_DOCUMENT_LENGTH,
    POLICY_DOCUMENT_REF,
)
