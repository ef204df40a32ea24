"""Custom-resource events reach their function as Lambda delivers them: late, twice, out of order.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

from itertools import pairwise

from local.simulation import SimulatedAws
from tests.local.simulation.provider import Provider


def test_a_duplicate_comes_hours_after_the_first(aws: SimulatedAws, provider: Provider) -> None:
    aws.faults(duplicate_events=1, late_duplicate_seconds=3 * 3600)

    assert provider.create("stack", {"Thing": provider.thing()}) == "CREATE_COMPLETE"
    (first,) = provider.notes()
    aws.sleep(3 * 3600 + 60)

    (second,) = provider.notes()
    assert (second["kind"], second["request"]) == ("Create", first["request"])
    assert 3 * 3600 - 60 < second["time"] - first["time"] < 3 * 3600 + 60
    assert aws.fault_strikes() == {"duplicate_events": 1, "late_duplicate_seconds": 1}
    assert [entry["refusal"] for entry in aws.journal("answer")] == [
        None,
        "unknown or past request",
    ]


def test_a_duplicate_comes_after_the_next_request(aws: SimulatedAws, provider: Provider) -> None:
    aws.faults(duplicate_events=1, late_duplicate_seconds=600)

    provider.create("stack", {"Thing": provider.thing(Label="a")})
    provider.update("stack", {"Thing": provider.thing(Label="b")})
    aws.sleep(660)

    assert [(note["kind"], note["label"]) for note in provider.notes()] == [
        ("Create", "a"),
        ("Update", "b"),
        ("Create", "a"),
    ]


def test_the_event_of_an_update_comes_after_that_of_its_rollback(
    aws: SimulatedAws, provider: Provider
) -> None:
    provider.create("stack", {"Thing": provider.thing(Label="old")})
    aws.faults(late_events={"seconds": 100, "next": 1})
    provider.notes()

    changed = provider.thing(Label="new", ServiceTimeout="30")
    assert provider.update("stack", {"Thing": changed}) == "UPDATE_ROLLBACK_COMPLETE"
    aws.sleep(120)

    assert [(note["kind"], note["label"]) for note in provider.notes()] == [
        ("Update", "old"),
        ("Update", "new"),
    ]
    assert aws.fault_strikes() == {"late_events": 1}


def test_an_event_whose_function_dies_is_tried_again_after_one_minute_and_after_two_more(
    aws: SimulatedAws, provider: Provider
) -> None:
    aws.faults(lambdas=[{"what": "dies_before", "function": "provider", "next": 2}])

    assert provider.create("stack", {"Thing": provider.thing()}) == "CREATE_COMPLETE"

    first, second = (entry["time"] for entry in aws.journal("fault"))
    (note,) = provider.notes()
    assert 59 < second - first < 62
    assert 119 < note["time"] - second < 125


def test_only_the_events_that_a_test_names_are_late(aws: SimulatedAws, provider: Provider) -> None:
    aws.faults(late_events={"seconds": 50, "payload": {"RequestType": "Update"}})
    began = aws.now

    provider.create("stack", {"Thing": provider.thing(Label="old")})
    assert aws.now - began < 20
    for label in ("a", "b"):
        provider.update("stack", {"Thing": provider.thing(Label=label)})

    times = [began, *(note["time"] for note in provider.notes())]
    assert [later - earlier > 49 for earlier, later in pairwise(times)] == [False, True, True]
    assert aws.fault_strikes() == {"late_events": 2}


def test_those_events_that_are_not_named_are_as_late_as_all(
    aws: SimulatedAws, provider: Provider
) -> None:
    aws.faults(late_event_seconds=5, late_events={"seconds": 50, "next": 1})
    began = aws.now

    provider.create("stack", {"Thing": provider.thing()})
    provider.delete("stack")

    create, delete = provider.notes()
    assert 50 < create["time"] - began < 60
    assert 5 < delete["time"] - create["time"] < 15
    assert aws.fault_strikes() == {"late_events": 1, "late_event_seconds": 1}


def test_a_duplicate_that_is_older_than_the_maximum_age_never_comes(
    aws: SimulatedAws, provider: Provider
) -> None:
    aws.client("lambda").put_function_event_invoke_config(
        FunctionName=provider.token, MaximumEventAgeInSeconds=3600
    )
    aws.faults(duplicate_events=1, late_duplicate_seconds=4000)

    provider.create("stack", {"Thing": provider.thing()})
    aws.sleep(5000)

    assert len(provider.notes()) == 1
    assert [entry["what"] for entry in aws.journal("fault")] == ["the event expired"]


def test_an_event_that_is_older_than_the_maximum_age_never_comes(
    aws: SimulatedAws, provider: Provider
) -> None:
    aws.client("lambda").put_function_event_invoke_config(
        FunctionName=provider.token, MaximumEventAgeInSeconds=60
    )
    aws.faults(late_events={"seconds": 100, "next": 1})

    assert provider.create("stack", {"Thing": provider.thing()}) == "ROLLBACK_COMPLETE"
    aws.sleep(600)

    assert [note["kind"] for note in provider.notes()] == ["Delete"]
