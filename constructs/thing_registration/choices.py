"""The closed sets of words that AWS IoT accepts in a provisioning template.

Each is a string too, so that it can stand wherever the word itself can.
https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
"""

from __future__ import annotations

from enum import Enum


class CertificateStatus(str, Enum):
    """The status that a certificate has after the registration."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class ThingPrincipalType(str, Enum):
    """How many things may use a certificate.

    https://docs.aws.amazon.com/iot/latest/apireference/API_AttachThingPrincipal.html
    """

    #: The certificate belongs to this thing only.
    EXCLUSIVE_THING = "EXCLUSIVE_THING"
    #: The certificate may be attached to several things.
    NON_EXCLUSIVE_THING = "NON_EXCLUSIVE_THING"


class OverrideSetting(str, Enum):
    """What AWS does with a property of a thing or certificate that exists already."""

    #: Leave the property as it is.
    DO_NOTHING = "DO_NOTHING"
    #: Replace the property with the template's.
    REPLACE = "REPLACE"
    #: Fail the line.
    FAIL = "FAIL"
    #: Add to what the thing has; for `ThingGroups` and `AttributePayload` only.
    MERGE = "MERGE"
