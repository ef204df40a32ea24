"""The request: parsed once, typed."""

from request import Request, answer_ids, fingerprint
from tests.unit.lambda_.stubs import PROPERTIES, event


def test_the_old_properties_decide_nothing_but_the_fingerprint() -> None:
    old = {"ServiceToken": "arn"}

    request = Request.from_event(event("Update", OldResourceProperties=old))

    assert request.old_fingerprint == fingerprint({})
    assert request.fingerprint == fingerprint(PROPERTIES)


def test_the_physical_id_is_the_same_for_every_request_of_a_resource() -> None:
    first = answer_ids(event())["PhysicalResourceId"]

    assert answer_ids(event(RequestId="another"))["PhysicalResourceId"] == first
    assert answer_ids(event(PhysicalResourceId="given"))["PhysicalResourceId"] == "given" != first
