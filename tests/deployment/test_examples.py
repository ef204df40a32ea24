"""Every example deploys and goes again."""

import sys
from pathlib import Path

import pytest

from local import LocalAws
from tools.cdk import Cdk

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
THINGS = {"csv": 3, "names_of_this_stack": 3}


@pytest.mark.parametrize("example", [path.parent.name for path in ROOT.glob("examples/*/app.py")])
def test_an_example_registers_its_things_and_is_destroyed(tmp_path: Path, example: str) -> None:
    app = f"{sys.executable} {ROOT / 'examples' / example / 'app.py'}"
    with LocalAws() as aws:
        cdk = Cdk(aws.environment())
        cdk.run("bootstrap", f"aws://{aws.account}/{aws.region}", cwd=tmp_path)

        deployed = cdk.capture(
            "deploy", f"--app={app}", f"--output={tmp_path / 'out'}", "--require-approval=never"
        )
        registered = len(aws.client("iot").list_things()["things"])
        destroyed = cdk.capture("destroy", f"--app={tmp_path / 'out'}", "--force")

    assert deployed.returncode == 0, deployed.stderr
    assert registered == THINGS[example]
    assert destroyed.returncode == 0, destroyed.stderr
