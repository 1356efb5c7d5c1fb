"""What the gateway reads as an answer, and what it reads as none."""

from typing import Any

import pytest

from config.errors import Reason
from gateways.opa import Answer, _Nonsense, _parse

REASON = {"code": "no_way", "message": "It is not done.", "remedy": "Do something else."}
BUNDLES = {"bailiwick": {"revision": f"sha256:{'a' * 64}+data:{'b' * 64}"}}


def answer(result: Any, bundles: Any = BUNDLES) -> dict[str, Any]:
    return {"result": result, "provenance": {"version": "1", "bundles": bundles}}


def result(outcome: Any, reasons: Any = (), obligations: Any = None) -> dict[str, Any]:
    return {"outcome": outcome, "reasons": list(reasons), "obligations": obligations or {}}


@pytest.mark.parametrize(
    ("document", "want"),
    [
        (answer(result("allow")), Answer("allow", revision=f"sha256:{'a' * 64}", data_digest="b" * 64)),
        (
            answer(result("deny", [REASON])),
            Answer(
                "deny",
                (Reason("no_way", "It is not done.", "Do something else."),),
                revision=f"sha256:{'a' * 64}",
                data_digest="b" * 64,
            ),
        ),
        (
            answer(result("allow", (), {"withhold_media_types": ["text/html"]})),
            Answer("allow", (), {"withhold_media_types": ["text/html"]}, f"sha256:{'a' * 64}", "b" * 64),
        ),
    ],
)
def test_an_answer_is_read_whole(document: dict[str, Any], want: Answer) -> None:
    assert _parse(document) == want


def test_only_an_allow_is_allowed() -> None:
    assert [Answer(word).allowed for word in ("allow", "review", "deny")] == [True, False, False]


def test_undefined_is_no_answer() -> None:
    with pytest.raises(_Nonsense) as caught:
        _parse({"provenance": {"bundles": BUNDLES}})
    assert caught.value.code == "policy_undefined"


@pytest.mark.parametrize(
    "document",
    [
        answer(None),
        answer("allow"),
        answer(True),
        answer([]),
        answer({}),
        answer({"allow": True}),
        answer({**result("allow"), "allow": True}),
        answer({"outcome": "allow", "reasons": []}),
        answer(result("ALLOW")),
        answer(result("permit")),
        answer(result("")),
        answer(result(None)),
        answer(result(True)),
        answer(result(["allow"])),
        answer(result("allow", [REASON])),
        answer(result("deny")),
        answer(result("review")),
        answer({**result("deny"), "reasons": REASON}),
        answer({**result("allow"), "reasons": {}}),
        answer({**result("allow"), "reasons": None}),
        answer({**result("allow"), "obligations": []}),
        answer({**result("allow"), "obligations": None}),
        answer(result("allow", (), {"call_mother": True})),
        answer(result("allow", (), {"withhold_media_types": "text/html"})),
        answer(result("allow", (), {"withhold_media_types": [1]})),
        answer(result("deny", ["because"])),
        answer(result("deny", [{"code": "no", "message": "No."}])),
        answer(result("deny", [{**REASON, "extra": 1}])),
        answer(result("deny", [{**REASON, "code": "No Way"}])),
        answer(result("deny", [{**REASON, "code": 7}])),
        answer(result("deny", [{**REASON, "message": " "}])),
        answer(result("deny", [{**REASON, "remedy": ""}])),
        answer(result("deny", [REASON, None])),
        answer(result("allow"), {}),
        answer(result("allow"), None),
        answer(result("allow"), {"bailiwick": {}}),
        answer(result("allow"), {"bailiwick": {"revision": ""}}),
        answer(result("allow"), {"bailiwick": {"revision": "latest"}}),
        answer(result("allow"), {"one": BUNDLES["bailiwick"], "two": BUNDLES["bailiwick"]}),
        {"result": result("allow")},
        {"result": result("allow"), "provenance": None},
    ],
)
def test_nonsense_is_no_answer(document: dict[str, Any]) -> None:
    """Taken out: the check of each shape in turn; its case was then read as an answer."""
    with pytest.raises(_Nonsense) as caught:
        _parse(document)
    assert caught.value.code == "policy_invalid"
