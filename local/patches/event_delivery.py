"""How an asynchronous event reaches a Lambda function: late, or not at all, if a fault asks for it.

Difference: ministack measures an event's age from its first attempt on.
Patch: an event older than MaximumEventAgeInSeconds is never delivered.
Unnecessary once ministack measures the age from the event on.
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextvars import copy_context
from typing import Any

from ministack.services import lambda_svc

from local.faults.strikes import Faults
from local.journal import Journal

_MAX_EVENT_AGE_SECONDS = 6 * 3600
_ATTEMPT_EVERY_SECONDS = 1.0


def deliver(
    function: Mapping[str, Any], event: Any, late: float, faults: Faults, journal: Journal
) -> None:
    """Deliver an event asynchronously, so many seconds late."""
    run = threading.Thread(
        target=copy_context().run,
        args=(_deliver, function, event, late, faults, journal),
        daemon=True,
    )
    run.start()


def _deliver(
    function: Mapping[str, Any], event: Any, late: float, faults: Faults, journal: Journal
) -> None:
    config = function.get("config") or function
    name = config.get("FunctionName", "")
    expires = time.monotonic() + _max_event_age(function)
    time.sleep(min(late, max(0.0, expires - time.monotonic())))
    while time.monotonic() < expires:
        fault = faults.refusal(name, event)
        if fault is None:
            lambda_svc.invoke_async_with_retry(dict(function), event)
            return
        journal.write("fault", fault="lambda_refuses", code=fault.code, function=name)
        time.sleep(_ATTEMPT_EVERY_SECONDS)
    journal.write("fault", fault="late_events", what="the event expired", function=name)


def _max_event_age(function: Mapping[str, Any]) -> float:
    configs = function.get("event_invoke_configs") or {}
    config = function.get("event_invoke_config") or configs.get("$LATEST") or {}
    return float(config.get("MaximumEventAgeInSeconds") or _MAX_EVENT_AGE_SECONDS)
