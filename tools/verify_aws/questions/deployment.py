"""The smallest example, deployed and destroyed with the real CDK command line."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator

from botocore.exceptions import ClientError

from tools.cdk import ROOT, Cdk
from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.workspace import Workspace

EXAMPLE = ROOT / "examples" / "smallest" / "app.py"
BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
DEPLOYMENT = Question(
    "deployment",
    "Does the smallest example deploy, and go again?",
    "deployed, 1 thing registered, destroyed",
    ("examples/smallest/app.py", "constructs/thing_registration/thing_registration_task.py"),
)


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Deploy the example, look for its thing, destroy it."""
    if not _bootstrapped(workspace):
        yield DEPLOYMENT.unanswered("the Region is not bootstrapped: run cdk bootstrap first")
        return
    name = workspace.stack("smallest")
    thing = workspace.thing("deployed")
    cdk = Cdk({"AWS_REGION": str(workspace.clients.region)})
    context = [
        f"--app={shlex.quote(sys.executable)} {shlex.quote(str(EXAMPLE))}",
        f"--context=stack={name}",
        f"--context=thing={thing}",
        f"--output={workspace.scratch / 'cdk.out'}",
    ]
    deployed = cdk.capture("deploy", "--require-approval=never", *context)
    if deployed.returncode:
        yield DEPLOYMENT.answer("the deployment fails", _end_of(deployed.stdout, deployed.stderr))
        return
    registered = workspace.exists(thing)
    destroyed = cdk.capture("destroy", "--force", *context)
    found = f"deployed, {int(registered)} thing registered"
    gone = "destroyed" if destroyed.returncode == 0 else "not destroyed"
    yield DEPLOYMENT.answer(f"{found}, {gone}", _end_of(deployed.stdout, deployed.stderr))


def _bootstrapped(workspace: Workspace) -> bool:
    try:
        workspace.clients.get("ssm").get_parameter(Name=BOOTSTRAP_VERSION)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return False
        raise
    return True


def _end_of(*outputs: str) -> list[str]:
    return [line for output in outputs for line in output.splitlines()][-20:]


GROUP = QuestionGroup("a deployment", ask, (DEPLOYMENT,))
