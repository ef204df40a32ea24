"""The size of the inline policies of one role, as far as it is known at synth."""

from __future__ import annotations

import json
import re
from typing import Any

import jsii
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import IValidation

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_INLINE_CHARACTERS = 10_240
# What is not known before the deployment has at least so many characters.
_SHORTEST = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
    "AWS::StackName": "s",
}
_SHORTEST_NAME, _SHORTEST_ARN = "x", "arn:aws:s3:::abc"


@jsii.implements(IValidation)
class InlinePolicies:
    """All policies of one role; they are refused at synth where IAM is certain to refuse them."""

    def __init__(self, owner: str, *documents: iam.PolicyDocument) -> None:
        self._owner = owner
        self._documents = list(documents)
        self._stack: Stack | None = None

    def add(self, policy: iam.Policy) -> None:
        """Count a policy as well."""
        self._stack = Stack.of(policy)
        self._documents.append(policy.document)

    def validate(self) -> list[str]:
        """Return the error, if they are too long together."""
        stack = self._stack
        if stack is None:
            return []
        least = sum(_least_size(stack.resolve(document)) for document in self._documents)
        if least <= MAX_INLINE_CHARACTERS:
            return []
        return [
            f"the role of {self._owner} must have inline policies of at most "
            f"{MAX_INLINE_CHARACTERS:,} characters, got at least {least:,} for the tasks of stack "
            f"{stack.node.path}: leave out bucket and role, shorten key_prefix, or declare some "
            "tasks in another stack"
        ]


def _least_size(document: Any) -> int:
    return len(json.dumps(_shortest(document), separators=(",", ":")))


def _shortest(value: Any) -> Any:
    """Return a part of a template, each intrinsic function replaced by the shortest result."""
    match value:
        case {"Ref": str(name)}:
            return _SHORTEST.get(name, _SHORTEST_NAME)
        case {"Fn::GetAtt": [_, "Arn"]}:
            return _SHORTEST_ARN
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(str(_shortest(part)) for part in parts)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{[^}]*\}", "", text)
        case dict() if len(value) == 1 and next(iter(value)).startswith("Fn::"):
            return ""
        case dict():
            return {name: _shortest(member) for name, member in value.items()}
        case list():
            return [_shortest(member) for member in value]
        case _:
            return value
