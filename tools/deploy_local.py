"""`python -m tools.deploy_local`: app.py on a local AWS, with the real CDK command line.

Environment: TEMPLATE and INPUT name other files than the app's defaults; KEEP=1 keeps the stack and
the local AWS.
"""

from __future__ import annotations

import os
import sys

from tools.deployment import run_app


def main() -> int:
    """Run the app and return the exit status."""
    return run_app(
        [
            f"--context={name}={os.environ[variable]}"
            for name, variable in (("template", "TEMPLATE"), ("input", "INPUT"))
            if os.environ.get(variable)
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
