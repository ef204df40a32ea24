"""The calls to AWS IoT that take things and certificates out of use, or delete them.

What is gone already is a success: a call whose answer was lost is made again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from thing_registration_worker.aws.pace import pace

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient

# Of all refusals, those that the next attempt may not meet: they are no answer about a device.
_PASSING = ("ThrottlingException", "Throttling", "TooManyRequestsException")
_ATTACHED = ("DeleteConflictException", "InvalidRequestException")


class Refused(Exception):
    """AWS has refused a call about one device, and will again.

    Attributes:
        may_be_attached: whether it may be because a detachment has not reached it yet.
    """

    def __init__(self, message: str, *, may_be_attached: bool) -> None:
        super().__init__(message)
        self.may_be_attached = may_be_attached


def things_of(iot: "IoTClient", certificate_arn: str) -> list[str]:
    """Return the names of the things that a certificate is attached to.

    https://docs.aws.amazon.com/iot/latest/apireference/API_ListPrincipalThings.html
    """
    found: list[str] = []
    with _gone_is_done():
        page = None
        while page is None or page.get("nextToken"):
            pace.wait("ListPrincipalThings")
            page = (
                iot.list_principal_things(principal=certificate_arn, nextToken=page["nextToken"])
                if page
                else iot.list_principal_things(principal=certificate_arn)
            )
            found += page.get("things", [])
    return found


def policies_of(iot: "IoTClient", certificate_arn: str) -> list[str]:
    """Return the names of the policies of a certificate; none for one that is gone.

    https://docs.aws.amazon.com/iot/latest/apireference/API_ListAttachedPolicies.html
    """
    pace.wait("ListAttachedPolicies")
    try:
        # A certificate has at most 10 policies: they are on one page.
        answer = iot.list_attached_policies(target=certificate_arn)
    except iot.exceptions.ResourceNotFoundException:
        return []
    return [policy["policyName"] for policy in answer["policies"]]


def detach(iot: "IoTClient", thing_name: str, certificate_arn: str) -> None:
    """Detach a certificate from a thing; it may take some seconds to propagate.

    https://docs.aws.amazon.com/iot/latest/apireference/API_DetachThingPrincipal.html
    """
    pace.wait("DetachThingPrincipal")
    with _gone_is_done():
        iot.detach_thing_principal(thingName=thing_name, principal=certificate_arn)


def attach(iot: "IoTClient", thing_name: str, certificate_arn: str) -> None:
    """Attach a certificate to a thing again.

    https://docs.aws.amazon.com/iot/latest/apireference/API_AttachThingPrincipal.html
    """
    pace.wait("AttachThingPrincipal")
    with _gone_is_done():
        iot.attach_thing_principal(thingName=thing_name, principal=certificate_arn)


def set_status(
    iot: "IoTClient", certificate_id: str, status: Literal["ACTIVE", "INACTIVE"]
) -> None:
    """Let devices connect with a certificate, or not.

    https://docs.aws.amazon.com/iot/latest/apireference/API_UpdateCertificate.html
    """
    pace.wait("UpdateCertificate")
    with _gone_is_done():
        iot.update_certificate(certificateId=certificate_id, newStatus=status)


def delete_certificate(iot: "IoTClient", certificate_id: str) -> None:
    """Delete a certificate that is INACTIVE; its policies are detached and stay.

    https://docs.aws.amazon.com/iot/latest/apireference/API_DeleteCertificate.html
    """
    pace.wait("DeleteCertificate")
    with _gone_is_done():
        iot.delete_certificate(certificateId=certificate_id, forceDelete=True)


def delete_thing(iot: "IoTClient", thing_name: str) -> None:
    """Delete a thing; AWS answers with success where there is none.

    https://docs.aws.amazon.com/iot/latest/apireference/API_DeleteThing.html
    """
    pace.wait("DeleteThing")
    with _gone_is_done():
        iot.delete_thing(thingName=thing_name)


@contextmanager
def _gone_is_done() -> Iterator[None]:
    """Ignore that something is gone already.

    Raises:
        Refused: AWS refuses the call, and will again.
    """
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise _refused(error) from error


def _refused(error: ClientError) -> Exception:
    """Return what a refusal means: that of a device, or the error itself."""
    code = error.response["Error"]["Code"]
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if status >= 500 or status in (401, 403, 429) or code in _PASSING:
        return error
    message = f"{error.operation_name}: {code}: {error.response['Error'].get('Message', '')}"
    return Refused(message, may_be_attached=code in _ATTACHED)
