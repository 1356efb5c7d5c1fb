"""NetworkPolicies as the stand-in writes them for nftables."""

from typing import Any

import pytest

from tests.cluster.network_policy import Known, make_ruleset, selects

RANGE = "10.0.0.0/21"


def pod(name: str, address: str | None, namespace: str = "a", phase: str = "Running", **labels: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return {"metadata": metadata, "spec": {}, "status": {"phase": phase, **({"podIP": address} if address else {})}}


def policy(namespace: str = "a", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p", "namespace": namespace}, "spec": {"podSelector": {}, **spec}}


def lines(known: Known) -> list[str]:
    return [line.strip() for line in make_ruleset(known, RANGE).splitlines()]


def chain(known: Known, name: str) -> list[str]:
    found = lines(known)
    start = found.index(f"chain {name} {{") + 1
    return found[start : found.index("}", start)]


def test_the_whole_table_for_one_policy() -> None:
    server, client = pod("s", "10.0.0.2", app="s"), pod("c", "10.0.0.3", namespace="b", app="c")
    space = {"metadata": {"name": "b", "labels": {"team": "b"}}}
    peer = {"namespaceSelector": {"matchLabels": {"team": "b"}}, "podSelector": {"matchLabels": {"app": "c"}}}
    allowed = {"from": [peer], "ports": [{"port": 80}, {"port": 8000, "endPort": 8010, "protocol": "UDP"}]}
    rules = policy(podSelector={"matchLabels": {"app": "s"}}, ingress=[allowed])
    assert (
        make_ruleset(Known([server, client], [space], [rules]), RANGE)
        == """\
add table inet bailiwick_policies
delete table inet bailiwick_policies
table inet bailiwick_policies {
 set known { type ipv4_addr; elements = { 10.0.0.2, 10.0.0.3 }; }
 set ingress_isolated { type ipv4_addr; elements = { 10.0.0.2 }; }
 set egress_isolated { type ipv4_addr; }
 chain ingress {
  ip daddr { 10.0.0.2 } ip saddr { 10.0.0.3 } tcp dport 80 return
  ip daddr { 10.0.0.2 } ip saddr { 10.0.0.3 } udp dport 8000-8010 return
  drop
 }
 chain egress {
  drop
 }
 chain forward {
  type filter hook forward priority 10; policy accept;
  ct state established,related accept
  ip saddr 10.0.0.0/21 ip saddr != @known drop
  ip saddr @egress_isolated jump egress
  ip daddr 10.0.0.0/21 ip daddr != @known drop
  ip daddr @ingress_isolated jump ingress
 }
 chain input {
  type filter hook input priority 10; policy accept;
  ct state established,related accept
  ip saddr 10.0.0.0/21 ip saddr != @known drop
  ip saddr @egress_isolated jump egress
 }
}
"""
    )


def test_without_types_a_policy_is_about_ingress_and_about_egress_only_with_rules() -> None:
    known = Known([pod("x", "10.0.0.2")], [], [policy()])
    assert "set egress_isolated { type ipv4_addr; }" in lines(known)
    known = Known([pod("x", "10.0.0.2")], [], [policy(egress=[{}])])
    assert "set egress_isolated { type ipv4_addr; elements = { 10.0.0.2 }; }" in lines(known)
    assert chain(known, "egress") == ["ip saddr { 10.0.0.2 } return", "drop"]


def test_a_policy_selects_in_its_own_namespace_alone() -> None:
    known = Known([pod("x", "10.0.0.2"), pod("y", "10.0.0.3", namespace="b")], [], [policy(namespace="b")])
    assert "set ingress_isolated { type ipv4_addr; elements = { 10.0.0.3 }; }" in lines(known)


def test_a_range_and_what_is_left_out_of_it() -> None:
    block = {"ipBlock": {"cidr": "10.9.0.0/16", "except": ["10.9.1.0/24", "10.9.2.0/24"]}}
    known = Known([pod("x", "10.0.0.2")], [], [policy(policyTypes=["Egress"], egress=[{"to": [block]}])])
    assert chain(known, "egress") == [
        "ip saddr { 10.0.0.2 } ip daddr 10.9.0.0/16 ip daddr != { 10.9.1.0/24, 10.9.2.0/24 } return",
        "drop",
    ]


def test_peers_that_nobody_is_allow_nothing() -> None:
    peer = {"podSelector": {"matchLabels": {"app": "absent"}}}
    known = Known([pod("x", "10.0.0.2")], [], [policy(ingress=[{"from": [peer]}])])
    assert chain(known, "ingress") == ["drop"]


def test_a_port_by_name_allows_nothing() -> None:
    known = Known([pod("x", "10.0.0.2")], [], [policy(ingress=[{"ports": [{"port": "web"}]}])])
    assert chain(known, "ingress") == ["drop"]


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_ended_or_has_no_address_counts_for_nothing(phase: str) -> None:
    known = Known([pod("x", "10.0.0.2", phase=phase), pod("y", None)], [], [policy()])
    assert lines(known)[3:5] == ["set known { type ipv4_addr; }", "set ingress_isolated { type ipv4_addr; }"]


@pytest.mark.parametrize(
    ("operator", "values", "matches"),
    [
        ("In", ["a", "b"], True),
        ("In", ["b"], False),
        ("NotIn", ["b"], True),
        ("NotIn", ["a"], False),
        ("Exists", [], True),
        ("DoesNotExist", [], False),
    ],
)
def test_expressions_of_selectors(operator: str, values: list[str], matches: bool) -> None:
    selector = {"matchExpressions": [{"key": "x", "operator": operator, "values": values}]}
    assert selects(selector, {"x": "a"}) is matches


def test_an_operator_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="Gt"):
        selects({"matchExpressions": [{"key": "x", "operator": "Gt", "values": ["1"]}]}, {"x": "2"})
