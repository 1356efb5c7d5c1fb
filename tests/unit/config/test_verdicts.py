"""A verdict refuses unless it is Allowed."""

import pytest

from config.errors import Conflict, Refused
from config.verdicts import Allowed, Denied, require


def test_allowed_passes() -> None:
    require(Allowed())


def test_denied_refuses_with_the_rules_code() -> None:
    with pytest.raises(Refused) as caught:
        require(Denied("not_yours", "It belongs to somebody else.", "Ask them."))
    assert (caught.value.status, caught.value.code, caught.value.remedy) == (403, "not_yours", "Ask them.")


def test_a_state_in_the_way_is_a_conflict() -> None:
    with pytest.raises(Conflict) as caught:
        require(Denied("already_finished", conflict=True))
    assert (caught.value.status, caught.value.message) == (409, "already finished")


@pytest.mark.parametrize("nothing", [None, True, "allowed", Allowed], ids=repr)
def test_a_rule_that_forgot_to_answer_refuses(nothing: object) -> None:
    with pytest.raises(Refused, match="no verdict"):
        require(nothing)  # type: ignore[arg-type]
