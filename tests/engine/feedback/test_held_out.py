"""What is held out follows from the group alone, about as often as asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.feedback.held_out import HELD_OUT_FRACTION, is_held_out


def test_about_the_asked_share_is_held_out() -> None:
    groups = [f"acdc/patient{number:04d}" for number in range(4000)]
    assert abs(sum(map(is_held_out, groups)) / len(groups) - HELD_OUT_FRACTION) < 0.03
    assert not any(is_held_out(group, 0.0) for group in groups)
    assert all(is_held_out(group, 1.0) for group in groups)


@given(st.text(), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_holds_out_all_of_a_smaller_one(
    group: str, first: float, second: float
) -> None:
    small, large = sorted((first, second))
    assert is_held_out(group, large) or not is_held_out(group, small)


def test_another_salt_holds_out_others() -> None:
    groups = [str(number) for number in range(200)]
    assert [is_held_out(g) for g in groups] != [is_held_out(g, salt="other") for g in groups]
