"""The construct that registers things while its stack deploys."""

from __future__ import annotations

from datetime import timedelta
from os import PathLike
from typing import cast

from aws_cdk import Annotations, CfnResource, CustomResource, Duration, Names, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from thing_registration.argument_types import typed
from thing_registration.check import check
from thing_registration.deregister import Deregister
from thing_registration.input_file import InputFile
from thing_registration.limits import THINGS_PER_SECOND
from thing_registration.prerequisites import PrerequisiteNames, Prerequisites
from thing_registration.provisioning_template import ProvisioningTemplate
from thing_registration.stack import arguments, bucket_arguments
from thing_registration.stack.chosen import chosen
from thing_registration.stack.declared_files import declared_devices, declared_template
from thing_registration.stack.input_object import input_object
from thing_registration.stack.key_prefixes import claim_key_prefix
from thing_registration.stack.lookups import (
    refuse_to_deploy,
    stand_ins,
    waiting_arguments,
    waits_for_lookup,
)
from thing_registration.stack.permissions import grant_read_reports
from thing_registration.stack.policy_documents import (
    PolicyDocuments,
    check_policy_documents,
    policy_document_warnings,
    policy_documents_text,
)
from thing_registration.stack.task_bucket import REMOVAL_POLICIES, TaskBucket, own_bucket
from thing_registration.stack.task_permissions import (
    grant_pass_role,
    grant_read_inputs,
    grant_worker,
)
from thing_registration.stack.workflow import LOG_RETENTION, RegistrationWorkflow
from thing_registration.verdict import InvalidDeclaration, Verdict

# Of the interface between the construct and its Lambdas: the properties of the custom resource.
SCHEMA_VERSION = "2"


