"""How large a run may be: its parts, how long it takes, how many devices it may retire."""

#: The most lines of a part: what one registration task, or two, are given.
PART_LINES = 2_000
# DescribeThing one after another, and half of the quota of DescribeCertificate, ListCertificates
# and ListThingPrincipals.
_LOOK_UPS_PER_SECOND = 50
_LISTS_PER_SECOND = 5
_FEW_RETIRED, _PERCENT_RETIRED = 10, 10
#: In two passes, half of the quotas of ListPrincipalThings and UpdateCertificate, then that of
#: DeleteCertificate; and some time for each call.
DEREGISTERED_PER_SECOND = 2.5


def part_count(lines: int) -> int:
    """Return how many parts so many lines are sent in."""
    return -(-lines // PART_LINES)


def most_retired(registered: int) -> int:
    """Return how many of the registered devices a run may retire by default."""
    return max(_FEW_RETIRED, registered * _PERCENT_RETIRED // 100)


def run_seconds(
    *,
    to_send: int,
    to_check: int,
    to_look_up: int,
    to_ask: int,
    status_pages: int,
    to_deregister: int,
    things_per_second: float,
) -> float:
    """Return how long a run takes.

    Args:
        to_send: how many lines are sent for sure.
        to_check: how many are only compared with AWS's registry. They are sent where they differ;
            how many do is not known.
        to_look_up: of how many the registry is asked whether it has a certificate.
        to_ask: of how many the certificate is known, and its status is asked for.
        status_pages: how many pages list the statuses of all certificates, as an alternative.
        to_deregister: how many devices are retired.
        things_per_second: the rate of a registration task, an assumption of the user.
    """
    return (
        to_send / things_per_second
        + to_look_up / _LOOK_UPS_PER_SECOND
        + min(to_ask, status_pages) / _LISTS_PER_SECOND
        + to_check / _LISTS_PER_SECOND
        + to_deregister / DEREGISTERED_PER_SECOND
    )
