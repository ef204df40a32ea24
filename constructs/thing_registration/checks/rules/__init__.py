"""Every rule, by its id: docs/checks.md is generated from them, and the tests break each once.

An error is what AWS's documentation or service model says it rejects, or what is almost certainly
a mistake. Whatever else looks wrong is a warning.
"""

from __future__ import annotations

from thing_registration.checks.rules.input import INPUT_RULES
from thing_registration.checks.rules.lines import LINE_RULES
from thing_registration.checks.rules.policies import POLICY_RULES
from thing_registration.checks.rules.resources import RESOURCE_RULES
from thing_registration.checks.rules.rule import Rule
from thing_registration.checks.rules.template import TEMPLATE_RULES
from thing_registration.checks.rules.values import VALUE_RULES

SECTIONS: dict[str, tuple[Rule, ...]] = {
    "The provisioning template": TEMPLATE_RULES,
    "The template's resources": (*RESOURCE_RULES, *POLICY_RULES),
    "Values, in the template, as a Default, or on a line": VALUE_RULES,
    "The lines of the input file": LINE_RULES,
    "The input file": INPUT_RULES,
}
RULES: dict[str, Rule] = {rule.id: rule for rules in SECTIONS.values() for rule in rules}
