"""What an answer of the API server is taken for."""

from __future__ import annotations

import pytest

from sandbox_operator.kubernetes.api import Refusal, Unreachable, read_answer


def test_an_object_is_an_answer() -> None:
    assert read_answer(200, b'{"kind": "Pod"}') == {"kind": "Pod"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_says_why(status: int) -> None:
    with pytest.raises(Refusal, match="no such pod") as refused:
        read_answer(status, b'{"kind": "Status", "message": "no such pod"}')
    assert refused.value.status == status


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (500, b'{"message": "etcd"}'),
        (503, b'{"message": "starting"}'),
        (429, b'{"message": "later"}'),
        (404, b"<html>a proxy that knows no such host</html>"),
        (200, b""),
        (502, b"bad gateway"),
    ],
)
def test_what_may_pass_is_no_refusal_and_no_absence(status: int, text: bytes) -> None:
    with pytest.raises(Unreachable):
        read_answer(status, text)