class ThingRegistrationTask(Construct):
    """Register the devices of an input file with AWS IoT, and fail the deployment if that fails.

    The input file is the fleet. The first deployment registers all of it; a later one registers
    the devices that are new, that have changed or that failed before, and no others. CloudFormation
    runs it only where a property of this resource has changed: to try failed devices again with the
    same file, change `rerun`. A device that
    has a certificate for its key already keeps that certificate. A rollback registers nothing.
    Deleting the resource stops what runs; unless `deregister` says otherwise, it deletes no thing,
    certificate or policy.

    It makes the bucket for the input, the reports and the state of what is registered, and a custom
    resource. The first one in a stack also makes what they share: the role that AWS IoT assumes,
    and the workflow, a state machine and two Lambda functions. Roles are named by references to
    them only: an Aspect may give them another path, name or permissions boundary.

    A choice may be stated by its word: `"CREATE"` is `Prerequisites.CREATE`. What a context lookup
    gives, such as `StringParameter.value_from_lookup`, is not known in the first of CDK's two
    passes: a dummy is checked for nothing there, and is an error of the stack that `cdk deploy`
    stops at if it is never looked up.

    Args:
        provisioning_template: what is made for each device, at most 10,240 characters; or the path
            of its JSON file.
        input_file: the devices, one JSON object per line, each with values for the parameters; or
            the path of their file: CSV if it ends in `.csv` or `.tsv`, else JSON Lines or a JSON
            array.
        bucket: keeps the input, the reports and the state, in the stack's Region. By default a
            new bucket: private, encrypted, TLS only, in which inputs expire after 90 days and
            reports never.
        key_prefix: where in the bucket, at most 900 characters with the slash at the end, which
            may be left out; each task needs its own, neither inside another's nor around it. By
            default it is made of the names of the stack and this construct.
        role: assumed by AWS IoT, which it must trust; it gets the right to read the input, or a
            warning has the statements that it needs. By default a new role with the managed policy
            AWSIoTThingsRegistration, which the tasks of a stack share.
        prerequisites: what is done about the thing types, thing groups, billing groups and
            policies that the devices refer to. CREATE makes what is missing, and leaves what
            exists as it is. It makes no resource of the stack: what it made stays when the stack
            is deleted, and a stack that is deployed again finds it there. By default VERIFY, which
            asks AWS for each before the start.
        policy_documents: the documents of policies that CREATE makes, by the policies' names, each
            of at most 2,048 characters, white space not counted; tokens are allowed in documents.
            By default a device may connect under its own name and use the topics below that name.
        timeout: how long the deployment waits before it stops the task that runs and fails,
            including the wait for the account's one slot; 1 to 50 minutes, by default 50. What was
            registered until then stays registered, and the next deployment goes on behind it.
        max_failures: how many things may fail before the deployment does: a count, or a percentage
            of those that are sent such as `5%`. By default 0.
        things_per_second: the rate, more than 0, from which the deployment estimates whether what
            it has to send fits into the timeout: an assumption, since AWS documents none. By
            default 10.
        rerun: another text than at the last deployment compares every device with AWS's registry
            itself instead of the state, and registers what differs or is missing there. Any
            text, such as a date or the number of a ticket. By default none.
        deregister: what becomes of devices that it has registered and that are no longer in the
            file, or whose stack is deleted. REMOVED_LINES retires the first: the certificates that
            it has made are set INACTIVE, and a line that returns brings its own back. ALL also
            deletes things and certificates while the whole stack is being deleted. By default
            NEVER: nothing becomes of them.
        max_deregistered: how many devices one deployment may retire; more are refused before
            anything is registered. By default 10, or 10 % of the registered devices if that is
            more.
        claim_existing: with `deregister`, treat what was registered before this resource came as
            its own: after a stack that was destroyed is deployed again, or a script did it before.
            By default False.
        take_over: whose devices and state this task takes over, `STACK/LOGICAL_ID`: when a stack or
            this construct is renamed and bucket and `key_prefix` stay. The error of a deployment
            without it says what to write. By default the state belongs to who made it.
        strict: treat warnings of the checks as errors. By default False.
        removal_policy: RETAIN leaves bucket, input and reports when the stack is deleted; DESTROY
            empties and removes them. RemovalPolicies of CDK decide for a new bucket as well. By
            default RETAIN.
        log_retention: how long the log of the workflow is kept. All tasks of a stack share the log,
            which is retained when the stack is deleted or its first deployment fails. By default
            three months, if no task of the stack states another.

    Raises:
        InvalidDeclaration: the template or the input file has errors; with `strict`, warnings too.
        TypeError: an argument is of another type than in the signature.
        ValueError: another argument is outside the limits above, no word that is allowed, or a
            token where a value must be known at synth; a bucket is in another Region than the
            stack; another task of the stack states another `log_retention`; the role's stack
            depends on this one; or there are `policy_documents` without CREATE, or
            `max_deregistered` or `claim_existing` without `deregister`.

    https://docs.aws.amazon.com/iot/latest/developerguide/bulk-provisioning.html
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provisioning_template: ProvisioningTemplate | str | PathLike[str],
        input_file: InputFile | str | PathLike[str],
        bucket: s3.IBucket | None = None,
        key_prefix: str | None = None,
        role: iam.IRole | None = None,
        prerequisites: Prerequisites | str = Prerequisites.VERIFY,
        policy_documents: PolicyDocuments | None = None,
        timeout: Duration | None = None,
        max_failures: int | str = 0,
        things_per_second: float = THINGS_PER_SECOND,
        rerun: str | None = None,
        deregister: Deregister | str = Deregister.NEVER,
        max_deregistered: int | None = None,
        claim_existing: bool = False,
        take_over: str | None = None,
        strict: bool = False,
        removal_policy: RemovalPolicy | str = RemovalPolicy.RETAIN,
        log_retention: logs.RetentionDays | str | None = None,
    ) -> None:
        waiting = waiting_arguments(
            key_prefix=key_prefix,
            prerequisites=prerequisites,
            max_failures=max_failures,
            deregister=deregister,
            take_over=take_over,
            removal_policy=removal_policy,
            log_retention=log_retention,
        )
        prerequisites = chosen(
            "prerequisites", prerequisites, Prerequisites, of_dummy=Prerequisites.CREATE
        )
        deregister = chosen("deregister", deregister, Deregister, of_dummy=Deregister.ALL)
        removal_policy = chosen(
            "removal_policy", removal_policy, REMOVAL_POLICIES, of_dummy=RemovalPolicy.RETAIN
        )
        if log_retention is not None:
            log_retention = chosen(
                "log_retention", log_retention, logs.RetentionDays, of_dummy=LOG_RETENTION
            )
        template = declared_template(provisioning_template)
        devices = declared_devices(input_file)
        timeout_seconds = arguments.timeout_seconds(timeout)
        arguments.check_max_failures(max_failures)
        arguments.check_things_per_second(things_per_second)
        key_prefix = bucket_arguments.with_slash(key_prefix)
        bucket_arguments.check_key(devices.key)
        bucket_arguments.check_version_id(devices.version_id)
        bucket_arguments.check_region(scope, "bucket", bucket)
        bucket_arguments.check_region(scope, "input_file", devices.bucket)
        arguments.check_role(scope, role)
        arguments.check_max_deregistered(max_deregistered, deregister)
        arguments.check_claim_existing(claim_existing, deregister)
        arguments.check_take_over(take_over)
        check_policy_documents(policy_documents, prerequisites)
        RegistrationWorkflow.check_log_retention(scope, log_retention)
        verdict = check(
            template,
            devices,
            strict=strict,
            things_per_second=things_per_second,
            longest_wait=timedelta(seconds=timeout_seconds),
        )
        if verdict.error_count and waits_for_lookup(template, devices):
            waiting += ["provisioning_template or input_file"]
            template, devices = stand_ins()
            verdict = check(template, devices)
        if verdict.error_count:
            raise InvalidDeclaration(verdict)
        super().__init__(scope, construct_id)
        self._key_prefix = key_prefix or f"{Stack.of(self).stack_name}/{Names.unique_id(self)}/"
        if bucket is not None:
            claim_key_prefix(self, bucket, self._key_prefix)
        _annotate(self, verdict, policy_documents or {})
        refuse_to_deploy(self, waiting)
        self._prerequisites = verdict.names
        self._bucket = bucket or own_bucket(self, self._key_prefix, removal_policy)
        if bucket is None:
            claim_key_prefix(self, self._bucket, self._key_prefix)
        place = TaskBucket(self._bucket, self._key_prefix, bucket is None, removal_policy)
        found_input = input_object(self, devices, verdict)
        workflow = RegistrationWorkflow.of(self, log_retention)
        if prerequisites is Prerequisites.CREATE:
            workflow.allow_to_create_prerequisites()
        workflow.allow_to_deregister(deregister)
        if '"EXCLUSIVE_THING"' in (template.reading.body or ""):
            workflow.allow_to_move_certificates()
        self._role = role or workflow.iot_role()
        policies = [
            *grant_worker(self, workflow, place, found_input),
            *grant_read_inputs(self, self._role, place),
        ]
        if role is not None:
            policies.append(grant_pass_role(workflow, role))
        body = template.to_body(self)
        self._resource = CustomResource(
            self,
            "Resource",
            resource_type="Custom::ThingRegistrationTask",
            service_token=workflow.on_event.function_arn,
            properties={
                "SchemaVersion": SCHEMA_VERSION,
                "TemplateBody": body,
                "SourceBucket": found_input.bucket.bucket_name,
                "SourceKey": found_input.key,
                "SourceVersionId": found_input.version_id,
                "InputHash": found_input.content_hash,
                # `cdk diff` shows how many devices there were and are. Those in an object in S3 are
                # counted by the deployment.
                "DeviceCount": str(verdict.lines or 0),
                "Bucket": self._bucket.bucket_name,
                "KeyPrefix": self._key_prefix,
                "RoleArn": self._role.role_arn,
                "TimeoutSeconds": timeout_seconds,
                "MaxFailures": str(max_failures),
                "ThingsPerSecond": arguments.decimal_text(things_per_second),
                "Rerun": rerun or "",
                "EmptyOnDelete": place.empty_on_delete(),
                "PrerequisiteMode": prerequisites.value,
                "PolicyDocuments": policy_documents_text(
                    Stack.of(self), policy_documents, prerequisites
                ),
                **arguments.removal_properties(deregister, max_deregistered, claim_existing),
                **({} if take_over is None else {"TakeOver": take_over}),
            },
        )
        # Its deletion stops what runs and removes nothing that is to be kept: whatever
        # RemovalPolicies say, it is never left out.
        resource = cast(CfnResource, self._resource.node.default_child)
        resource.add_override("DeletionPolicy", "Delete")
        workflow.tasks.add(resource)
        naming = template.reading.body or ""
        workflow.inputs.add(resource, found_input, naming, verdict.canonical, deregister)
        resource.add_property_override(
            "ServiceTimeout", arguments.service_timeout(timeout_seconds, place, deregister)
        )
        # A task that starts before its role may read fails, and the worker needs its rights until
        # this resource is deleted: so all of these come before it, and go after it.
        self._resource.node.add_dependency(
            self._bucket, self._role, workflow, *policies, *template.dependencies
        )

    @property
    def task_id(self) -> str:
        """The id of the last registration task that ran for this resource.

        A deployment that has nothing to register runs none, and one that registers many devices
        runs several.
        """
        return self._resource.get_att_string("TaskId")

    @property
    def status(self) -> str:
        """The status of that task, such as `Completed`."""
        return self._resource.get_att_string("Status")

    @property
    def success_count(self) -> str:
        """How many things the last run registered, as a decimal number.

        A run has all tasks of one deployment. It is 0 where nothing had to be registered.
        """
        return self._resource.get_att_string("SuccessCount")

    @property
    def failure_count(self) -> str:
        """How many things the last run failed to register, as a decimal number.

        It is 0 where nothing had to be registered.
        """
        return self._resource.get_att_string("FailureCount")

    @property
    def registered_count(self) -> str:
        """How many devices of this resource are registered, as a decimal number.

        These are the devices that AWS has accepted, be it in this run or in one before.
        """
        return self._resource.get_att_string("RegisteredCount")

    @property
    def unchanged_count(self) -> str:
        """How many devices were not sent because nothing has changed, as a decimal number."""
        return self._resource.get_att_string("UnchangedCount")

    @property
    def removed_count(self) -> str:
        """How many devices are no longer in the file but still registered, as a decimal number."""
        return self._resource.get_att_string("RemovedCount")

    @property
    def reports_uri(self) -> str:
        """Where the reports of the last run are: `s3://BUCKET/PREFIX/runs/REQUEST/`.

        Each task of the run has a folder there, named after its id.
        """
        return self._resource.get_att_string("ReportsUri")

    @property
    def bucket(self) -> s3.IBucket:
        """The bucket with the input, the reports and the state."""
        return self._bucket

    @property
    def role(self) -> iam.IRole:
        """The role that AWS IoT assumes to read the input and to register the things."""
        return self._role

    @property
    def prerequisites(self) -> PrerequisiteNames:
        """What must exist before the task, as the template and the input file name it.

        Of an input file in a bucket, only what the template names is known here.
        """
        return self._prerequisites

    @typed
    def grant_read_reports(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a role, user or group list and read the reports of this resource's runs.

        It may read the objects below `PREFIX/runs/`, list the keys there, and use the bucket's
        key to decrypt them if the bucket has one; not the inputs, nor the state.
        A grantee of another account gets the rights in the bucket's policy too.

        https://docs.aws.amazon.com/iot/latest/apireference/API_ListThingRegistrationTaskReports.html
        """
        return grant_read_reports(grantee, self._bucket, self._key_prefix)


def _annotate(task: Construct, verdict: Verdict, policy_documents: PolicyDocuments) -> None:
    for warning in verdict.warnings:
        Annotations.of(task).add_warning_v2(f"thing-registration:{warning.rule}", str(warning))
    for text in policy_document_warnings(policy_documents):
        Annotations.of(task).add_warning_v2("thing-registration:policy-variable", text)
    unused = sorted(policy_documents.keys() - set(verdict.names.policies))
    if unused and verdict.lines is not None:
        Annotations.of(task).add_warning_v2(
            "thing-registration:policy-document-unused",
            "policy_documents has documents for policies that no device refers to: "
            + ", ".join(unused),
        )
