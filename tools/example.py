"""`python -m tools.example NAME`: examples/NAME/app.py on a local AWS, as `deploy_local` does it.

Environment: KEEP=1 keeps the stacks and the local AWS.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.cdk import ROOT
from tools.deployment import run_app

EXAMPLES = ROOT / "examples"


def main(arguments: Sequence[str]) -> int:
    """Run an example and return the exit status; exit with a message if there is none."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.example",
        description="Deploy an example on a local AWS and destroy it.",
    )
    parser.add_argument("name", help="a folder of examples/, or any folder with an app.py")
    name = parser.parse_args(arguments).name
    app = find_app(name)
    if app is None:
        parser.error(f"no app.py in {name}; the examples are: {', '.join(example_names())}")
    return run_app([f"--app={shlex.quote(sys.executable)} {shlex.quote(str(app))}"])


def example_names() -> list[str]:
    """Return the names of the examples."""
    return sorted(app.parent.name for app in EXAMPLES.glob("*/app.py"))


def find_app(name: str) -> Path | None:
    """Return the app.py of an example, or of a folder, or None."""
    for folder in (EXAMPLES / name, Path(name)):
        if (folder / "app.py").is_file():
            return (folder / "app.py").resolve()
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
