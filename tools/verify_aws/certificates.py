"""Certificates, found again by the keys that were made for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.verify_aws.keys import key_of_certificate
from tools.verify_aws.workspace import Workspace

# The clock of this machine may be ahead of AWS's.
_CLOCK_SECONDS = 300


def own_certificates(workspace: Workspace) -> list[str]:
    """Return the ids of all certificates whose key is one of ours."""
    if not workspace.made.keys:
        return []
    return [
        certificate_id
        for certificate_id in new_certificates(workspace)
        if _is_own(workspace, certificate_id)
    ]


def public_key(workspace: Workspace, certificate_id: str) -> bytes:
    """Return the public key of a certificate."""
    described = workspace.iot.describe_certificate(certificateId=certificate_id)
    return key_of_certificate(described["certificateDescription"]["certificatePem"])


def remove_certificate(iot: Any, certificate_id: str) -> None:
    """Detach, deactivate and delete a certificate.

    Source: https://docs.aws.amazon.com/iot/latest/apireference/API_DeleteCertificate.html
    """
    arn = iot.describe_certificate(certificateId=certificate_id)["certificateDescription"][
        "certificateArn"
    ]
    for thing in iot.list_principal_things(principal=arn)["things"]:
        iot.detach_thing_principal(thingName=thing, principal=arn)
    for policy in iot.list_attached_policies(target=arn)["policies"]:
        iot.detach_policy(policyName=policy["policyName"], target=arn)
    iot.update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
    iot.delete_certificate(certificateId=certificate_id)


def new_certificates(workspace: Workspace) -> Iterator[str]:
    """Yield the ids of the account's certificates that were made since the run began."""
    pages = workspace.iot.get_paginator("list_certificates").paginate(
        PaginationConfig={"PageSize": 250}
    )
    for page in pages:
        for certificate in page["certificates"]:
            if certificate["creationDate"].timestamp() > workspace.began - _CLOCK_SECONDS:
                yield certificate["certificateId"]


def _is_own(workspace: Workspace, certificate_id: str) -> bool:
    known: dict[str, bytes] = workspace.facts.setdefault("public_keys", {})
    if certificate_id not in known:
        known[certificate_id] = public_key(workspace, certificate_id)
    return known[certificate_id] in workspace.made.keys
