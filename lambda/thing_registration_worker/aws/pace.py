"""The pace of the calls to AWS IoT's registry: half of what the account may do by default.

The quotas are those of the account and Region: the other half is for everyone else.
"""

import time

# Default quotas in calls per second; in some Regions they are half of these.
# https://docs.aws.amazon.com/general/latest/gr/iot-core.html#throttling-limits
QUOTAS = {
    "DescribeThing": 350,
    # The page says 20, a list of Service Quotas 10.
    "ListThingPrincipals": 10,
    "DescribeCertificate": 10,
    "ListCertificates": 10,
    "ListPrincipalThings": 10,
    "ListAttachedPolicies": 15,
    "UpdateCertificate": 10,
    "DeleteCertificate": 10,
    "AttachThingPrincipal": 100,
    "DetachThingPrincipal": 100,
    "DeleteThing": 100,
    "DescribeThingType": 100,
    "DescribeThingGroup": 100,
    "DescribeBillingGroup": 100,
    "GetPolicy": 10,
    "CreateThingType": 15,
    "CreateThingGroup": 25,
    "CreateBillingGroup": 25,
    "CreatePolicy": 10,
}
# As many calls as fit into a second may be made at once: with those that follow at the pace, they
# are the whole quota in no second.
BURST_SECONDS = 1.0


class Pace:
    """Makes calls wait for their turn, each API by itself."""

    def __init__(self) -> None:
        self._turns: dict[str, float] = {}

    def wait(self, api: str) -> None:
        """Wait until the next call of an API may be made; call it before each one.

        Args:
            api: its name, one of `QUOTAS`.
        """
        interval = 2 / QUOTAS[api]
        now = time.monotonic()
        # Up to one second of unused turns may be taken at once.
        turn = max(self._turns.get(api, 0.0), now - BURST_SECONDS + interval)
        self._turns[api] = turn + interval
        if turn > now:
            time.sleep(turn - now)


#: One for all clients, as long as the Lambda is warm.
pace = Pace()
