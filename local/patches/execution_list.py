"""Difference: ListExecutions of ministack is always current; AWS's is eventually consistent.

Patch: with the fault `executions_lag_seconds`, executions are listed as they were so long ago.
Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ministack.core.responses import json_response
from ministack.services import stepfunctions

from local.faults.strikes import Faults

_MAX_PAGE = 1000


def apply(faults: Faults) -> None:
    """Apply the patch."""
    list_executions = stepfunctions._list_executions

    def list_executions_as_they_were(data: Mapping[str, Any]) -> Any:
        lag = faults.document.executions_lag_seconds
        if not lag:
            return list_executions(data)
        all_of_them = {**data, "maxResults": 10**9}
        wanted = all_of_them.pop("statusFilter", None)
        token = all_of_them.pop("nextToken", None)
        reply = list_executions(all_of_them)
        if reply[0] != 200:
            return reply
        current = json.loads(reply[2])["executions"]
        found = [_then(item, time.time() - lag) for item in current]
        shown = [item for item in found if item and wanted in (None, item["status"])]
        if shown != [item for item in current if wanted in (None, item["status"])]:
            faults.strike("executions_lag_seconds")
        start = int(token or 0)
        end = start + int(data.get("maxResults") or _MAX_PAGE)
        page: dict[str, Any] = {"executions": shown[start:end]}
        if end < len(shown):
            page["nextToken"] = str(end)
        return json_response(page)

    stepfunctions._list_executions = list_executions_as_they_were


def _then(item: Mapping[str, Any], moment: float) -> dict[str, Any] | None:
    """Return what was listed of an execution at a time, None before its start."""
    if _epoch(item["startDate"]) > moment:
        return None
    if item["stopDate"] and _epoch(item["stopDate"]) > moment:
        return {**item, "status": "RUNNING", "stopDate": None}
    return dict(item)


def _epoch(stamp: float | str) -> float:
    if isinstance(stamp, str):
        return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
    return stamp
