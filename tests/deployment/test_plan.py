"""`thing-registration plan` on a stack that is deployed on the local AWS."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from typer.testing import CliRunner

from local import LocalAws
from tests.simulation.assembly import TEMPLATE, Assembly
from tests.simulation.declared import synthesize
from tests.simulation.devices import device
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack
from thing_registration import InputFile, ProvisioningTemplate, ThingRegistrationTask
from thing_registration.cli import app

pytestmark = pytest.mark.slow

PLAN = [sys.executable, "-c", "from thing_registration.cli import main; main()", "plan"]
# All that a plan may do; docs/plan.md names it.
READ_ONLY = [
    "cloudformation:DescribeStacks",
    "cloudformation:GetTemplate",
    "cloudformation:ListStackResources",
    "cloudformation:ListExports",
    "s3:ListBucket",
    "s3:GetObject",
    "iot:DescribeThing",
    "iot:ListThingPrincipals",
    "iot:DescribeCertificate",
    "iot:DescribeThingType",
    "iot:DescribeThingGroup",
    "iot:DescribeBillingGroup",
    "iot:GetPolicy",
]
ROOMS = copy.deepcopy(TEMPLATE)
ROOMS["Parameters"]["Room"] = {"Type": "String"}
ROOMS["Resources"]["thing"]["Properties"] |= {
    "AttributePayload": {"room": {"Ref": "Room"}},
    "ThingGroups": ["sensors"],
}
Devices = list[dict[str, Any]]


@dataclass(frozen=True)
class Deployed:
    """A stack with six sensors, and the files that a test plans."""

    aws: LocalAws
    folder: Path
    devices: Devices
    credentials: dict[str, str]

    def plan(
        self,
        *arguments: str,
        devices: Devices | None = None,
        credentials: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run the command in this process, with the rights to read."""
        self.declare(devices or self.devices)
        environment = {**self.aws.environment(), **(credentials or self.credentials)}
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            result = CliRunner().invoke(app, ["plan", *arguments], env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return subprocess.CompletedProcess(
            arguments, result.exit_code, result.stdout, result.stderr
        )

    def declare(self, devices: Devices) -> None:
        """Write the input file."""
        lines = (json.dumps(each) + "\n" for each in devices)
        (self.folder / "devices.jsonl").write_text("".join(lines))

    def fleet(
        self, *arguments: str, devices: Devices | None = None, stack: str = "Fleet"
    ) -> subprocess.CompletedProcess[str]:
        """Plan the files against the stack."""
        files = ("template.json", "devices.jsonl", "--stack", stack)
        return self.plan(*files, *arguments, devices=devices)

    def facts(self, devices: Devices, *arguments: str) -> dict[str, Any]:
        """Return the plan of one task as JSON."""
        done = self.fleet("--json", *arguments, devices=devices)
        assert done.returncode == 0, done.stderr
        (task,) = json.loads(done.stdout)["tasks"]
        return dict(task)

    def everything(self) -> tuple[Any, ...]:
        """Return what the account has: journal, objects, things, certificates, the stack."""
        s3, registry = self.aws.client("s3"), Registry(self.aws)
        buckets = [each["Name"] for each in s3.list_buckets()["Buckets"]]
        objects = [
            (bucket, item["Key"], item["ETag"], item["LastModified"])
            for bucket in buckets
            for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        ]
        iot, cloudformation = self.aws.client("iot"), self.aws.client("cloudformation")
        return (
            self.aws.journal(),
            objects,
            registry.things(),
            registry.certificates(),
            iot.list_thing_groups()["thingGroups"],
            cloudformation.describe_stack_events(StackName="Fleet")["StackEvents"],
        )


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return synthesize(tmp_path_factory.mktemp("app"))


@pytest.fixture(scope="module")
def deployed(assembly: Assembly, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("files")
    (folder / "template.json").write_text(json.dumps(ROOMS))
    devices: Devices = [{**device(f"sensor-{n}"), "Room": "hall"} for n in range(6)]
    with LocalAws() as aws:
        assembly.publish(aws)
        aws.client("iot").create_thing_group(thingGroupName="sensors")
        stack = Stack(aws, "Fleet", assembly.templates["Fleet"], lambda status: None)
        stack.declare_template(ROOMS)
        stack.declare_devices(devices)
        assert stack.create() == "CREATE_COMPLETE", stack.reasons()
        pair = Stack(aws, "Pair", assembly.templates["Pair"], lambda status: None)
        assert pair.create() == "CREATE_COMPLETE", pair.reasons()
        yield Deployed(aws, folder, devices, credentials(aws, "reader", READ_ONLY))


def credentials(aws: LocalAws, name: str, actions: list[str]) -> dict[str, str]:
    """Return the environment of a user with these rights."""
    iam = aws.client("iam")
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


@pytest.fixture
def changed(deployed: Deployed) -> Devices:
    """The first has left, one has moved, one has a new key, one a new name; one is new."""
    devices = copy.deepcopy(deployed.devices)
    devices[1]["Room"] = "attic"
    devices[2]["CSR"] = device("another key")["CSR"]
    renamed = {**devices[0], "ThingName": "renamed"}
    return [*devices[1:], renamed, {**device("sensor-6"), "Room": "hall"}]


def test_the_first_of_each_kind_come_before_the_counts(
    deployed: Deployed, changed: Devices
) -> None:
    deployed.declare(changed)

    done = subprocess.run(
        [*PLAN, "template.json", "devices.jsonl", "--stack", "Fleet"],
        cwd=deployed.folder,
        env={**os.environ, **deployed.aws.environment(), **deployed.credentials},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == (
        "Task79114B6B in stack Fleet, from devices.jsonl\n"
        "\n"
        "+ renamed (line 6)\n"
        "+ sensor-6 (line 7)\n"
        "~ sensor-1 (line 1)\n"
        "    attribute room: 'hall' becomes 'attic'\n"
        "~ sensor-2 (line 2)\n"
        "    a new key: it gets a new certificate, the old one stays attached and active\n"
        "- sensor-0: stays registered, its certificate stays active\n"
        "\n"
        "+ 2 new, ~ 2 changed, - 1 no longer in the file, = 3 unchanged\n"
        "no longer in the file: they stay registered, their certificates stay active\n"
        "certificates: at most 2 new, 2 kept\n"
        "new keys of known devices: 1\n"
        "line 6 has the key of sensor-0: it gets that certificate\n"
        "taken over: not known without --look-up, which asks AWS's registry\n"
        "thing groups, must exist: sensors\n"
        "4 lines to send in 1 part, about 0:00:01 at 10 things a second, an assumption; AWS bills "
        "each line that is sent\n"
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_plan_changes_nothing(deployed: Deployed, changed: Devices) -> None:
    before = deployed.everything()

    done = deployed.fleet("--look-up", devices=changed)

    assert done.returncode == 0, done.stderr
    assert deployed.everything() == before


@pytest.mark.parametrize(("is_changed", "code"), [(True, 2), (False, 0)])
def test_the_exit_code_says_whether_there_is_something_to_do(
    deployed: Deployed, changed: Devices, is_changed: bool, code: int
) -> None:
    done = deployed.fleet("--exit-code", devices=changed if is_changed else None)

    assert done.returncode == code, done.stderr
    assert ("nothing to send: no registration task" in done.stdout) is not is_changed


def test_what_is_planned_is_what_the_deployment_does(
    assembly: Assembly, tmp_path: Path, changed: Devices, deployed: Deployed
) -> None:
    (tmp_path / "template.json").write_text(json.dumps(ROOMS))
    with LocalAws() as aws:
        assembly.publish(aws)
        aws.client("iot").create_thing_group(thingGroupName="sensors")
        stack = Stack(aws, "Fleet", assembly.templates["Fleet"], lambda status: None)
        stack.declare_template(ROOMS)
        stack.declare_devices(deployed.devices)
        assert stack.create() == "CREATE_COMPLETE", stack.reasons()
        here = Deployed(aws, tmp_path, deployed.devices, {})
        certificates = len(Registry(aws).certificates())
        facts = here.facts(changed, "--look-up")

        stack.declare_devices(changed)
        assert stack.update() == "UPDATE_COMPLETE", stack.reasons()

        counts, planned = stack.counts(), facts["counts"]
        assert counts["Succeeded"] == facts["to_send"] == planned["new"] + planned["changed"]
        assert (counts["Unchanged"], counts["Removed"]) == (
            planned["unchanged"],
            planned["removed"],
        )
        made = len(Registry(aws).certificates()) - certificates
        assert made == facts["certificates"]["new"] == 2


def test_a_look_up_finds_devices_that_somebody_else_registered(deployed: Deployed) -> None:
    iot = deployed.aws.client("iot")
    found = {**device("script-1"), "Room": "hall"}
    iot.create_thing(thingName="script-1")
    made = iot.create_certificate_from_csr(certificateSigningRequest=found["CSR"])
    iot.attach_thing_principal(thingName="script-1", principal=made["certificateArn"])
    iot.create_thing(thingName="script-2")
    bare = {**device("script-2"), "Room": "hall"}
    fresh = {**device("script-3"), "Room": "hall"}

    facts = deployed.facts([*deployed.devices, found, bare, fresh], "--look-up")

    assert facts["looked_up"] == {
        "asked": 3,
        "existing": ["script-1", "script-2"],
        "certified": 1,
    }
    assert facts["certificates"]["new"] == 2
    assert facts["prerequisites"]["missing"] == []


def test_a_look_up_names_the_prerequisites_that_are_missing(deployed: Deployed) -> None:
    template = copy.deepcopy(ROOMS)
    template["Resources"]["thing"]["Properties"]["ThingTypeName"] = "sensor"
    (deployed.folder / "typed.json").write_text(json.dumps(template))

    done = deployed.plan("typed.json", "devices.jsonl", "--stack", "Fleet", "--look-up")

    assert "missing, must be made first: thing type 'sensor'\n" in done.stdout
    assert "    thing type: '' becomes 'sensor'\n" in done.stdout


def test_an_attribute_that_is_no_longer_declared_is_removed(deployed: Deployed) -> None:
    template = copy.deepcopy(ROOMS)
    template["Resources"]["thing"]["Properties"]["AttributePayload"] = {"floor": {"Ref": "Room"}}
    (deployed.folder / "floors.json").write_text(json.dumps(template))

    done = deployed.plan("floors.json", "devices.jsonl", "--stack", "Fleet")

    assert done.stdout.splitlines()[2:5] == [
        "~ sensor-0 (line 1)",
        "    attribute floor: '' becomes 'hall'",
        "    attribute room: 'hall' becomes removed",
    ]


@pytest.mark.parametrize(
    ("mode", "claims", "becomes"),
    [
        ("NEVER", "false", "registered"),
        ("REMOVED_LINES", "false", "retired"),
        ("ALL", "true", "retired"),
    ],
)
def test_what_becomes_of_devices_that_left_is_what_the_app_declares(
    deployed: Deployed, assembly: Assembly, tmp_path: Path, mode: str, claims: str, becomes: str
) -> None:
    declared = {"Deregister": mode, "ClaimExisting": claims, "MaxDeregistered": "5"}
    folder = synthesized(assembly, tmp_path, "Fleet", **declared)

    done = deployed.plan("--app", str(folder), "--json")

    (task,) = json.loads(done.stdout)["tasks"]
    assert task["removed"] == [
        {"thing": f"sensor-{number}", "becomes": becomes} for number in range(6)
    ]
    assert task["deregister"] == {
        "mode": mode,
        "retired": 0 if mode == "NEVER" else 6,
        "released": 0,
        "most_retired": 5,
        "refused": mode != "NEVER",
    }


def synthesized(assembly: Assembly, folder: Path, *stacks: str, **properties: Any) -> Path:
    """Write a synthesized app with some of the stacks, with other properties of their tasks."""
    artifacts: dict[str, Any] = {}
    for stack in stacks:
        template = copy.deepcopy(assembly.templates[stack])
        files = {}
        for resource in template["Resources"].values():
            if resource["Type"] == "Custom::ThingRegistrationTask":
                resource["Properties"].update(properties)
                key = resource["Properties"]["SourceKey"]
                if key in assembly.assets:
                    (folder / key).write_bytes(assembly.assets[key])
                    files[key] = {
                        "source": {"path": key, "packaging": "file"},
                        "destinations": {"here": {"bucketName": "b", "objectKey": key}},
                    }
        (folder / f"{stack}.template.json").write_text(json.dumps(template))
        (folder / f"{stack}.assets.json").write_text(json.dumps({"files": files}))
        artifacts[f"{stack}.assets"] = {
            "type": "cdk:asset-manifest",
            "properties": {"file": f"{stack}.assets.json"},
        }
        artifacts[stack] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "properties": {"templateFile": f"{stack}.template.json"},
            "dependencies": [f"{stack}.assets"],
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def test_an_app_for_another_account_is_an_error_that_names_both(
    deployed: Deployed, assembly: Assembly, tmp_path: Path
) -> None:
    folder = synthesized(assembly, tmp_path, "Other")
    manifest = (folder / "manifest.json").read_text()
    manifest = manifest.replace("unknown-account/unknown-region", "222222222222/us-east-1")
    (folder / "manifest.json").write_text(manifest)

    done = deployed.plan("--app", str(folder))

    assert (done.returncode, done.stderr) == (
        1,
        "error: stack Other is for account 222222222222, but the credentials are of account "
        "000000000000: use --profile, or choose a task of another stack with --task\n",
    )


def test_one_task_of_an_app_is_planned_by_the_end_of_its_name(
    deployed: Deployed, assembly: Assembly, tmp_path: Path
) -> None:
    folder = synthesized(assembly, tmp_path, "Pair", "Other")

    one = deployed.plan("--app", str(folder), "--task", "8D4707F1", "--json")
    several = deployed.plan("--app", str(folder), "--task", "Pair", "--json")

    assert [each["task"] for each in json.loads(one.stdout)["tasks"]] == ["First8D4707F1"]
    error = json.loads(several.stdout)["error"]
    assert (several.returncode, error["kind"], len(error["candidates"])) == (1, "task", 3)


def test_a_plan_can_be_a_comment_of_a_pull_request(deployed: Deployed, changed: Devices) -> None:
    done = deployed.fleet("--markdown", devices=changed)

    assert done.stdout.startswith("## Plan of Task79114B6B\n\nStack Fleet, from devices.jsonl.\n")
    assert "| line | device |\n| --- | --- |\n| 6 | renamed |\n| 7 | sensor-6 |\n" in done.stdout
    assert "| 1 | sensor-1 | attribute room: 'hall' becomes 'attic' |\n" in done.stdout


def test_an_app_is_planned_with_all_its_tasks_deployed_or_not(
    deployed: Deployed, assembly: Assembly, tmp_path: Path
) -> None:
    folder = synthesized(assembly, tmp_path, "Pair", "Other")

    done = deployed.plan("--app", str(folder), "--json", "--exit-code")

    tasks = json.loads(done.stdout)["tasks"]
    assert [(each["stack"], each["deployed"], each["counts"]["new"]) for each in tasks] == [
        ("Pair", True, 0),
        ("Pair", True, 0),
        ("Other", False, 3),
    ]
    assert done.returncode == 2


def test_a_deployment_in_which_no_property_changes_is_not_promised(
    deployed: Deployed, assembly: Assembly, tmp_path: Path
) -> None:
    task = assembly.templates["Pair"]["Resources"]["First8D4707F1"]["Properties"]
    (tmp_path / "template.json").write_text(task["TemplateBody"])
    (tmp_path / "devices.jsonl").write_bytes(assembly.assets[task["SourceKey"]])
    files = [str(tmp_path / name) for name in ("template.json", "devices.jsonl")]
    folder = synthesized(assembly, tmp_path, "Pair")

    by_files = deployed.plan(*files, "--stack", "Pair", "--task", "First8D4707F1", "--json")
    by_app = deployed.plan("--app", str(folder), "--json", "--exit-code")

    tasks = [*json.loads(by_files.stdout)["tasks"], *json.loads(by_app.stdout)["tasks"]]
    assert [each["will_run"] for each in tasks] == [False] * 3
    assert by_app.returncode == 0


def test_a_deployment_in_which_another_property_changes_is_one(
    deployed: Deployed, assembly: Assembly, tmp_path: Path
) -> None:
    folder = synthesized(assembly, tmp_path, "Pair", MaxFailures="1")

    done = deployed.plan("--app", str(folder), "--json")

    assert [each["will_run"] for each in json.loads(done.stdout)["tasks"]] == [True, True]


def test_the_tasks_of_nested_stacks_are_planned(deployed: Deployed, tmp_path: Path) -> None:
    root = cdk.App(outdir=str(tmp_path))
    outer = cdk.Stack(root, "Outer")
    ThingRegistrationTask(
        cdk.NestedStack(outer, "Inner"),
        "Fleet",
        provisioning_template=ProvisioningTemplate.from_object(TEMPLATE),
        input_file=InputFile.from_records([device("nested-1"), device("nested-2")]),
    )
    root.synth()

    done = deployed.plan("--app", str(tmp_path), "--json")

    (task,) = json.loads(done.stdout)["tasks"]
    assert (task["stack"], task["deployed"], task["will_run"]) == ("Outer", False, True)
    assert [each["thing"] for each in task["new"]] == ["nested-1", "nested-2"]


def test_a_value_that_only_the_deployment_knows_is_named(
    deployed: Deployed, assembly: Assembly, tmp_path: Path
) -> None:
    template = json.dumps(ROOMS).partition("sensors")
    body = {"Fn::Join": ["", [template[0], {"Ref": "Group"}, template[2]]]}
    folder = synthesized(assembly, tmp_path, "Fleet", TemplateBody=body)

    done = deployed.plan("--app", str(folder))

    assert "the template refers to Group, which the deployment alone knows" in done.stdout
    assert "thing groups, must exist: ${Group}" in done.stdout


def test_another_text_of_rerun_compares_every_device_with_the_registry(
    deployed: Deployed, assembly: Assembly, tmp_path: Path
) -> None:
    folder = synthesized(assembly, tmp_path, "Pair", Rerun="after the audit")

    done = deployed.plan("--app", str(folder), "--exit-code")

    assert (
        "rerun has another text: 3 unchanged devices are compared with AWS's registry, and sent "
        "where they differ" in done.stdout
    )
    assert done.returncode == 2


def test_an_input_file_in_a_bucket_is_read_from_there(
    deployed: Deployed, assembly: Assembly, tmp_path: Path
) -> None:
    s3 = deployed.aws.client("s3")
    s3.create_bucket(Bucket="files")
    body = json.dumps(device("from-s3")) + "\n" + "{broken}\n"
    s3.put_object(Bucket="files", Key="a/fleet.jsonl", Body=body)
    source = {"SourceBucket": "files", "SourceKey": "a/fleet.jsonl", "SourceVersionId": ""}
    folder = synthesized(assembly, tmp_path, "Other", **source)

    done = deployed.plan("--app", str(folder))

    assert "which is not deployed yet, from s3://files/a/fleet.jsonl\n" in done.stdout
    assert "! line 2: must be a JSON object in UTF-8" in done.stdout
    assert "+ from-s3 (line 1)\n" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--stack", "None"],
            "stack None is not deployed in Region us-east-1 of account 000000000000: check "
            "--region and --profile; plan --app shows what a first deployment does\n",
        ),
        (["--stack", "Pair"], "has several tasks: --task must be one of First8D4707F1, Second3943"),
        (["--stack", "Fleet", "--task", "X"], "has no task X: --task must be one of Task79114B6B"),
        ([], "plan needs TEMPLATE, INPUT and --stack, or --app alone"),
        (["--stack", "Fleet", "--app", "."], "plan needs TEMPLATE, INPUT and --stack, or --app"),
        (["--stack", "Fleet", "--profile", "none"], "The config profile (none) could not be found"),
        (["--stack", "Fleet", "--endpoint-url", "http://127.0.0.1:9"], "Could not connect to"),
    ],
)
def test_what_cannot_be_planned_is_said_in_one_line(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    # Nothing is at the last address, however long one waits between attempts.
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    done = deployed.plan("template.json", "devices.jsonl", *arguments)

    assert message in done.stderr
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_a_task_is_chosen_by_its_logical_id(deployed: Deployed) -> None:
    done = deployed.fleet("--task", "First8D4707F1", stack="Pair")

    assert done.stdout.startswith("First8D4707F1 in stack Pair, from devices.jsonl\n")


def test_an_error_in_a_file_names_file_line_and_field(deployed: Deployed) -> None:
    done = deployed.fleet(devices=[*deployed.devices, {**device("a b"), "Room": "hall"}])

    assert done.stderr.startswith('error: devices.jsonl:7: ThingName: invalid thing name "a b"')
    assert done.returncode == 1


def test_missing_rights_are_said_in_one_line(deployed: Deployed) -> None:
    nobody = credentials(deployed.aws, "nobody", ["iot:DescribeThing"])

    done = deployed.plan("template.json", "devices.jsonl", "--stack", "Fleet", credentials=nobody)

    assert "not authorized to perform: cloudformation:DescribeStacks" in done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_an_app_that_is_not_synthesized_is_an_error(deployed: Deployed, tmp_path: Path) -> None:
    done = deployed.plan("--app", str(tmp_path))

    assert done.stderr == (
        f"error: {tmp_path}/manifest.json: cannot be read (No such file or directory); "
        "run cdk synth\n"
    )
    assert done.returncode == 1
