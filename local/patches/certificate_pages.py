"""Difference: ListCertificates returns all certificates of the account at once, in no order.

Patch: pages of at most 250, the newest certificate first unless `isAscendingOrder` is true.
Unnecessary once ministack's ListCertificates has pages, as its ListCertificatesByCA has.
Source: https://docs.aws.amazon.com/iot/latest/apireference/API_ListCertificates.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import iot

from local.iot.paging import DEFAULT_PAGE_SIZE

_MAX_PAGE_SIZE = 250


def apply() -> None:
    """Apply the patch."""
    list_all = iot._list_certificates

    def list_certificates(query: Mapping[str, str]) -> Any:
        status, headers, body = list_all(query)
        ascending = iot._qp_bool(query, "isAscendingOrder")
        found = json.loads(body)["certificates"]
        found.sort(key=iot._by_ca_sort_key, reverse=not ascending)
        position = iot._by_ca_marker_position(query.get("marker", ""))
        if position is not None:
            found = [one for one in found if _is_after(one, position, ascending=ascending)]
        size = min(int(query.get("pageSize", DEFAULT_PAGE_SIZE)), _MAX_PAGE_SIZE)
        page: dict[str, Any] = {"certificates": found[:size]}
        if len(found) > size:
            page["nextMarker"] = iot._by_ca_marker(found[size - 1])
        return status, headers, json.dumps(page).encode()

    iot._list_certificates = list_certificates


def _is_after(one: dict[str, Any], position: tuple[float, str], *, ascending: bool) -> bool:
    key = iot._by_ca_sort_key(one)
    return bool(key > position if ascending else key < position)
