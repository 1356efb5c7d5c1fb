"""What a header is found by."""

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookup import terms
from lookup.terms import Facets, Use

RUN = uuid.UUID("6f7c2a52-3f5e-4d8b-8ad8-6a3a0e1f1c11")
FILE = uuid.UUID("0d9c4c1e-6b0f-4c5c-9a55-54a1a0a3f6b1")
IMAGE, REVISION, COMMITMENT = "a" * 64, f"sha256:{'b' * 64}", "c" * 64
ACTOR = "d" * 64


def header(event: str, subject: str, **more: Any) -> dict[str, Any]:
    told = {"actor": ACTOR, "outcome": "ok", "facts": {}, "commitments": {}, "sealed": {}, "version": 1}
    return {
        **told,
        "event": event,
        "subject": subject,
        "id": str(uuid.uuid4()),
        "tenant": str(uuid.uuid4()),
        "recorded_at": "2026-01-31T09:30:00.123456Z",
        **more,
    }


def test_a_request_says_what_its_run_will_use() -> None:
    found = terms.facets(
        header(
            "runs:run:requested",
            f"run:{RUN}",
            outcome="allow",
            facts={
                "image": f"sha256:{IMAGE}",
                "revision": REVISION,
                "packages": ["Humanize==4.9.0", "zope.interface==7.0"],
                "decision": str(uuid.uuid4()),
            },
            commitments={"file:0": COMMITMENT},
        )
    )
    assert found == Facets(
        at=found.at,
        event="runs:run:requested",
        outcome="allow",
        subject=f"run:{RUN}",
        actor=bytes.fromhex(ACTOR),
        run=RUN,
        execution=None,
        terms=frozenset(
            {
                terms.digest(IMAGE),
                terms.digest("b" * 64),
                terms.digest(COMMITMENT),
                b"phumanize",
                b"phumanize==4.9",
                b"pzope-interface",
                b"pzope-interface==7",
            }
        ),
        uses=frozenset({Use(b"phumanize==4.9.0"), Use(b"pzope-interface==7.0"), Use(terms.revision(REVISION))}),
        asks=True,
        takes=(bytes.fromhex(COMMITMENT),),
    )
    assert found.at.isoformat() == "2026-01-31T09:30:00.123456+00:00"


def test_only_a_start_says_which_image_was_used() -> None:
    facts = {"image": f"sha256:{IMAGE}", "warm": True, "checks": ["network"]}
    started = terms.facets(header("runs:run:started", f"run:{RUN}", facts=facts, actor=None))
    assert (started.starts, started.actor, started.uses) == (True, None, frozenset({Use(terms.image(IMAGE))}))
    finished = terms.facets(header("runs:execution:finished", f"run:{RUN}/execution:3", facts=facts))
    assert (finished.run, finished.execution, finished.starts, finished.uses) == (RUN, 3, False, frozenset())


def test_an_execution_is_decided_by_its_own_revision() -> None:
    found = terms.facets(
        header("runs:execution:started", f"run:{RUN}/execution:2", facts={"revision": REVISION, "epoch": 4})
    )
    assert found.uses == {Use(terms.revision(REVISION), 2)}


def test_a_stored_file_says_what_it_is_committed_to_by() -> None:
    found = terms.facets(header("runs:file:stored", f"file:{FILE}", commitments={"content": COMMITMENT}))
    assert found.stores == (FILE, bytes.fromhex(COMMITMENT))
    assert found.terms == {terms.file(FILE), terms.digest(COMMITMENT)}
    # The upload that a file came of bears its id.
    assert terms.facets(header("runs:upload:begun", f"upload:{FILE}")).terms == {terms.file(FILE)}


def test_an_erasure_names_the_keys_that_are_gone() -> None:
    found = terms.facets(header("audit:subject:erased", f"person:{ACTOR}", facts={"keys": [str(FILE), "no key"]}))
    assert found.erased == (FILE,)


@pytest.mark.parametrize("facts", [{"packages": 3}, {"packages": [1, None]}, {"keys": 3}, {"image": 5, "revision": 7}])
def test_facts_of_another_form_are_no_fault(facts: dict[str, Any]) -> None:
    for event in ("catalogue:closure:resolved", "runs:run:requested", "runs:run:started", "audit:subject:erased"):
        terms.facets(header(event, f"run:{RUN}", facts=facts))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(facts=st.dictionaries(st.sampled_from(["packages", "keys", "image", "revision", "x"]), JSON), subject=st.text())
def test_every_header_that_the_log_takes_is_read(facts: dict[str, Any], subject: str) -> None:
    found = terms.facets(header("runs:run:requested", subject, facts=facts))
    assert found.subject == subject


@pytest.mark.parametrize("begins", ["a" * 12, "a" * 13, "a" * 64])
def test_the_beginning_of_a_digest_is_a_range(begins: str) -> None:
    first, last = terms.between(b"d", begins)
    assert first <= terms.digest(IMAGE) <= last
    assert not first <= terms.digest("b" * 64) <= last
