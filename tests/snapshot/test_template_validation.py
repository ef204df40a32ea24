"""CloudFormation's own rules, by CDK's validator in strict mode."""

from pathlib import Path

import aws_cdk as cdk
import pytest

from tests.unit.constructs.fleet import RECORDS, TEMPLATE
from thing_registration import (
    InputFile,
    Prerequisites,
    ProvisioningTemplate,
    ThingRegistrationTask,
)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> cdk.App:
    monkeypatch.delenv("CDK_VALIDATION", raising=False)
    strict = {"@aws-cdk/core:validateAgainstDefaultRules": True}
    return cdk.App(context=strict, outdir=str(tmp_path))


def test_the_template_breaks_no_rule(app: cdk.App) -> None:
    ThingRegistrationTask(
        cdk.Stack(app, "Stack"),
        "Fleet",
        provisioning_template=ProvisioningTemplate.from_object(TEMPLATE),
        input_file=InputFile.from_records(RECORDS),
        prerequisites=Prerequisites.CREATE,
    )

    app.synth()


def test_the_validator_refuses_a_template_that_does(app: cdk.App) -> None:
    wrong = {"BucketNam": "x"}
    cdk.CfnResource(cdk.Stack(app, "Stack"), "Bucket", type="AWS::S3::Bucket", properties=wrong)

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
