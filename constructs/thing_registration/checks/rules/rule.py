"""What a rule is, and the pages that rules come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from thing_registration.checks.findings import Fault, Severity

GUIDE = "https://docs.aws.amazon.com/iot/latest/developerguide"
TEMPLATE_PAGE = f"{GUIDE}/provision-template.html"
BULK_PAGE = f"{GUIDE}/bulk-provisioning.html"
API = "https://docs.aws.amazon.com/iot/latest/apireference"
QUOTAS = "https://docs.aws.amazon.com/general/latest/gr/iot-core.html"
SAMPLE = "https://github.com/aws-samples/aws-iot-core-device-provisioning-deep-dive"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule; docs/checks.md has a row for each.

    Args:
        id: A few words joined by hyphens; users see it.
        severity: An error fails the synthesis.
        sentence: What must hold.
        page: Where it is documented; None if breaking it is almost certainly a mistake.
        message: The message of a broken rule, with `{got}` and `{allowed}` in it.
        allowed: What `{allowed}` is, if it is always the same.
        check: Return what was got if a value breaks the rule, else None. A rule whose check is
            longer has none here.
        example: A whole message; the tests break each rule and compare.
    """

    id: str
    severity: Severity
    sentence: str
    page: str | None
    message: str
    example: str
    allowed: str = ""
    check: Callable[[Any], str | None] | None = None

    def fault(self, *, got: str, allowed: str = "", message: str = "", **words: object) -> Fault:
        """Return the fault of a value that breaks this rule.

        Args:
            got: What was found.
            allowed: What is allowed, if the rule does not say it.
            message: Another message than the rule's.
            words: What else the message names in braces.
        """
        allowed = allowed or self.allowed
        text = (message or self.message).format(got=got, allowed=allowed, **words)
        return Fault(self.id, self.severity, text, got, allowed)

    def faults(self, value: object, **words: str) -> list[Fault]:
        """Return the fault of a value as a list, empty if it does not break this rule."""
        got = self.check(value) if self.check is not None else None
        return [] if got is None else [self.fault(got=got, **words)]
