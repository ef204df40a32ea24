"""The answer to CloudFormation that ends a request: one PUT.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

import http.client
import json
import time
import urllib.request
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from thing_registration_worker.timing import ANSWER_ATTEMPTS, ANSWER_TIMEOUT, answer_wait

# CloudFormation refuses an answer of more bytes.
MAX_BYTES = 4_096


def respond(url: str, ids: Mapping[str, str], failure: str, data: Mapping[str, str]) -> None:
    """Send the one answer; the reason is cut so that the whole stays under 4,096 bytes.

    Raises:
        OSError, http.client.HTTPException: CloudFormation did not take it in several attempts.
    """
    status = {"Status": "FAILED" if failure else "SUCCESS", "Data": data}
    body = fitting({**ids, **status}, failure)
    # An empty Content-Type: the link is signed without one.
    request = urllib.request.Request(  # noqa: S310 - CloudFormation's own link
        url, data=body, method="PUT", headers={"Content-Type": ""}
    )
    for attempt in range(1, ANSWER_ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_TIMEOUT):  # noqa: S310
                return
        except (OSError, http.client.HTTPException) as error:
            # The link is a credential: only the error is logged.
            print(f"answer, attempt {attempt} of {ANSWER_ATTEMPTS}: {error}")
            if attempt == ANSWER_ATTEMPTS:
                raise
        time.sleep(answer_wait(attempt))


def fitting(answer: Mapping[str, Any], reason: str) -> bytes:
    """Return the answer as UTF-8 JSON of less than 4,096 bytes, its reason cut where it must be."""

    def body(length: int) -> bytes:
        shown = reason if length == len(reason) else f"{reason[:length]} …"
        text = json.dumps({**answer, "Reason": shown}, ensure_ascii=False)
        # A message that was cut inside a surrogate pair cannot be encoded.
        return text.encode(errors="replace")

    whole = body(len(reason))
    if len(whole) < MAX_BYTES:
        return whole
    return body(
        bisect_left(range(len(reason)), MAX_BYTES, key=lambda length: len(body(length))) - 1
    )
