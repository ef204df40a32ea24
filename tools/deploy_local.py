"""`python -m tools.deploy_local`: app.py on a local AWS, with the real CDK command line.

Environment: TEMPLATE and INPUT name other files than the app's defaults; KEEP=1 keeps the stack and
the local AWS; V=1 shows all that cdk prints.
"""

from __future__ import annotations

import json
import os
import sys

from thing_registration import ProvisioningTemplate, check
from thing_registration.input_file import input_file_at
from thing_registration.verdict_text import show
from tools.cdk import ROOT
from tools.deployment import run_app


def main() -> int:
    """Check the files, run the app and return the exit status."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    files = {
        "template": os.environ.get("TEMPLATE") or context["template"],
        "input": os.environ.get("INPUT") or context["input"],
    }
    # From the folder of the app, as the app itself reads them.
    os.chdir(ROOT)
    template = ProvisioningTemplate.from_file(files["template"])
    verdict = check(template, input_file_at(files["input"]))
    if verdict.error_count:
        # Nothing is started for files that the synthesis refuses.
        show(verdict)
        return 1
    return run_app([f"--context={name}={value}" for name, value in files.items()], files)


if __name__ == "__main__":
    sys.exit(main())
