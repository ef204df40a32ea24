"""Limits and patterns of the service.

Calls: the service's own model, botocore data/iot/2015-05-28/service-2.json.
Registry: https://docs.aws.amazon.com/general/latest/gr/iot-core.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_LINE_BYTES = 256_000
MAX_PAGE = 250
MAX_PARAMETER_CHARS = 4096  # RegisterThing; that bulk shares it is UNCONFIRMED
MAX_MESSAGE_CHARS = 2048
RETENTION_SECONDS = 30 * 24 * 3600

MAX_ATTRIBUTES_WITHOUT_TYPE = 3
MAX_ATTRIBUTES_WITH_TYPE = 50
MAX_ATTRIBUTE_BYTES = 47 * 1024
MAX_GROUPS_PER_THING = 10
MAX_POLICIES_PER_CERTIFICATE = 10
MAX_POLICY_CHARS = 2048  # without white space

STATUSES = ("InProgress", "Completed", "Failed", "Cancelled", "Cancelling")
REPORT_TYPES = ("ERRORS", "RESULTS")


@dataclass(frozen=True)
class StringLimit:
    """A string member: its length in characters and the pattern that all of it must match."""

    minimum: int
    maximum: int
    pattern: str | None = None

    def violation(self, value: str, where: str) -> str | None:
        """Return AWS's message about a value that breaks the constraint, or None."""
        if len(value) < self.minimum:
            rule = f"Member must have length greater than or equal to {self.minimum}"
        elif len(value) > self.maximum:
            rule = f"Member must have length less than or equal to {self.maximum}"
        elif self.pattern is not None and not re.fullmatch(self.pattern, value, re.ASCII):
            rule = f"Member must satisfy regular expression pattern: {self.pattern}"
        else:
            return None
        shown = value if len(value) <= 200 else value[:200] + "..."
        return f"Value '{shown}' at '{where}' failed to satisfy constraint: {rule}"


TEMPLATE_BODY = StringLimit(0, 10240, r"[\s\S]*")
INPUT_FILE_BUCKET = StringLimit(3, 256, r"[a-zA-Z0-9._-]+")
INPUT_FILE_KEY = StringLimit(1, 1024, r"[a-zA-Z0-9!_.*'()-\/]+")
ROLE_ARN = StringLimit(20, 2048)
TASK_ID = StringLimit(0, 40)

RESOURCE_NAME = StringLimit(1, 128, r"[a-zA-Z0-9:_-]+")  # thing, type, group, billing group
POLICY_NAME = StringLimit(1, 128, r"[\w+=,.@-]+")
ATTRIBUTE_NAME = StringLimit(1, 128, r"[a-zA-Z0-9_.,@/:#-]+")
ATTRIBUTE_VALUE = StringLimit(0, 800, r"[a-zA-Z0-9_.,@/:#=\[\]-]*")
