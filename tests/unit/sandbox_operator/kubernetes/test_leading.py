"""Who acts, by a Lease that is kept in memory."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sandbox_operator.kubernetes.api import Api, Refusal, Unreachable
from sandbox_operator.kubernetes.leading import LEASE, LEASE_SECONDS, RENEW_SECONDS, Leadership


class Store(Api):
    """An API server that knows one object, and refuses to replace what has changed since it was read."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.down = False

    def read(self, path: str) -> dict[str, Any] | None:
        assert path == f"/leases/{LEASE}"
        if self.down:
            raise Unreachable("down")
        return copy.deepcopy(self.lease)

    def create(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if self.lease is not None:
            raise Refusal(409, "it is there")
        return self._store(body, 1)

    def replace(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        assert self.lease
        version = int(self.lease["metadata"]["resourceVersion"])
        if body["metadata"]["resourceVersion"] != str(version):
            raise Refusal(409, "it has changed")
        return self._store(body, version + 1)

    def _store(self, body: dict[str, Any], version: int) -> dict[str, Any]:
        self.lease = copy.deepcopy(body)
        self.lease["metadata"]["resourceVersion"] = str(version)
        return self.lease


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def both(store: Store, clock: Clock) -> tuple[Leadership, Leadership]:
    return Leadership(store, "/leases", "a", clock), Leadership(store, "/leases", "b", clock)


def test_the_first_leads_as_long_as_it_renews(both: tuple[Leadership, Leadership], clock: Clock) -> None:
    first, second = both
    assert not any(one.leading for one in both)
    for _ in range(30):
        assert first.attempt() and not second.attempt()
        assert first.leading and not second.leading
        clock.now += 2


def test_one_that_cannot_renew_stops_before_another_begins(
    both: tuple[Leadership, Leadership], store: Store, clock: Clock
) -> None:
    first, second = both
    assert first.attempt() and not second.attempt()
    clock.now += RENEW_SECONDS
    assert not first.leading and not second.attempt()
    clock.now += LEASE_SECONDS - RENEW_SECONDS
    assert not second.attempt()
    clock.now += 0.1
    assert second.attempt() and second.leading
    assert not first.attempt() and not first.leading
    assert store.lease and store.lease["spec"]["holderIdentity"] == "b"
    assert store.lease["spec"]["leaseTransitions"] == 2


def test_a_read_that_fails_makes_nobody_lead(both: tuple[Leadership, Leadership], store: Store, clock: Clock) -> None:
    first, second = both
    first.attempt()
    store.down = True
    clock.now += 3600
    with pytest.raises(Unreachable):
        second.attempt()
    assert not first.leading and not second.leading
    # Its clock stood still as far as the other's renewals go: it has to see the Lease run out.
    store.down = False
    assert not second.attempt()


def test_of_two_that_take_a_free_lease_one_is_refused(store: Store, clock: Clock) -> None:
    first, second = Leadership(store, "/leases", "a", clock), Leadership(store, "/leases", "b", clock)
    read = Store.read

    def racing(self: Store, path: str) -> dict[str, Any] | None:
        """The other is quicker, after this one has read."""
        found = read(self, path)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Store, "read", read)
            second.attempt()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "read", racing)
        with pytest.raises(Refusal):
            first.attempt()
    assert second.leading and not first.leading


def test_who_stops_gives_the_lease_up(both: tuple[Leadership, Leadership], store: Store) -> None:
    first, second = both
    first.start()
    first.stop()
    assert not first.leading
    assert store.lease is None or store.lease["spec"]["holderIdentity"] == ""
    assert second.attempt() and second.leading
