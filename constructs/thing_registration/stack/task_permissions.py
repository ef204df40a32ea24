"""What one task needs: the rights of the worker, and those of the role that AWS IoT assumes.

Rights on the task's own bucket stand in that bucket's policy: it needs no resource for them, no
room in the policies of a role, and nothing of the role's stack. Any other right is a policy beside
the task. When a task leaves the stack or moves to another bucket, CloudFormation updates the shared
workflow first and deletes what the task no longer needs last: so the deletion, and the update, have
the rights on both.
"""

from __future__ import annotations

import hashlib
import json
from typing import cast

from aws_cdk import Annotations, Stack, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from thing_registration.stack.input_object import InputObject
from thing_registration.stack.permissions import pass_role, read_inputs, use_key
from thing_registration.stack.task_bucket import TaskBucket
from thing_registration.stack.workflow import RegistrationWorkflow

SHARED_ID = "ThingRegistrationPassRole"


def grant_worker(
    scope: Construct, workflow: RegistrationWorkflow, place: TaskBucket, source: InputObject
) -> list[iam.Policy]:
    """Let the worker read a task's input and use its bucket; return the policies that are made."""
    read = _read_source(source)
    if source.is_asset:
        workflow.worker_rights.add_statements(*read)
    statements = [] if source.is_asset else read
    if place.is_own:
        _grant_in_bucket(place.bucket, _use_bucket(place, "*"), workflow.worker_role)
    else:
        statements.append(_use_bucket(place, f"{place.key_prefix}*"))
        if place.bucket.encryption_key is not None:
            key = place.bucket.encryption_key
            statements.append(use_key(key, "kms:Decrypt", "kms:GenerateDataKey*"))
    if not statements:
        return []
    policy = iam.Policy(
        scope,
        _id_by_place(scope, "WorkerPolicy", place),
        roles=[workflow.worker_role],
        statements=statements,
    )
    workflow.worker_policies.add(policy)
    return [policy]


def grant_pass_role(workflow: RegistrationWorkflow, role: iam.IRole) -> iam.Policy:
    """Let the worker pass a role of the user's; the tasks with this role share the policy."""
    # Not in the workflow, which every task waits for: what the user's role depends on may be an
    # output of another task.
    stack = Stack.of(workflow)
    shared = stack.node.try_find_child(SHARED_ID) or Construct(stack, SHARED_ID)
    construct_id = f"Policy{_short_hash(stack.resolve(role.role_arn))}"
    found = shared.node.try_find_child(construct_id)
    if isinstance(found, iam.Policy):
        return found
    policy = iam.Policy(
        cast(Construct, shared),
        construct_id,
        roles=[workflow.worker_role],
        statements=[pass_role(role.role_arn)],
    )
    workflow.worker_policies.add(policy)
    return policy


def grant_read_inputs(scope: Construct, role: iam.IRole, place: TaskBucket) -> list[iam.Policy]:
    """Let the role that AWS IoT assumes read a task's inputs; return the policies that are made.

    A warning says which statements the role needs where nothing here can give it them.
    """
    statements = read_inputs(place.bucket, place.key_prefix)
    if place.is_own:
        for statement in read_inputs(place.bucket, place.key_prefix):
            _grant_in_bucket(place.bucket, statement, iam.ArnPrincipal(role.role_arn))
        if _is_of_another_account(scope, role):
            _warn(scope, role, statements)
        return []
    # With force, a policy that is attached to nothing says so.
    policy = iam.Policy(
        scope,
        _id_by_place(scope, "ReadInput", place),
        statements=statements,
        force=True,
    )
    role.attach_inline_policy(policy)
    if not policy.node.validate():
        return [policy]
    scope.node.try_remove_child(policy.node.id)
    _warn(scope, role, statements)
    return []


def _read_source(source: InputObject) -> list[iam.PolicyStatement]:
    # A copy takes the tags along: those of a malware scanner, for example.
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    actions = ["s3:GetObject", "s3:GetObjectTagging"]
    if source.version_id:
        actions += ["s3:GetObjectVersion", "s3:GetObjectVersionTagging"]
    statements = [
        iam.PolicyStatement(
            actions=actions,
            resources=[source.bucket.arn_for_objects(source.readable_keys)],
        )
    ]
    if source.bucket.encryption_key is not None:
        statements.append(use_key(source.bucket.encryption_key, "kms:Decrypt"))
    return statements


def _use_bucket(place: TaskBucket, keys: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=[
            "s3:GetObject",
            "s3:PutObject",
            "s3:PutObjectTagging",
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            # With the right to list, S3 also tells a missing object from a forbidden one.
            "s3:ListBucket",
            "s3:ListBucketVersions",
        ],
        resources=[place.bucket.bucket_arn, place.bucket.arn_for_objects(keys)],
    )


def _grant_in_bucket(
    bucket: s3.IBucket, statement: iam.PolicyStatement, principal: iam.IPrincipal
) -> None:
    statement.add_principals(principal)
    bucket.add_to_resource_policy(statement)


def _id_by_place(scope: Construct, construct_id: str, place: TaskBucket) -> str:
    """Return an id that another bucket or prefix changes, so that the old policy goes last."""
    if place.is_own:
        return construct_id
    found = Stack.of(scope).resolve([place.bucket.bucket_arn, place.key_prefix])
    return construct_id + _short_hash(found)


def _short_hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8].upper()


def _is_of_another_account(scope: Construct, role: iam.IRole) -> bool:
    ours, theirs = Stack.of(scope).account, role.env.account
    return not Token.is_unresolved(ours) and not Token.is_unresolved(theirs) and ours != theirs


def _warn(scope: Construct, role: iam.IRole, statements: list[iam.PolicyStatement]) -> None:
    stack = Stack.of(scope)
    needed = json.dumps([stack.resolve(statement.to_json()) for statement in statements])
    if _is_of_another_account(scope, role):
        why = f"of account {role.env.account}, while the stack is of {stack.account}"
    else:
        why = "imported or declared as immutable"
    Annotations.of(scope).add_warning_v2(
        "thing-registration:role-without-policy",
        f"role {json.dumps(stack.resolve(role.role_arn))} is {why}, so it gets no policy from this "
        f"stack: it must be allowed to read the input with these statements: {needed}",
    )
