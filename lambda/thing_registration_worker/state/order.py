"""Which of two requests is the newer one.

CloudFormation's events may arrive late, and in another order than they were sent. The link that a
request is answered by is signed, and says when: that decides between two links of the same form
that differ by more than a second. Otherwise arrival does.
"""

import calendar
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_LEAST_DIFFERENCE = 1.0


@dataclass(frozen=True)
class Moment:
    """When a request was sent.

    Attributes:
        received_at: when its event came, in epoch seconds.
        signed_at: what its link says, in seconds; only the difference to one of the same form
            means something.
        form: the query parameter that says it; empty where the link has none that is known.
    """

    received_at: float
    signed_at: float = 0
    form: str = ""

    def is_before(self, other: "Moment") -> bool:
        """Return whether this one is the older request."""
        if self.form and self.form == other.form:
            difference = other.signed_at - self.signed_at
            if abs(difference) > _LEAST_DIFFERENCE:
                return difference > 0
        return self.received_at < other.received_at


def moment(response_url: str, received_at: float) -> Moment:
    """Return when the request was sent that is answered by a link.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    """
    values = parse_qs(urlsplit(response_url).query)
    try:
        if "X-Amz-Date" in values:
            signed = time.strptime(values["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ")
            return Moment(received_at, calendar.timegm(signed), "X-Amz-Date")
        if "Expires" in values:
            return Moment(received_at, float(values["Expires"][0]), "Expires")
    except ValueError as error:
        print(f"the time of a request cannot be read: {error}")
    return Moment(received_at)
