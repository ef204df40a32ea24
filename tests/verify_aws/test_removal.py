"""The removal goes on where AWS refuses a part of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local import LocalAws
from tests.verify_aws.left import left_behind
from tools.verify_aws.clients import Clients
from tools.verify_aws.removal import remove
from tools.verify_aws.waiting import Patience
from tools.verify_aws.workspace import Workspace

pytestmark = pytest.mark.slow


@pytest.fixture
def workspace(aws: LocalAws) -> Iterator[Workspace]:
    """A workspace with a policy on a certificate that a thing has."""
    made = Workspace(Clients(), aws.account, Patience(removal=10, settling=0))
    made.prepare()
    policy, thing = made.new_policy("policy"), made.thing("thing")
    made.iot.create_thing(thingName=thing)
    certificate = made.iot.create_certificate_from_csr(
        certificateSigningRequest=made.csr(), setAsActive=True
    )
    made.iot.attach_policy(policyName=policy, target=certificate["certificateArn"])
    made.iot.attach_thing_principal(thingName=thing, principal=certificate["certificateArn"])
    yield made
    aws.faults()
    remove(made, lambda text: None)


@pytest.mark.parametrize(
    "api", ["ListCertificates", "DetachThingPrincipal", "DeletePolicy", "DeleteThing"]
)
def test_what_is_refused_at_first_is_removed_later(
    aws: LocalAws, workspace: Workspace, api: str
) -> None:
    aws.faults(calls=[{"api": api, "code": "InvalidRequestException", "next": 2}])

    left = remove(workspace, lambda text: None)

    assert aws.fault_strikes() == {"calls[0]": 2}
    assert left == []
    assert left_behind(aws) == []


def test_what_cannot_be_removed_is_named_and_the_rest_is_removed(
    aws: LocalAws, workspace: Workspace
) -> None:
    workspace.patience = Patience(removal=1, settling=0)
    aws.faults(calls=[{"api": "DeletePolicy", "code": "UnauthorizedException", "seconds": 600}])

    left = remove(workspace, lambda text: None)

    assert len(left) == 1
    assert left[0].startswith(f"policy {workspace.prefix}-policy: ")
    assert left_behind(aws) == [f"{workspace.prefix}-policy"]


def test_certificates_of_others_stay(aws: LocalAws, workspace: Workspace) -> None:
    foreign = workspace.iot.create_keys_and_certificate(setAsActive=True)["certificateId"]

    left = remove(workspace, lambda text: None)

    assert left == []
    assert left_behind(aws) == [foreign]
    workspace.iot.update_certificate(certificateId=foreign, newStatus="INACTIVE")
    workspace.iot.delete_certificate(certificateId=foreign)
