"""Rows of tests/simulation that real processes, threads and HTTP are to show as well."""

import pytest

from tests.simulation.bad_days.test_reports import (
    test_a_report_whose_download_breaks_off_is_fetched_again_and_kept_whole,
)
from tests.simulation.fleet.conftest import each_fault_struck
from tests.simulation.test_dying_workers import (
    test_a_worker_that_dies_each_time_it_has_started_the_task_leaves_none_running,
    test_a_worker_that_dies_once_in_each_step_carries_on,
)
from tests.simulation.test_input_and_reports import (
    test_links_that_are_empty_first_and_then_expired_are_listed_again,
)
from tests.simulation.test_requests import (
    test_a_create_event_that_comes_twice_registers_once,
    test_a_worker_that_dies_each_time_before_it_answers_gives_an_answer_in_the_end,
    test_an_answer_that_fails_twice_is_sent_again,
    test_an_event_whose_lambda_dies_is_delivered_again,
)
from tests.simulation.test_slot import (
    test_a_worker_that_may_not_pass_the_role_fails_and_says_what_is_missing,
    test_two_stacks_at_once_register_one_after_the_other,
)
from tests.simulation.test_updates import (
    test_an_update_while_one_runs_stops_it_and_registers_the_newest_file,
)

__all__ = [
    "each_fault_struck",
    "test_a_create_event_that_comes_twice_registers_once",
    "test_a_report_whose_download_breaks_off_is_fetched_again_and_kept_whole",
    "test_a_worker_that_dies_each_time_before_it_answers_gives_an_answer_in_the_end",
    "test_a_worker_that_dies_each_time_it_has_started_the_task_leaves_none_running",
    "test_a_worker_that_dies_once_in_each_step_carries_on",
    "test_a_worker_that_may_not_pass_the_role_fails_and_says_what_is_missing",
    "test_an_answer_that_fails_twice_is_sent_again",
    "test_an_event_whose_lambda_dies_is_delivered_again",
    "test_an_update_while_one_runs_stops_it_and_registers_the_newest_file",
    "test_links_that_are_empty_first_and_then_expired_are_listed_again",
    "test_two_stacks_at_once_register_one_after_the_other",
]
pytestmark = pytest.mark.slow
