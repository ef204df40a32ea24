"""Devices that were registered before the stack, by a script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.local.fleet import Fleet
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import Device
from tests.simulation.known_defects.arranged import arranged


def register_before(
    by_hand: ByHand, devices: Sequence[Device], template: Mapping[str, Any], times: int = 1
) -> None:
    """Register devices, each so many times: each time it gets one more certificate.

    Those of the first times are the test's own, beside others of the same key.
    """
    aws, registry = by_hand.aws, by_hand.registry
    script = Fleet(aws)
    aws.faults(things_per_second=1_000, throttling=False)
    for _ in range(times):
        by_hand.certificates |= {*registry.statuses()}
        task = script.run(list(devices), json.dumps(template))
        arranged(task["successCount"] == len(devices), f"the script's task: {task}")
    aws.faults()
