"""One channel is kept open ahead, to a sandbox that is warm, and to no other."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from sandbox_operator.kubernetes.cluster import ExecRequest
from sandbox_operator.kubernetes.records import PodRecord
from sandbox_operator.kubernetes.relay import Relay, RelayFailed, Relays
from sandbox_operator.kubernetes.spares import Spares
from tests.unit.sandbox_operator.kubernetes.test_claims import body


@dataclass
class Channel:
    to: str
    alive: bool = True

    def close(self) -> None:
        self.alive = False


class Opener:
    """In the place of Relays; what is asked for opens at once, or fails."""

    def __init__(self) -> None:
        self.opened: list[Channel] = []
        self.fails = False

    def open(self, request: ExecRequest) -> Relay:
        if self.fails:
            raise RelayFailed("no")
        self.opened.append(Channel(request.url))
        return cast(Relay, self.opened[-1])


@pytest.fixture
def opener() -> Opener:
    return Opener()


@pytest.fixture
def spares(opener: Opener) -> Spares:
    return Spares(cast(Relays, opener), lambda name: ExecRequest(name, {}, None))


def pod(name: str) -> PodRecord:
    return replace(PodRecord.read(body()), name=name, uid=f"uid-{name}")


def kept(spares: Spares, *pods: PodRecord) -> PodRecord | None:
    """What it leads to once it has opened what it would."""
    spares.keep(pods)
    for _ in range(200):
        if any(found := [one for one in pods if spares.leads_to(one)]) or not spares._opening:
            return found[0] if found else None
        time.sleep(0.01)
    raise AssertionError("it opens for ever")


def test_it_leads_to_one_warm_sandbox_and_is_taken_once(spares: Spares, opener: Opener) -> None:
    one, two = pod("one"), pod("two")
    first = kept(spares, one, two)
    assert first is not None and kept(spares, one, two) is first
    assert len(opener.opened) == 1
    assert spares.take(two if first is one else one) is None
    assert spares.take(first) is cast(Any, opener.opened[0])
    assert spares.take(first) is None and opener.opened[0].alive


def test_it_leaves_a_sandbox_that_is_not_free_any_more(spares: Spares, opener: Opener) -> None:
    one, two = pod("one"), pod("two")
    assert kept(spares, one) is one
    assert kept(spares, two) is two
    assert [channel.alive for channel in opener.opened] == [False, True]
    spares.keep([])
    assert not opener.opened[1].alive and not spares.leads_to(two)


def test_another_life_of_the_same_pod_is_another_sandbox(spares: Spares) -> None:
    one = pod("one")
    assert kept(spares, one) is one
    assert not spares.leads_to(replace(one, container="another"))


def test_one_that_ended_or_does_not_open_is_no_error(spares: Spares, opener: Opener) -> None:
    one = pod("one")
    assert kept(spares, one) is one
    opener.opened[0].alive = False
    assert not spares.leads_to(one) and spares.take(one) is None
    opener.fails = True
    assert kept(spares, one) is None
    opener.fails = False
    assert kept(spares, one) is one


def test_what_is_taken_leads_to_the_sandbox_that_was_asked_for_whatever_happens_meanwhile() -> None:
    """Another thread moves the spare to another sandbox wherever `take` lets it.

    Taken out: the one lock over look and taking (`leads_to` first, the lock then); the claim then got the other's.
    """
    one, two = pod("one"), pod("two")
    channels = {each.name: cast(Relay, Channel(each.name)) for each in (one, two)}
    spares = Spares(cast(Relays, Opener()), lambda name: ExecRequest(name, {}, None))

    class Moving:
        """A lock that, each time it is let go, is had by somebody who moves the spare."""

        def __enter__(self) -> None:
            pass

        def __exit__(self, *error: object) -> None:
            spares._spare = (two, channels["two"])

    spares._spare = (one, channels["one"])
    spares._lock = cast(Any, Moving())
    assert spares.take(one) in (channels["one"], None)
    spares._spare = (one, channels["one"])
    assert spares.take(two) is None
