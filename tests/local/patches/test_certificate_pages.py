"""ListCertificates has pages, and an order."""

from __future__ import annotations

import pytest

from local import LocalAws
from tests.local.fleet import new_csr

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("ascending", [True, False])
def test_the_pages_of_a_list_have_each_certificate_once_in_the_order_of_their_age(
    aws: LocalAws, ascending: bool
) -> None:
    iot = aws.client("iot")
    made = {
        iot.create_certificate_from_csr(certificateSigningRequest=new_csr())["certificateId"]
        for _ in range(7)
    }

    pages = list(
        iot.get_paginator("list_certificates").paginate(
            ascendingOrder=ascending, PaginationConfig={"PageSize": 3}
        )
    )

    sizes = [len(page["certificates"]) for page in pages]
    listed = [one for page in pages for one in page["certificates"]]
    assert set(sizes[:-1]) == {3}
    assert made <= {one["certificateId"] for one in listed}
    assert len({one["certificateId"] for one in listed}) == len(listed)
    dates = [one["creationDate"] for one in listed]
    assert dates == sorted(dates, reverse=not ascending)
