"""The order in which a stack's resources are created."""

from __future__ import annotations

from local.patches.creation_order import shuffled

NEEDS: dict[str, set[str]] = {
    "a": {"d"},
    "b": set(),
    "c": {"b", "c"},
    "d": set(),
    "e": {"a", "c"},
    "f": set(),
}


def test_each_resource_comes_after_those_that_it_needs() -> None:
    for seed in range(100):
        order = shuffled(NEEDS, seed)

        assert sorted(order) == sorted(NEEDS)
        assert all(
            order.index(needed) <= order.index(name)
            for name, all_needed in NEEDS.items()
            for needed in all_needed
        )


def test_the_order_is_the_same_for_a_seed_and_another_for_others() -> None:
    orders = {tuple(shuffled(NEEDS, seed)) for seed in range(20)}

    assert shuffled(NEEDS, 1) == shuffled(NEEDS, 1)
    assert len(orders) > 10
