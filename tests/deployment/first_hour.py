"""The first hour of somebody who has never used this: files, commands, and what these print.

`python -m tests.deployment.first_hour > docs/first-hour.md` runs all of it on a local AWS and
writes the page; `test_first_hour.py` runs it again and compares.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local import LocalAws
from tools.cdk import NODE, ROOT

APP = """\
import aws_cdk as cdk
from thing_registration import ThingRegistrationTask

app = cdk.App()
stack = cdk.Stack(app, "MyFleet")
task = ThingRegistrationTask(
    stack,
    "Fleet",
    provisioning_template="template.json",
    input_file="devices.jsonl",
    deregister="REMOVED_LINES",
)
cdk.CfnOutput(stack, "Registered", value=task.registered_count)
cdk.CfnOutput(stack, "Succeeded", value=task.success_count)
app.synth()
"""
TEMPLATE = """\
{
  "Parameters": { "ThingName": { "Type": "String" }, "Model": { "Type": "String" } },
  "Resources": {
    "thing": {
      "Type": "AWS::IoT::Thing",
      "Properties": {
        "ThingName": { "Ref": "ThingName" },
        "AttributePayload": { "model": { "Ref": "Model" } }
      }
    }
  }
}
"""
DEVICES = """\
{"ThingName": "pump 1", "Model": "p100"}
{"ThingName": "pump-2", "Model": "p100"}
{"ThingName": "pump-3", "model": "p200"}
"""
DEPLOY = "cdk deploy --require-approval never"
PLAN = "thing-registration plan template.json devices.jsonl --stack MyFleet"


@dataclass(frozen=True)
class File:
    """A file that the user writes."""

    name: str
    content: str


@dataclass(frozen=True)
class Command:
    """A command that the user types, and the exit status that it has."""

    words: str
    status: int = 0


Step = str | File | Command

STEPS: tuple[Step, ...] = (
    "## A stack of your own\n\nThree files in an empty folder. The app:",
    File("app.py", APP),
    "What each device becomes:",
    File("template.json", TEMPLATE),
    "And the devices, with two mistakes in them:",
    File("devices.jsonl", DEVICES),
    "## A mistake, seen before anything is deployed",
    Command("thing-registration check template.json devices.jsonl", 1),
    "Both mended:",
    Command("sed -i -e 's/pump 1/pump-1/' -e 's/\"model\"/\"Model\"/' devices.jsonl"),
    Command("thing-registration check template.json devices.jsonl"),
    "## The first deployment",
    Command('echo \'{"app": "python app.py"}\' > cdk.json'),
    Command("cdk bootstrap"),
    Command(DEPLOY),
    "## A plan, and an update\n\nOne device gets another model, and one is new:",
    Command(
        'sed -i \'s/pump-2", "Model": "p100/pump-2", "Model": "p300/\' devices.jsonl && '
        'echo \'{"ThingName": "pump-4", "Model": "p100"}\' >> devices.jsonl'
    ),
    Command(PLAN),
    Command(DEPLOY),
    "Two devices were sent, and not four.\n\n## A removal",
    Command("sed -i /pump-1/d devices.jsonl"),
    Command(PLAN),
    Command(DEPLOY),
    "## The end\n\nThe stack goes; the devices stay, because `deregister` is not `ALL`.",
    Command("cdk destroy --force"),
)
_HEAD = """\
# The first hour

Each command of this page, and what it prints, comes from a test that runs all of them:
`python -m tests.deployment.first_hour > docs/first-hour.md` writes the page anew. You need Python
3.11+ and make. In a checkout of this repository:

```
make setup
. .venv/bin/activate
export PATH=$PWD/node_modules/.bin:$PATH
python -m local
```

The last command is an AWS for your laptop. It prints `AWS_ENDPOINT_URL=http://127.0.0.1:PORT` and
stays; the other commands are typed in another terminal, with the first three and

```
export AWS_ENDPOINT_URL=http://127.0.0.1:PORT AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test \\
  AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
```

With an AWS account of yours, leave the exports out. CDK prints more than is shown: `…` stands for
it.

"""
_KEPT_OF_CDK = ("Outputs:", "MyFleet.", " ✅", "MyFleet: destroyed", "✅")


def page() -> str:
    """Run all steps in an empty folder on a local AWS, and return the page."""
    with LocalAws() as aws, tempfile.TemporaryDirectory() as folder:
        return _HEAD + "\n".join(_written(Path(folder), aws))


def _written(folder: Path, aws: LocalAws) -> Iterator[str]:
    for step in STEPS:
        if isinstance(step, str):
            yield f"{step}\n"
        elif isinstance(step, File):
            (folder / step.name).write_text(step.content)
            yield f"`{step.name}`\n\n```\n{step.content}```\n"
        else:
            yield f"```\n$ {step.words}\n{_run(step, folder, aws)}```\n"


def _run(command: Command, folder: Path, aws: LocalAws) -> str:
    path = (Path(sys.executable).parent, ROOT / "node_modules" / ".bin", os.environ["PATH"])
    done = subprocess.run(
        ["bash", "-c", command.words],
        cwd=folder,
        env={
            **os.environ,
            **aws.environment(),
            "PATH": os.pathsep.join(map(str, path)),
            "JSII_NODE": str(NODE),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "NO_COLOR": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != command.status:
        raise RuntimeError(f"{command.words} ended with {done.returncode}:\n{done.stdout}")
    is_cdk = command.words.startswith("cdk ")
    return _of_cdk(done.stdout) if is_cdk else done.stdout


def _of_cdk(output: str) -> str:
    """Return what says how a command of CDK has ended."""
    kept = [line for line in output.splitlines() if line.strip().startswith(_KEPT_OF_CDK)]
    return "".join(f"{line}\n" for line in ("…", *kept))


def without_chance(text: str) -> str:
    """Return a text in which what differs from run to run is not to be seen."""
    text = re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    return re.sub(r"\b\d+(\.\d+)?s\b", "N s", text)


if __name__ == "__main__":
    print(page(), end="")
