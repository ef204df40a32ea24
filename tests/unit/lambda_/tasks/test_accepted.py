"""What AWS has accepted: who made the thing and its certificate."""

import json
from typing import Any

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.stubs import REQUEST_ID
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.tasks import accepted

KEY, ID = "b" * 64, "a" * 64


@pytest.mark.parametrize(
    ("line", "thing_made", "certificate_made"),
    [
        # A new thing, and a certificate for the key of a CSR or from a PEM.
        ({"certificate": "csr"}, True, True),
        ({"certificate": "pem"}, True, True),
        # The thing was there before.
        ({"certificate": "csr", "thing_exists": True}, False, True),
        ({"certificate": "csr", "thing_exists": True, "thing_made": True}, True, True),
        # So was the certificate.
        ({"certificate": "csr", "certificate_id": ID}, True, False),
        ({"certificate": "csr", "certificate_id": ID, "certificate_made": True}, True, True),
        # The user gives its id, or none.
        ({"certificate": "id", "key": ""}, True, False),
        ({"certificate": "none", "key": ""}, True, False),
    ],
)
def test_what_was_there_before_is_never_ours(
    make_step: Any,
    claims: ClaimObjects,
    line: dict[str, Any],
    thing_made: bool,
    certificate_made: bool,
) -> None:
    base = {"number": 1, "text": "{}", "thing_name": "a", "resources_hash": "1:" + "0" * 32}
    rest = {"key": KEY, "certificate_id": "", "is_registered": False}
    sent = SentLine(**{**base, **rest, **line})
    arns = {"t": "arn:aws:iot:r:0:thing/a", "c": f"arn:aws:iot:r:0:cert/{ID}"}
    report = json.dumps({"response": {"ResourceArns": arns}}).encode()
    claims.place(f"stack/fleet/runs/{REQUEST_ID}/task-1/RESULTS-0.jsonl", report)

    (entry,) = accepted.entries(make_step("Finish"), REQUEST_ID, "task-1", 1, [sent])

    assert (entry.thing_made, entry.certificate_made) == (thing_made, certificate_made)
