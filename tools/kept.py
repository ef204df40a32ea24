"""The local AWS that KEEP=1 has left running: found again by the next command in this checkout."""

from __future__ import annotations

import json
import os
from pathlib import Path

from local import LocalAws
from tools.cdk import ROOT

#: Names another folder for the record than `.local-aws`, such as that of a test.
FOLDER = "LOCAL_AWS_FOLDER"


def find() -> LocalAws | None:
    """Return the local AWS that was kept, or None if there is none or it has ended."""
    try:
        record = json.loads(_record().read_text())
        return LocalAws.attach(record["endpoint_url"], record["pid"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def record(aws: LocalAws) -> None:
    """Write where the local AWS is that is going to be kept."""
    path = _record()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"endpoint_url": aws.endpoint_url, "pid": aws.pid}))


def forget() -> None:
    """Remove the record."""
    _record().unlink(missing_ok=True)


def _record() -> Path:
    return Path(os.environ.get(FOLDER) or ROOT / ".local-aws") / "kept.json"
