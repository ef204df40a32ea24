"""The provisioning template of a task."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from thing_registration.checks.check import prerequisite_names
from thing_registration.checks.rules import RULES
from thing_registration.checks.template import TemplateReading, read_template
from thing_registration.checks.template_notes import TOKEN_MARK
from thing_registration.prerequisite_names import PrerequisiteNames
from thing_registration.template_parts import TemplatePart, assemble
from thing_registration.verdict import InvalidDeclaration, Verdict

if TYPE_CHECKING:
    from constructs import Construct, IDependable


class ProvisioningTemplate:
    """What AWS IoT makes of each line of the input file: a thing, a certificate, policies.

    Made by one of the `from_` methods, none of which raises for what the template says: the
    checks do, all problems together.
    https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
    """

    def __init__(
        self,
        text: str,
        source: str,
        dependencies: Sequence[IDependable] = (),
        unread: TemplateReading | None = None,
    ) -> None:
        self._text = text
        self._unread = unread
        self.source = source
        self.dependencies = tuple(dependencies)

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> ProvisioningTemplate:
        """Take a template from a file.

        Args:
            path: A JSON file in UTF-8, from the folder that the app runs in.
        """
        source = fspath(path)
        try:
            return cls(Path(path).read_text(encoding="utf-8-sig"), source)
        except OSError as error:
            reason = error.strerror or str(error)
            got, rule = reason[:1].lower() + reason[1:], RULES["template-readable"]
            problem = rule.problem(source, None, None, "cannot be read", got, "a readable file")
        except UnicodeDecodeError as error:
            rule, got = RULES["template-json"], f"byte {error.start + 1} of another encoding"
            problem = rule.problem(source, None, None, "is not UTF-8", got, "a JSON object")
        return cls("", source, unread=TemplateReading(None, None, (problem,)))

    @classmethod
    def from_string(cls, body: str, *, source: str = "template") -> ProvisioningTemplate:
        """Take a template from its JSON text.

        Args:
            body: JSON. It may hold CDK tokens within its strings.
            source: What messages call it.
        """
        return cls(body, source)

    @classmethod
    def from_object(
        cls, template: Mapping[str, object], *, source: str = "template"
    ) -> ProvisioningTemplate:
        """Take a template from dicts, lists and strings.

        Args:
            template: JSON values only. Strings may hold CDK tokens.
            source: What messages call it.

        Raises:
            TypeError: if it holds what JSON has not.
        """
        return cls(json.dumps(template), source)

    @classmethod
    def from_parts(cls, *parts: TemplatePart, source: str = "template") -> ProvisioningTemplate:
        """Put a template together from a `Thing`, a `Certificate` and `Policy` objects.

        Its parameters are those that the parts refer to. The policies, thing types, groups and
        billing groups that they hold as constructs are created before the task starts.

        Args:
            parts: In the order of the template's resources.
            source: What messages call it.

        Raises:
            ValueError: if two Refs to one parameter state different defaults.
        """
        assembled = assemble(parts)
        return cls(json.dumps(assembled.template), source, assembled.dependencies)

    @cached_property
    def reading(self) -> TemplateReading:
        """What the template asks of each line, and what is wrong with it."""
        return self._unread or read_template(self._text, self.source)

    @property
    def literal_names(self) -> PrerequisiteNames:
        """What must exist first by the template alone, whatever the input file says."""
        plan = self.reading.plan
        return prerequisite_names(plan, {}) if plan else PrerequisiteNames()

    def to_body(self, scope: Construct) -> str:
        """Give the template as AWS gets it: minified, policy documents as strings.

        Args:
            scope: A construct of the stack that is to hold it, for its tokens.

        Raises:
            InvalidDeclaration: if the template is not a JSON object.
        """
        body = self.reading.body
        if body is None:
            problems = self.reading.problems
            raise InvalidDeclaration(Verdict(problems, error_count=len(problems)))
        if TOKEN_MARK not in body:
            return body
        from aws_cdk import Stack

        return Stack.of(scope).to_json_string(json.loads(body))
