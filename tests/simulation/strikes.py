"""How often the faults of a row have struck."""

from __future__ import annotations

from tests.simulation.aws import Aws


def struck(aws: Aws) -> dict[str, int]:
    """Return the strikes of each fault that the row has asked for, those it has replaced too.

    Faults of several documents may have one name: each must have struck.
    """
    documents = [*(entry["struck"] for entry in aws.journal("strikes")), aws.fault_strikes()]
    strikes: dict[str, int] = {}
    for document in documents:
        for name, count in document.items():
            strikes[name] = min(count, strikes.get(name, count))
    # A worker that waits until the registry shows everything never sees it lag: such a row is about
    # the wait, and fails where there is none.
    strikes.pop("registry_lag_seconds", None)
    return strikes
