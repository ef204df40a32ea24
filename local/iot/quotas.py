"""The quotas of AWS IoT's registry: calls per second of each API, for each account and Region.

What AWS IoT does itself is not counted: the registry calls of a registration task. Neither are the
calls of the account's root: a test looks on with them.
Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html and a list of Service Quotas.
"""

from __future__ import annotations

from ministack.core.router import extract_access_key_id

from local.faults.service_apis import api_of_request
from local.faults.strikes import Faults
from local.iot.errors import ServiceError, error_reply
from local.iot.throttle import Throttle
from local.journal import Journal
from local.ministack.permissions import Permissions
from local.ministack.scope import current_scope
from local.ministack.service_handler import Handler, HttpReply

_APIS = {
    350: ("DescribeThing",),
    100: (
        "AddThingToThingGroup",
        "AttachThingPrincipal",
        "CreateThing",
        "DeleteThing",
        "DescribeBillingGroup",
        "DescribeThingGroup",
        "DescribeThingType",
        "DetachThingPrincipal",
        "ListThingGroupsForThing",
        "RemoveThingFromThingGroup",
        "UpdateThing",
    ),
    60: ("AddThingToBillingGroup",),
    25: (
        "CreateBillingGroup",
        "CreateThingGroup",
        "ListThingsInBillingGroup",
        "ListThingsInThingGroup",
    ),
    20: ("ListThingPrincipals", "ListThingPrincipalsV2"),
    15: (
        "AttachPolicy",
        "CreateCertificateFromCsr",
        "CreateThingType",
        "DeleteBillingGroup",
        "DeleteThingGroup",
        "DeleteThingType",
        "DeprecateThingType",
        "DetachPolicy",
        "ListAttachedPolicies",
        "RemoveThingFromBillingGroup",
        "UpdateBillingGroup",
        "UpdateThingGroup",
    ),
    10: (
        "CreatePolicy",
        "DeleteCertificate",
        "DeletePolicy",
        "DescribeCertificate",
        "GetPolicy",
        "ListBillingGroups",
        # No source: that of the other lists.
        "ListCertificates",
        "ListPrincipalThings",
        "ListPrincipalThingsV2",
        "ListTargetsForPolicy",
        "ListThingGroups",
        "ListThingTypes",
        "ListThings",
        "RegisterCertificate",
        "UpdateCertificate",
        "UpdateThingGroupsForThing",
    ),
    5: ("CreateDynamicThingGroup", "DeleteDynamicThingGroup", "UpdateDynamicThingGroup"),
}
CALLS_PER_SECOND = {api: rate for rate, apis in _APIS.items() for api in apis}


class Quotas:
    """The quotas, multiplied by the setting `quota`; 0: none."""

    def __init__(self, faults: Faults, journal: Journal) -> None:
        self._faults = faults
        self._journal = journal
        self._throttle = Throttle()

    def clear(self) -> None:
        """Forget how often each call was made."""
        self._throttle.clear()

    def handler(self, registry: Handler) -> Handler:
        """Return the registry's handler with the quotas in front of it."""

        async def handle(
            method: str,
            path: str,
            headers: dict[str, str],
            body: bytes,
            query: dict[str, list[str]],
        ) -> HttpReply:
            if self._faults.document.quota and self._faults.document.throttling:
                api = api_of_request("iot", method, path, headers, body, query)
                try:
                    self._count(api or "", extract_access_key_id(headers, query) or "")
                except ServiceError as error:
                    return error_reply(error).http()
            return await registry(method, path, headers, body, query)

        return handle

    def _count(self, api: str, access_key: str) -> None:
        scope, rate = current_scope(), CALLS_PER_SECOND.get(api)
        caller = Permissions(scope, access_key)
        if rate is None or caller.is_root:
            return
        try:
            self._throttle.take((scope, api), rate * self._faults.document.quota)
        except ServiceError:
            self._journal.write("throttled", api=api, caller=caller.principal_arn)
            raise
