"""An argument of a wrong type is refused in jsii's words before anything is made."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from aws_cdk import aws_s3 as s3
from constructs import Construct

import thing_registration as library
from tests.unit.constructs.fleet import TEMPLATE, Make
from thing_registration import (
    Certificate,
    InputFile,
    Policy,
    ProvisioningTemplate,
    Ref,
    Thing,
    ThingRegistrationTask,
)

# What a type checker would not let through.
untyped: Any = library


def sentence(argument: str, expected: str, got: str) -> str:
    return f"type of argument {argument} must be {expected}; got {got} instead"


ENUM = "one of (thing_registration.{}, str)"
PATH = "one of (thing_registration.{}, str, os.PathLike[str])"


@pytest.mark.parametrize(
    ("argument", "value", "expected", "got"),
    [
        ("provisioning_template", TEMPLATE, PATH.format("ProvisioningTemplate"), "dict"),
        ("input_file", [{}], PATH.format("InputFile"), "list"),
        ("input_file", None, PATH.format("InputFile"), "NoneType"),
        ("bucket", "fleets", "one of (aws_cdk.aws_s3.IBucket, NoneType)", "str"),
        ("key_prefix", 1, "one of (str, NoneType)", "int"),
        ("role", "arn:aws:iam::0:role/x", "one of (aws_cdk.aws_iam.IRole, NoneType)", "str"),
        ("prerequisites", True, ENUM.format("Prerequisites"), "bool"),
        (
            "policy_documents",
            [],
            "one of (Mapping[str, Mapping[str, object]], NoneType)",
            "list",
        ),
        ("policy_documents['p']", {"p": []}, "Mapping[str, object]", "list"),
        ("policy_documents, key 1", {1: {}}, "str", "int"),
        ("timeout", 600, "one of (aws_cdk.Duration, NoneType)", "int"),
        ("max_failures", 1.5, "one of (int, str)", "float"),
        ("max_failures", True, "one of (int, str)", "bool"),
        ("things_per_second", "10", "float", "str"),
        ("rerun", 3, "one of (str, NoneType)", "int"),
        ("deregister", None, ENUM.format("Deregister"), "NoneType"),
        ("max_deregistered", "3", "one of (int, NoneType)", "str"),
        ("claim_existing", "yes", "bool", "str"),
        ("take_over", {}, "one of (str, NoneType)", "dict"),
        ("strict", 1, "bool", "int"),
        ("removal_policy", False, "one of (aws_cdk.RemovalPolicy, str)", "bool"),
        ("log_retention", 7, "one of (aws_cdk.aws_logs.RetentionDays, str, NoneType)", "int"),
    ],
)
def test_an_argument_of_a_task_is_refused_with_what_was_expected(
    stack: cdk.Stack, make_task: Make, argument: str, value: object, expected: str, got: str
) -> None:
    name = argument.partition(",")[0].partition("[")[0]

    with pytest.raises(TypeError) as refused:
        make_task(**{name: value})

    assert str(refused.value) == sentence(argument, expected, got)
    assert not stack.node.children


def test_the_sentence_is_jsiis(stack: cdk.Stack) -> None:
    with pytest.raises(TypeError) as refused:
        s3.Bucket(stack, "Bucket", removal_policy="DESTROY")  # type: ignore[arg-type]

    expected = "one of (aws_cdk.RemovalPolicy, NoneType)"
    assert str(refused.value) == sentence("removal_policy", expected, "str")


@pytest.mark.parametrize(
    ("call", "argument", "expected", "got"),
    [
        (
            lambda: untyped.ProvisioningTemplate.from_file(1),
            "path",
            "one of (str, os.PathLike[str])",
            "int",
        ),
        (lambda: untyped.ProvisioningTemplate.from_string({}), "body", "str", "dict"),
        (lambda: untyped.ProvisioningTemplate.from_string("", source=1), "source", "str", "int"),
        (
            lambda: untyped.ProvisioningTemplate.from_object("{}"),
            "template",
            "Mapping[str, object]",
            "str",
        ),
        (
            lambda: untyped.ProvisioningTemplate.from_parts(Thing("a"), "b"),
            "parts[1]",
            "one of (thing_registration.Thing, thing_registration.Certificate, "
            "thing_registration.Policy)",
            "str",
        ),
        (
            lambda: untyped.ProvisioningTemplate.from_object({}).to_body(1),
            "scope",
            "constructs.Construct",
            "int",
        ),
        (
            lambda: untyped.InputFile.from_file(b"x"),
            "path",
            "one of (str, os.PathLike[str])",
            "bytes",
        ),
        (lambda: untyped.InputFile.from_csv(1), "path", "one of (str, os.PathLike[str])", "int"),
        (
            lambda: untyped.InputFile.from_csv("a", columns={"a": 1}),
            "columns['a']",
            "one of (str, NoneType)",
            "int",
        ),
        (
            lambda: untyped.InputFile.from_csv("a", delimiter=1),
            "delimiter",
            "one of (str, NoneType)",
            "int",
        ),
        (
            lambda: untyped.InputFile.from_csv("a", encoding=1),
            "encoding",
            "one of (str, NoneType)",
            "int",
        ),
        (
            lambda: untyped.InputFile.from_records("devices.jsonl"),
            "records",
            "Iterable[Mapping[str, object]]",
            "str",
        ),
        (
            lambda: untyped.InputFile.from_bucket("a", "b"),
            "bucket",
            "aws_cdk.aws_s3.IBucket",
            "str",
        ),
        (lambda: untyped.Ref(1), "parameter", "str", "int"),
        (lambda: untyped.Ref("a", 1), "default", "one of (str, NoneType)", "int"),
        (lambda: untyped.Thing(1), "thing_name", "one of (str, thing_registration.Ref)", "int"),
        (
            lambda: untyped.Thing("a", attributes={"a": 1}),
            "attributes['a']",
            "one of (str, thing_registration.Ref)",
            "int",
        ),
        (
            lambda: untyped.Thing("a", thing_type=1),
            "thing_type",
            "one of (aws_cdk.aws_iot.CfnThingType, str, thing_registration.Ref, NoneType)",
            "int",
        ),
        (
            lambda: untyped.Thing("a", thing_groups="north"),
            "thing_groups",
            "Sequence[aws_cdk.aws_iot.CfnThingGroup | str | thing_registration.Ref]",
            "str",
        ),
        (
            lambda: untyped.Thing("a", thing_groups=["north", None]),
            "thing_groups[1]",
            "one of (aws_cdk.aws_iot.CfnThingGroup, str, thing_registration.Ref)",
            "NoneType",
        ),
        (
            lambda: untyped.Certificate(status=True),
            "status",
            "one of (thing_registration.CertificateStatus, str, thing_registration.Ref, NoneType)",
            "bool",
        ),
        (
            lambda: untyped.Policy(policy_document=[]),
            "policy_document",
            "one of (Mapping[str, object], str, NoneType)",
            "list",
        ),
        (
            lambda: untyped.check("a", "b"),
            "template",
            "thing_registration.ProvisioningTemplate",
            "str",
        ),
        (
            lambda: untyped.check(ProvisioningTemplate.from_object({}), "b"),
            "input_file",
            "thing_registration.InputFile",
            "str",
        ),
    ],
)
def test_every_public_function_says_which_argument_is_of_a_wrong_type(
    call: Callable[[], object], argument: str, expected: str, got: str
) -> None:
    with pytest.raises(TypeError) as refused:
        call()

    assert str(refused.value) == sentence(argument, expected, got)


def test_what_is_missing_or_unknown_is_pythons_own_error(stack: cdk.Stack) -> None:
    with pytest.raises(TypeError, match=r"missing a required .*: 'provisioning_template'"):
        ThingRegistrationTask(stack, "Fleet", input_file="a")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'inputfile'"):
        InputFile.from_file("a", inputfile="b")  # type: ignore[call-arg]


def test_every_kind_of_bucket_role_and_scope_that_cdk_has_is_accepted(make_task: Make) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    trusted = iam.ServicePrincipal("iot.amazonaws.com")
    arn = "arn:aws:iam::123456789012:role/registrar"
    buckets = [s3.Bucket(stack, "B"), s3.Bucket.from_bucket_name(stack, "N", "fleets")]
    roles = [
        iam.Role(stack, "R", assumed_by=trusted),
        iam.Role.from_role_arn(stack, "A", arn),
        iam.Role.from_role_arn(stack, "I", arn, mutable=False),
        iam.Role(stack, "W", assumed_by=trusted).without_policy_updates(),
    ]

    for number, bucket in enumerate(buckets):
        make_task(f"Bucket{number}", scope=stack, bucket=bucket)
    for number, role in enumerate(roles):
        task = make_task(f"Role{number}", scope=Construct(stack, f"Scope{number}"), role=role)
        task.grant_read_reports(roles[0])
    with pytest.raises(TypeError, match="argument grantee must be aws_cdk"):
        task.grant_read_reports("me")  # type: ignore[arg-type]


def test_constructs_are_parts_of_a_template(stack: cdk.Stack) -> None:
    thing_type, group = iot.CfnThingType(stack, "Type"), iot.CfnThingGroup(stack, "Group")

    part = Thing(Ref("Name"), thing_type=thing_type, thing_groups=(group, "north"))

    assert part.thing_type is thing_type


def test_every_public_function_and_constructor_is_checked() -> None:
    def checks(function: Any) -> bool:
        return hasattr(function, "__wrapped__")

    for name in ("from_file", "from_string", "from_object", "from_parts", "to_body"):
        assert checks(getattr(ProvisioningTemplate, name)), name
    for name in ("from_file", "from_csv", "from_records", "from_bucket"):
        assert checks(getattr(InputFile, name)), name
    for function in (library.check, ThingRegistrationTask.__init__):
        assert checks(function)
    for part in (Ref, Thing, Certificate, Policy):
        assert hasattr(part, "__post_init__"), part


def test_the_types_are_checked_without_cdk() -> None:
    script = (
        "import sys\n"
        "from thing_registration import Ref, Thing\n"
        "try:\n    Thing(Ref('a'), thing_groups=[3])\n"
        "except TypeError as error:\n    print(error)\n"
        "print('aws_cdk' in sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    expected = "one of (aws_cdk.aws_iot.CfnThingGroup, str, thing_registration.Ref)"
    assert done.stdout.splitlines() == [sentence("thing_groups[0]", expected, "int"), "False"]
