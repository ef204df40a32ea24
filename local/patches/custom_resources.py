"""Difference: ministack calls a custom resource's Lambda synchronously and takes any answer.

There the last of several answers wins, one of any size, without a Status or for another request is
accepted, the reasons of failures read otherwise, and the ResponseURL does not say when it was made.

Patch: events are delivered asynchronously (with Lambda's retries), the first answer counts, and an
answer is judged as CloudFormation does. The ResponseURL has the date of a presigned link of S3.
Unnecessary once ministack delivers events asynchronously and judges answers.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_region
from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource

from local.faults.strikes import Faults
from local.journal import Journal
from local.patches.custom_resource_answer import Answer, Request, judge
from local.patches.event_delivery import deliver

_MAX_SERVICE_TIMEOUT_SECONDS = 3600


@dataclass(frozen=True)
class FailedCreate:
    """A resource whose Create failed, as the Delete that follows names it."""

    physical_id: str
    resource_type: str
    properties: Mapping[str, Any]


class CustomResources:
    """The custom-resource requests that wait for an answer."""

    def __init__(self, faults: Faults, journal: Journal) -> None:
        self._faults = faults
        self._journal = journal
        self._lock = threading.Lock()
        self._requests: dict[str, Request] = {}
        self._failed_creates: dict[tuple[str, str], FailedCreate] = {}

    def apply(self) -> None:
        """Apply the patch."""
        custom_resource.invoke_custom_resource = self.invoke

    def clear(self) -> None:
        """Forget all requests."""
        self._requests.clear()
        self._failed_creates.clear()

    def failed_create(self, stack_id: str, logical_id: str) -> FailedCreate | None:
        """Return, once, a resource whose Create failed."""
        return self._failed_creates.pop((stack_id, logical_id), None)

    def cancel(self, stack_id: str) -> None:
        """Cancel the Create or Update that a stack waits for.

        Whether AWS waits for its answer, before it sends what follows, is not documented: the
        setting `cancel_awaits_answer`.
        """
        with self._lock:
            for request in self._requests.values():
                if request.stack_id == stack_id and request.request_type != "Delete":
                    request.cancelled = True
                    if not self._faults.document.cancel_awaits_answer:
                        request.answered.set()

    def put_answer(self, token: str, body: bytes) -> int:
        """Receive a PUT to a ResponseURL and return the HTTP status of the reply.

        As with S3 behind AWS's URL, an answer that CloudFormation refuses is a 200 too.
        """
        failing = self._faults.answer_status()
        if failing is not None:
            self._journal.write("fault", fault="answers", status=failing)
            return failing
        with self._lock:
            request = self._requests.get(token)
            if request is None:
                refusal: str | None = "unknown or past request"
            elif request.answer is not None:
                refusal = "not the first answer"
            else:
                answer, refusal = judge(request, body, self._faults.document.long_answer)
                if answer is not None:
                    request.answer = answer
                    request.answered.set()
        self._journal.write(
            "answer",
            accepted=refusal is None,
            refusal=refusal,
            size=len(body),
            body=body.decode(errors="replace")[:8192],
            request_id=request.request_id if request else None,
            logical_id=request.logical_id if request else None,
        )
        return 200

    def invoke(
        self,
        request_type: str,
        logical_id: str,
        props: Mapping[str, Any],
        stack_name: str,
        stack_id: str,
        resource_type: str,
        physical_id: str | None = None,
        old_props: Mapping[str, Any] | None = None,
    ) -> tuple[str, dict[str, Any]]:
        """Deliver one event, wait for the answer, return physical id and attributes.

        ministack calls it on a thread of its own, with these names of arguments.

        Raises:
            RuntimeError: the answer is FAILED, or not acceptable.
            TimeoutError: none came within ServiceTimeout seconds.
            ValueError: the ServiceToken is not the ARN of a Lambda function in this Region.
        """
        request = Request(str(uuid.uuid4()), stack_id, logical_id, physical_id, request_type)
        token = str(uuid.uuid4())
        event: dict[str, Any] = {
            "RequestType": request_type,
            "ServiceToken": props.get("ServiceToken"),
            "ResponseURL": f"{custom_resource._response_url(token)}?X-Amz-Date={_sent_at()}",
            "StackId": stack_id,
            "RequestId": request.request_id,
            "LogicalResourceId": logical_id,
            "ResourceType": resource_type,
            "ResourceProperties": custom_resource._normalise_resource_properties(props),
        }
        if physical_id is not None:
            event["PhysicalResourceId"] = physical_id
        if old_props is not None:
            event["OldResourceProperties"] = custom_resource._normalise_resource_properties(
                old_props
            )
        with self._lock:
            self._requests[token] = request
        try:
            self._deliver(props.get("ServiceToken", ""), event)
            return self._await_answer(request, props)
        except (RuntimeError, TimeoutError):
            if request_type == "Create":
                answered = request.answer.physical_id if request.answer else None
                invented = f"{stack_name}-{logical_id}-{token[:13].upper()}"
                self._failed_creates[stack_id, logical_id] = FailedCreate(
                    answered or invented, resource_type, props
                )
            raise
        finally:
            with self._lock:
                del self._requests[token]

    def _deliver(self, service_token: str, event: dict[str, Any]) -> None:
        function = _function(service_token)
        for delay in self._faults.event_delays(event):
            self._journal.write(
                "event",
                request_type=event["RequestType"],
                request_id=event["RequestId"],
                logical_id=event["LogicalResourceId"],
                physical_id=event.get("PhysicalResourceId"),
                stack_id=event["StackId"],
                resource_type=event["ResourceType"],
                properties=event["ResourceProperties"],
                function=service_token,
            )
            deliver(function, event, delay, self._faults, self._journal)

    @staticmethod
    def _await_answer(request: Request, props: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        try:
            timeout = int(props.get("ServiceTimeout", _MAX_SERVICE_TIMEOUT_SECONDS))
        except (TypeError, ValueError):
            timeout = _MAX_SERVICE_TIMEOUT_SECONDS
        answered = request.answered.wait(timeout)
        if request.cancelled:
            verb = "creation" if request.request_type == "Create" else "update"
            raise RuntimeError(f"Resource {verb} cancelled")
        if not answered or request.answer is None:
            raise TimeoutError(
                "CloudFormation did not receive a response from your Custom Resource. "
                f"Please check your logs for requestId [{request.request_id}]."
            )
        answer: Answer = request.answer
        if answer.failure is not None:
            raise RuntimeError(answer.failure)
        return str(answer.physical_id), dict(answer.data)


def _sent_at() -> str:
    """Return the time now as a presigned link of S3 has it."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time()))


def _function(service_token: str) -> Any:
    """Return the function of a ServiceToken."""
    if f":{get_region()}:" not in service_token:
        raise ValueError(f"ServiceToken {service_token!r} must be in the Region of the stack")
    function, config, _ = lambda_svc._get_func_record_for_ref(service_token)
    if function is None or config is None:
        raise ValueError(f"ServiceToken {service_token!r} is not the ARN of a Lambda function")
    return lambda_svc._execution_record_for_config(function, config)
