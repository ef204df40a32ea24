"""The calls to AWS IoT's registry: things, and the certificates that they have."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from thing_registration_worker.aws.pace import pace

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient

ACTIVE = "ACTIVE"
# The most of the service model. (botocore 1.43, data/iot/2015-05-28)
PAGE_SIZE = 250
#: How much AWS's clock may differ from ours, in seconds.
CLOCK_SKEW = 60

Page = TypeVar("Page", bound=Mapping[str, Any])


@dataclass(frozen=True)
class Thing:
    """A thing as DescribeThing returns it; what it does not have is empty."""

    name: str
    attributes: Mapping[str, str]
    thing_type: str
    billing_group: str

    @property
    def shown_values(self) -> dict[str, str]:
        """Its values by the names of `fleet.shown_values`."""
        attributes = {f"attribute {name}": value for name, value in self.attributes.items()}
        named = {"thing type": self.thing_type, "billing group": self.billing_group}
        return {**attributes, **named}


@dataclass(frozen=True)
class Certificate:
    """A certificate as DescribeCertificate returns it."""

    certificate_id: str
    status: str
    pem: str
    #: In epoch seconds; 0 where AWS leaves it out.
    created_at: float

    @property
    def is_active(self) -> bool:
        """Whether a device can connect with it."""
        return self.status == ACTIVE


@dataclass(frozen=True)
class ListedCertificate:
    """A certificate as ListCertificates returns it; 0: made at an unknown time."""

    certificate_id: str
    status: str
    created_at: float


@dataclass(frozen=True)
class CertificatePage:
    """One page of the account's certificates.

    Attributes:
        certificates: those on it.
        marker: where the next page begins; empty behind the last one.
    """

    certificates: tuple[ListedCertificate, ...]
    marker: str


def pages_of(certificates: int) -> int:
    """Return how many pages list so many certificates."""
    return math.ceil(certificates / PAGE_SIZE)


def thing_exists(iot: "IoTClient", name: str) -> bool:
    """Return whether there is a thing of this name."""
    return describe_thing(iot, name) is not None


def describe_thing(iot: "IoTClient", name: str) -> Thing | None:
    """Return a thing; None if there is none of this name.

    https://docs.aws.amazon.com/iot/latest/apireference/API_DescribeThing.html
    """
    pace.wait("DescribeThing")
    try:
        answer = iot.describe_thing(thingName=name)
    except iot.exceptions.ResourceNotFoundException:
        return None
    return Thing(
        name=name,
        attributes=answer.get("attributes", {}),
        thing_type=answer.get("thingTypeName", ""),
        billing_group=answer.get("billingGroupName", ""),
    )


def certificate_ids_of(iot: "IoTClient", thing_name: str) -> list[str]:
    """Return the ids of a thing's certificates; none if there is no such thing.

    https://docs.aws.amazon.com/iot/latest/apireference/API_ListThingPrincipals.html
    """
    pages = iot.get_paginator("list_thing_principals").paginate(
        thingName=thing_name, PaginationConfig={"PageSize": PAGE_SIZE}
    )
    try:
        principals = [
            arn
            for page in _paced(pages, "ListThingPrincipals", "nextToken")
            for arn in page["principals"]
        ]
    except iot.exceptions.ResourceNotFoundException:
        return []
    # Another principal is an identity of Amazon Cognito.
    return [arn.rpartition("/")[2] for arn in principals if ":cert/" in arn]


def certificates_of(iot: "IoTClient", thing_name: str) -> list[Certificate]:
    """Return a thing's certificates, without those that were deleted meanwhile."""
    asked = (certificate(iot, one) for one in certificate_ids_of(iot, thing_name))
    return [found for found in asked if found is not None]


def certificate(iot: "IoTClient", certificate_id: str) -> Certificate | None:
    """Return a certificate; None if there is none of this id.

    https://docs.aws.amazon.com/iot/latest/apireference/API_DescribeCertificate.html
    """
    pace.wait("DescribeCertificate")
    try:
        answer = iot.describe_certificate(certificateId=certificate_id)
    except iot.exceptions.ResourceNotFoundException:
        return None
    described = answer["certificateDescription"]
    return Certificate(
        certificate_id=certificate_id,
        status=described.get("status", ""),
        pem=described.get("certificatePem", ""),
        created_at=_seconds(described.get("creationDate")),
    )


def certificate_page(iot: "IoTClient", marker: str = "") -> CertificatePage:
    """Return the next 250 of the account's certificates, the newest first.

    https://docs.aws.amazon.com/iot/latest/apireference/API_ListCertificates.html

    Args:
        iot: the client.
        marker: that of the page before; empty for the first one.
    """
    pace.wait("ListCertificates")
    page = (
        iot.list_certificates(pageSize=PAGE_SIZE, marker=marker, ascendingOrder=False)
        if marker
        else iot.list_certificates(pageSize=PAGE_SIZE, ascendingOrder=False)
    )
    found = tuple(
        ListedCertificate(
            one["certificateId"], one.get("status", ""), _seconds(one.get("creationDate"))
        )
        for one in page["certificates"]
    )
    return CertificatePage(found, page.get("nextMarker", ""))


def _paced(pages: Iterable[Page], api: str, token: str) -> Iterator[Page]:
    """Yield the pages of a list, each a call of its own."""
    pace.wait(api)
    for page in pages:
        yield page
        if page.get(token):
            pace.wait(api)


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0
