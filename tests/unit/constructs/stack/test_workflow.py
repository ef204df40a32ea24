"""The workflow: one for all tasks of a stack, with every module of the Lambdas."""

import zipfile
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Match, Template

from tests.unit.constructs.fleet import RESOURCE, Make


def test_a_second_task_shares_the_workflow(stack: cdk.Stack, make_task: Make) -> None:
    make_task("One")
    make_task("Two")

    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Lambda::Function", 2)
    template.resource_count_is("AWS::StepFunctions::StateMachine", 1)
    template.resource_count_is("AWS::Logs::LogGroup", 1)
    template.resource_count_is(RESOURCE, 2)


def test_the_asset_holds_every_module_of_the_lambdas_no_byte_code_and_is_small(
    stack: cdk.Stack, make_task: Make, tmp_path: Path
) -> None:
    make_task()
    app = stack.node.root
    assert isinstance(app, cdk.App)
    assembly = Path(app.synth().directory)
    (asset,) = (folder for folder in assembly.glob("asset.*") if folder.is_dir())
    files = {file.relative_to(asset) for file in asset.rglob("*") if file.is_file()}
    with zipfile.ZipFile(tmp_path / "asset.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(asset / file, file)

    source = Path(__file__).parents[4] / "lambda"
    assert files == {file.relative_to(source) for file in source.rglob("*.py")}
    assert (tmp_path / "asset.zip").stat().st_size < 140_000


def test_the_worker_has_one_core_and_no_more_storage_than_lambda_gives(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task()

    Template.from_stack(stack).has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Handler": "thing_registration_worker.worker.handler",
            "MemorySize": 1_769,
            "EphemeralStorage": Match.absent(),
        },
    )


@pytest.mark.parametrize(
    ("retention", "days"),
    [
        (None, 90),
        (logs.RetentionDays.ONE_WEEK, 7),
        (logs.RetentionDays.INFINITE, Match.absent()),
    ],
)
@pytest.mark.parametrize("by_the_first", [True, False])
def test_the_log_is_kept_as_long_as_one_task_of_the_stack_states(
    stack: cdk.Stack,
    make_task: Make,
    retention: logs.RetentionDays | None,
    days: object,
    by_the_first: bool,
) -> None:
    make_task("One", log_retention=retention if by_the_first else None)
    make_task("Two", log_retention=None if by_the_first else retention)
    make_task("Three", log_retention=retention)

    Template.from_stack(stack).has_resource_properties(
        "AWS::Logs::LogGroup", {"RetentionInDays": days}
    )


def test_two_tasks_that_state_different_retentions_of_their_log_are_refused(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task("One", log_retention=logs.RetentionDays.ONE_WEEK)

    with pytest.raises(ValueError, match=r"got ONE_DAY, but another task states ONE_WEEK"):
        make_task("Two", log_retention=logs.RetentionDays.ONE_DAY)

    assert stack.node.try_find_child("Two") is None


def test_the_log_outlives_a_failed_first_deployment_under_a_name_that_is_never_in_the_way(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task()

    (log,) = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup").values()
    assert (log["DeletionPolicy"], log["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert "LogGroupName" not in log["Properties"]
