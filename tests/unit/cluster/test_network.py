"""The addresses that slots stand for."""

import itertools

from tests.cluster.network import Network

EVERY = [Network(slot) for slot in range(16)]


def test_the_addresses_of_a_slot() -> None:
    network = Network(3)
    found = [str(item) for item in (network.range, network.pods, network.services, network.node, network.outer)]
    assert found == ["10.213.48.0/20", "10.213.48.0/21", "10.213.56.0/22", "10.213.63.254", "10.213.63.253"]
    assert (network.link, network.api_service) == ("bwcluster3", "10.213.56.1")


def test_no_two_slots_overlap() -> None:
    assert not any(one.range.overlaps(other.range) for one, other in itertools.combinations(EVERY, 2))


def test_the_ranges_of_a_slot_do_not_overlap_and_leave_the_link_out() -> None:
    for network in EVERY:
        assert not network.pods.overlaps(network.services)
        assert network.pods.subnet_of(network.range)
        assert network.services.subnet_of(network.range)
        assert not any(str(end) in map(str, network.services) for end in (network.node, network.outer))
