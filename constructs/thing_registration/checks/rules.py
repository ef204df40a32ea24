"""Every rule, in one table: docs/checks.md is generated from it and the tests hold it to its word.

An error is what AWS's documentation or service model says will be rejected, or what cannot be
meant. Whatever else looks wrong is a warning.
"""

from __future__ import annotations

from thing_registration.checks.input_rules import INPUT_RULES
from thing_registration.checks.rule import Rule
from thing_registration.checks.template_rules import TEMPLATE_RULES
from thing_registration.checks.value_rules import VALUE_RULES

RULES: dict[str, Rule] = {rule.id: rule for rule in (*TEMPLATE_RULES, *VALUE_RULES, *INPUT_RULES)}
