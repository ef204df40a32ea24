"""The rules for a policy of a provisioning template."""

from __future__ import annotations

from thing_registration.checks.rules.policy_grammar import POLICY_DOCUMENT_RULES
from thing_registration.checks.rules.rule import TEMPLATE_PAGE, Rule

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

POLICY_RULES = (POLICY_NAME_OR_DOCUMENT, OVERRIDE_POLICY, *POLICY_DOCUMENT_RULES)
