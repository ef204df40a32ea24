"""The library as a user installs it: a wheel, in an environment of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import pathlib, aws_cdk as cdk
from aws_cdk.assertions import Template
from thing_registration import InputFile, ProvisioningTemplate, ThingRegistrationTask
import thing_registration
import thing_registration.planning.compared_fleet
assert "site-packages" in thing_registration.__file__, thing_registration.__file__
stack = cdk.Stack(cdk.App(), "Stack")
ThingRegistrationTask(
    stack, "Fleet",
    provisioning_template=ProvisioningTemplate.from_string(
        '{"Parameters":{"Name":{"Type":"String"}},"Resources":{"thing":'
        '{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"Name"}}}}}'),
    input_file=InputFile.from_records([{"Name": "a"}]),
)
Template.from_stack(stack).resource_count_is("Custom::ThingRegistrationTask", 1)
assembly = pathlib.Path(stack.node.root.synth().directory)
(worker,) = assembly.glob("asset.*/*/worker.py")
print(sorted(path.name for path in worker.parents[1].iterdir()))
"""


@pytest.mark.slow
def test_a_stack_synthesizes_from_the_installed_wheel(tmp_path: Path) -> None:
    # Through the source distribution, as a release is built.
    subprocess.run([sys.executable, "-m", "build", "--outdir", tmp_path, ROOT], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = venv / "bin" / "python"
    # Compiled when it is imported: most of aws-cdk-lib is not.
    pip = [sys.executable, "-m", "pip", f"--python={python}"]
    subprocess.run([*pip, "install", "--quiet", "--no-compile", wheel], check=True)

    done = subprocess.run(
        [python, "-c", SCRIPT],
        cwd=tmp_path,
        env={**os.environ, "CDK_VALIDATION": "false"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['thing_registration_worker']"
