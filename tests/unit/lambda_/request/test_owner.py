"""Whose a fleet's state is."""

from thing_registration_worker.request.owner import Owner

STACK = "arn:aws:cloudformation:eu-central-1:123456789012:stack/Plant-North/0f1e"


def test_an_owner_is_account_region_stack_name_and_logical_id() -> None:
    assert Owner.of(STACK, "FleetAB") == Owner(
        "123456789012", "eu-central-1", "Plant-North", "FleetAB"
    )


def test_a_stack_that_is_destroyed_and_deployed_again_is_the_same_owner() -> None:
    assert Owner.of(STACK.replace("0f1e", "2d3c"), "FleetAB") == Owner.of(STACK, "FleetAB")


def test_an_owner_is_shown_with_all_that_tells_it_from_others() -> None:
    owner = Owner.of(STACK, "FleetAB")

    assert owner.path == "Plant-North/FleetAB"
    assert str(owner) == "Plant-North/FleetAB (123456789012, eu-central-1)"
