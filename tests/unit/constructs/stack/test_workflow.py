"""The workflow: one for all tasks of a stack, with every module of the Lambdas."""

import zipfile
from pathlib import Path

import aws_cdk as cdk
from aws_cdk.assertions import Template

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
    assert (tmp_path / "asset.zip").stat().st_size < 40_000
