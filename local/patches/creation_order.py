"""Difference: ministack creates resources in alphabetical order; AWS does so in any order.

Patch: the order is random, as far as dependencies allow, and the same for the same names and
`seed`. A template that lacks a DependsOn fails sooner or later, as on AWS.
Unnecessary once ministack has an order other than the alphabetical one.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import changesets, engine, stacks

from local.faults.strikes import Faults


def apply(faults: Faults) -> None:
    """Apply the patch."""
    sort = engine._topological_sort

    def topological_sort(resources: Mapping[str, Any], conditions: Mapping[str, Any]) -> list[str]:
        names = sort(resources, conditions)
        needs = {name: engine._extract_deps(resources[name], set(names)) for name in names}
        return shuffled(needs, faults.document.seed)

    for module in (engine, stacks, changesets):
        module._topological_sort = topological_sort


def shuffled(needs: Mapping[str, set[str]], seed: int) -> list[str]:
    """Return the names in a random order in which each comes after those that it needs."""
    chance = random.Random(f"{seed} {sorted(needs)}")
    left = {name: needed - {name} for name, needed in sorted(needs.items())}
    order: list[str] = []
    while left:
        name = chance.choice([name for name, needed in left.items() if needed.isdisjoint(left)])
        del left[name]
        order.append(name)
    return order
