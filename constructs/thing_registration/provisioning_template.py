"""The provisioning template of a task."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from thing_registration.argument_types import typed
from thing_registration.checks.quoting import why_unreadable
from thing_registration.checks.rules.template import TEMPLATE_JSON, TEMPLATE_READABLE
from thing_registration.checks.template.walk import TemplateReading, read_template
from thing_registration.known_values import TOKEN_MARK, check_known
from thing_registration.template_parts import TemplatePart, assemble
from thing_registration.verdict import InvalidDeclaration, Verdict

if TYPE_CHECKING:
    from constructs import Construct, IDependable


class ProvisioningTemplate:
    """What AWS IoT makes of each line of the input file: a thing, a certificate, policies.

    Make one with a `from_` method. None of them raises for the content of the template: `check`
    and ThingRegistrationTask report all problems together. An argument of a wrong type is a
    TypeError that names it. AWS accepts at most 10,240 characters,
    white space between the values not counted.

    https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
    """

    def __init__(
        self,
        text: str,
        source: str,
        dependencies: Sequence[IDependable] = (),
        unread: TemplateReading | None = None,
    ) -> None:
        self.text = text
        self._unread = unread
        self.source = source
        self.dependencies = tuple(dependencies)

    @classmethod
    @typed
    def from_file(cls, path: str | PathLike[str]) -> ProvisioningTemplate:
        """Return the template in a file.

        Args:
            path: A JSON file in UTF-8, relative to the folder that the app runs in.

        Raises:
            ValueError: the path is a token.
        """
        source = fspath(path)
        check_known("path", source)
        try:
            return cls(Path(path).read_text(encoding="utf-8-sig"), source)
        except OSError as error:
            fault = TEMPLATE_READABLE.fault(got=why_unreadable(error, source))
        except UnicodeDecodeError as error:
            got, message = f"byte {error.start + 1}", "is not UTF-8 at {got}: must be {allowed}"
            fault = TEMPLATE_JSON.fault(got=got, message=message)
        unread = TemplateReading(None, None, (fault.at(source),))
        return cls("", source, unread=unread)

    @classmethod
    @typed
    def from_string(cls, body: str, *, source: str = "template") -> ProvisioningTemplate:
        """Return the template with this JSON text.

        Args:
            body: A JSON object. Its strings may contain CDK tokens.
            source: The name for it in messages, by default `template`.

        Raises:
            ValueError: the whole body is a token.
        """
        if body.lstrip().startswith("${Token["):
            check_known("body", body)
        return cls(body, source)

    @classmethod
    @typed
    def from_object(
        cls, template: Mapping[str, object], *, source: str = "template"
    ) -> ProvisioningTemplate:
        """Return the template made of these dicts, lists and strings.

        Args:
            template: JSON values only. Strings may contain CDK tokens.
            source: The name for it in messages.

        Raises:
            TypeError: it contains what JSON cannot hold.
        """
        return cls(json.dumps(template), source)

    @classmethod
    @typed
    def from_parts(cls, *parts: TemplatePart, source: str = "template") -> ProvisioningTemplate:
        """Return the template made of a `Thing`, a `Certificate` and `Policy` objects.

        Its parameters are those that the parts refer to. The policies, thing types, groups and
        billing groups that they have as constructs are created before the task starts.

        Args:
            parts: In the order of the template's resources.
            source: The name for it in messages.

        Raises:
            ValueError: two Refs to one parameter have different defaults.
        """
        assembled = assemble(parts)
        return cls(json.dumps(assembled.template), source, assembled.dependencies)

    @cached_property
    def reading(self) -> TemplateReading:
        """What the template asks of each line, and what is wrong with it."""
        return self._unread or read_template(self.text, self.source)

    @typed
    def to_body(self, scope: Construct) -> str:
        """Return the template as AWS gets it: minified, policy documents as strings.

        Args:
            scope: A construct of the stack that resolves its tokens.

        Raises:
            InvalidDeclaration: the template is not a JSON object.
        """
        body = self.reading.body
        if body is None:
            problems = self.reading.problems
            raise InvalidDeclaration(Verdict(problems, error_count=len(problems)))
        if TOKEN_MARK not in body:
            return body
        from aws_cdk import Stack

        return Stack.of(scope).to_json_string(json.loads(body))
