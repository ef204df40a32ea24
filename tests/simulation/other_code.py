"""Packages of the Lambda in which a text is another one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace

from tests.simulation.assembly import Assembly

PACKAGE = "thing_registration_worker/"
# Registry, detachments, reports and roles lag for some seconds only, so that no row waits for
# minutes; and files of some MiB are copied in parts, as those of hundreds are.
SHORTER = {
    "timing.py": {
        "REGISTRY_LAG = 60": "REGISTRY_LAG = 10",
        "DETACH_BUDGET = 30": "DETACH_BUDGET = 8",
        "REPORTS_BUDGET = 120": "REPORTS_BUDGET = 20",
        "ROLE_BUDGET = 45": "ROLE_BUDGET = 8",
    },
    "aws/s3.py": {
        "multipart_threshold=256 * MIB, multipart_chunksize=256 * MIB": (
            "multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB"
        ),
    },
}


def with_other_code(assembly: Assembly, changes: Mapping[str, Mapping[str, str]]) -> Assembly:
    """Return the stacks with other texts in the files of the Lambda's package.

    Raises:
        AssertionError: a package does not have one of the texts.
    """
    assets = {
        key: _replaced(body, changes) if zipfile.is_zipfile(io.BytesIO(body)) else body
        for key, body in assembly.assets.items()
    }
    return replace(assembly, assets=assets)


def _replaced(package: bytes, changes: Mapping[str, Mapping[str, str]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(made, "w") as new:
        for path in old.namelist():
            text = old.read(path).decode()
            for before, after in changes.get(path.removeprefix(PACKAGE), {}).items():
                assert before in text, f"{path} has no {before}"
                text = text.replace(before, after)
            new.writestr(path, text)
    return made.getvalue()
