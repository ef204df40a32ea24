"""The documents of the policies that `Prerequisites.CREATE` makes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from aws_cdk import Stack

from thing_registration.checks.policy_elements import policy_document_faults
from thing_registration.checks.quoting import shown
from thing_registration.checks.value_kinds import POLICY_NAME
from thing_registration.known_values import check_known, is_dummy
from thing_registration.prerequisites import Prerequisites

PolicyDocuments = Mapping[str, Mapping[str, object]]

# The document of every policy that has no document of its own. No policy can have this name.
DEFAULT = "*"
# All of them are in each request to the Lambdas, once more for an update, and in the input of an
# execution: Step Functions allows 256 KiB.
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MAX_CHARACTERS_TOGETHER = 65_536


def check_policy_documents(
    policy_documents: PolicyDocuments | None, prerequisites: Prerequisites
) -> None:
    """Check the documents that the user states.

    Raises:
        ValueError: nothing makes policies, AWS does not accept a name or a document, or the
            documents are too long together.
    """
    if policy_documents is None:
        return
    if prerequisites is not Prerequisites.CREATE:
        raise ValueError(
            f"policy_documents must be used with Prerequisites.CREATE, got {prerequisites}"
        )
    for name, document in policy_documents.items():
        check_known("policy_documents", name)
        if not is_dummy(name) and not POLICY_NAME.fits(name):
            raise ValueError(
                f"policy_documents must have policy names of {POLICY_NAME.allowed}, "
                f"got {shown(name)}"
            )
        _check_document(name, document)
    together = sum(len(json.dumps(document)) for document in policy_documents.values())
    if together > MAX_CHARACTERS_TOGETHER:
        raise ValueError(
            f"policy_documents must have at most {MAX_CHARACTERS_TOGETHER:,} characters of JSON "
            f"together, got {together:,}"
        )


def policy_documents_text(
    stack: Stack, policy_documents: PolicyDocuments | None, prerequisites: Prerequisites
) -> str:
    """Return the documents by the names of their policies, as JSON text; it may contain tokens."""
    if prerequisites is not Prerequisites.CREATE:
        return "{}"
    return stack.to_json_string({DEFAULT: own_topics_policy(stack), **(policy_documents or {})})


# What a device may do under a policy that CREATE makes: connect as the thing its certificate is
# attached to, and use topics below its own name.
# https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html
_THING = "${iot:Connection.Thing.ThingName}"


def own_topics_policy(stack: Stack) -> dict[str, object]:
    """Return the document of a policy for which the user states none."""

    def arn(kind: str, name: str) -> str:
        return stack.format_arn(service="iot", resource=kind, resource_name=name)

    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "iot:Connect",
                "Resource": arn("client", _THING),
                "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}},
            },
            {
                "Effect": "Allow",
                "Action": ["iot:Publish", "iot:Receive"],
                "Resource": arn("topic", f"{_THING}/*"),
            },
            {
                "Effect": "Allow",
                "Action": "iot:Subscribe",
                "Resource": arn("topicfilter", f"{_THING}/*"),
            },
        ],
    }


def _check_document(name: str, document: Mapping[str, object]) -> None:
    where = f"policy_documents[{shown(name)}]"
    try:
        json.dumps(document, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where} must have JSON values only, got {error}") from None
    for fault in policy_document_faults(document):
        if fault.severity == "error":
            raise ValueError(f"{where} {fault.message}")


def policy_document_warnings(policy_documents: PolicyDocuments | None) -> Iterator[str]:
    """Yield what may be wrong with documents that AWS accepts."""
    for name, document in (policy_documents or {}).items():
        for fault in policy_document_faults(document):
            yield f"policy_documents[{shown(name)}] {fault.message}"
