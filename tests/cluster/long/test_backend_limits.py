"""Limits and attempts to get out, in pods: the tests of the local sandbox that a pod has to pass as it is."""

from __future__ import annotations

from tests.cluster.pools import backend, pool  # noqa: F401  this module's fixtures
from tests.integration.sandbox_operator.conftest import opened, shared  # noqa: F401
from tests.integration.sandbox_operator.test_attacks import (  # noqa: F401
    test_another_sandbox_is_not_seen,
    test_frames_forged_on_the_kernels_own_streams_are_text,
    test_limits_cannot_be_raised_from_inside,
    test_no_privilege_is_held_or_gained,
    test_raw_sockets_and_new_interfaces_are_refused,
    test_the_agent_cannot_be_debugged_from_a_cell,
)
from tests.integration.sandbox_operator.test_limits import (  # noqa: F401
    test_a_file_that_does_not_fit_is_refused_and_the_channel_stays_in_step,
    test_a_flood_of_output_is_cut_at_its_source,
    test_a_full_disk_is_an_error_inside_and_takes_no_memory,
    test_a_loop_that_will_not_be_interrupted_ends_within_a_second,
    test_a_memory_hog_ends_as_out_of_memory,
    test_processes_are_limited_and_the_sandbox_lives,
    test_ten_megabytes_of_code_run,
    test_text_over_the_limit_is_whole_in_the_full_text,
    test_the_temporary_directory_is_limited,
)
