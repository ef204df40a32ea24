"""Difference: ministack has no `AWS::IoT::BillingGroup`.

Patch: the type is there, with Create, Update, Delete and its attributes.
Unnecessary once ministack has `AWS::IoT::BillingGroup`.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iot-billinggroup.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import provisioners

from local.iot.billing_groups import BillingGroups
from local.iot.errors import ServiceError
from local.ministack.scope import current_scope


def apply(billing_groups: BillingGroups) -> None:
    """Apply the patch."""

    def create(
        logical_id: str, props: Mapping[str, Any], stack_name: str
    ) -> tuple[str, dict[str, Any]]:
        name = props.get("BillingGroupName") or provisioners._physical_name(stack_name, logical_id)
        try:
            made = billing_groups.create(current_scope(), name, _properties(props))
        except ServiceError as error:
            raise ValueError(error.message) from None
        return name, {"Arn": made["billingGroupArn"], "Id": made["billingGroupId"]}

    def update(
        physical_id: str,
        old_props: Mapping[str, Any],
        new_props: Mapping[str, Any],
        stack_name: str,
        logical_id: str | None = None,
    ) -> tuple[str, dict[str, Any]]:
        if old_props.get("BillingGroupName") != new_props.get("BillingGroupName"):
            return create(logical_id or physical_id, new_props, stack_name)
        scope = current_scope()
        billing_groups.update(scope, physical_id, _properties(new_props))
        return physical_id, billing_groups.attributes(scope, physical_id)

    def delete(physical_id: str, props: Mapping[str, Any]) -> None:
        try:
            billing_groups.delete(current_scope(), physical_id)
        except ServiceError as error:
            raise ValueError(error.message) from None

    provisioners._RESOURCE_HANDLERS["AWS::IoT::BillingGroup"] = {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
    }


def _properties(props: Mapping[str, Any]) -> dict[str, Any]:
    description = (props.get("BillingGroupProperties") or {}).get("BillingGroupDescription")
    return {"billingGroupDescription": description} if description else {}
