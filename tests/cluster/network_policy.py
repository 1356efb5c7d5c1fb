"""NetworkPolicies as nftables rules: a small stand-in for a policy engine, which a test cluster has no other of.

It holds, for IPv4 and one node, what networking.k8s.io/v1 says: a pod that a policy selects takes or sends nothing but
what some policy allows; peers by labels or by range, ports by number, range or name of the protocol. It knows no named
ports. The node may always reach its pods, as the API says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TABLE = "bailiwick_policies"
PROTOCOLS = {"TCP": "tcp", "UDP": "udp", "SCTP": "sctp"}

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Known:
    """What the API server holds of the three kinds that count."""

    pods: Sequence[Object]
    namespaces: Sequence[Object]
    policies: Sequence[Object]


@dataclass(frozen=True)
class Direction:
    """Ingress or egress: where in a packet the pod stands, and its peer, and where in a policy the rules."""

    kind: str
    pod: str
    peer: str
    peers: str

    @property
    def name(self) -> str:
        return self.kind.lower()

    def applies(self, policy: Object) -> bool:
        spec = policy["spec"]
        default = ["Ingress", *(["Egress"] if spec.get("egress") else [])]
        return self.kind in (spec.get("policyTypes") or default)


INGRESS = Direction("Ingress", "daddr", "saddr", "from")
EGRESS = Direction("Egress", "saddr", "daddr", "to")


def make_ruleset(known: Known, pods: str) -> str:
    """The table, whole, as `nft -f` takes it; `pods` is the range of all pods.

    An address in that range that no known pod has gets nothing through: a new pod waits until the rules know it.
    """
    addresses = [address for pod in known.pods if (address := address_of(pod))]
    parts = [
        f"add table inet {TABLE}\ndelete table inet {TABLE}\ntable inet {TABLE} {{",
        _set("known", addresses),
        *(_isolated(direction, known) for direction in (INGRESS, EGRESS)),
        *(_allowed(direction, known) for direction in (INGRESS, EGRESS)),
        _hook("forward", pods, (EGRESS, INGRESS)),
        _hook("input", pods, (EGRESS,)),
        "}\n",
    ]
    return "\n".join(parts)


def address_of(pod: Object) -> str | None:
    """Its own address, while it has one."""
    status = pod.get("status", {})
    if pod["spec"].get("hostNetwork") or status.get("phase") in ("Succeeded", "Failed"):
        return None
    address: str | None = status.get("podIP")
    return address


def selects(selector: Object, labels: Mapping[str, str]) -> bool:
    """Whether a label selector matches; an empty one matches everything."""
    equal = all(labels.get(name) == value for name, value in (selector.get("matchLabels") or {}).items())
    return equal and all(_holds(wanted, labels) for wanted in selector.get("matchExpressions") or ())


def _holds(wanted: Object, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(wanted["key"]), wanted.get("values") or ()
    match wanted["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    raise ValueError(f"unknown operator of a label selector: {wanted['operator']}")


def _labels(item: Object) -> Mapping[str, str]:
    return item["metadata"].get("labels") or {}


def _selected(policy: Object, known: Known) -> list[str]:
    """Addresses of the pods that the policy is about."""
    namespace, selector = policy["metadata"]["namespace"], policy["spec"].get("podSelector") or {}
    return [
        address
        for pod in known.pods
        if pod["metadata"]["namespace"] == namespace and selects(selector, _labels(pod))
        if (address := address_of(pod))
    ]


def _isolated(direction: Direction, known: Known) -> str:
    policies = [policy for policy in known.policies if direction.applies(policy)]
    return _set(f"{direction.name}_isolated", [address for policy in policies for address in _selected(policy, known)])


def _allowed(direction: Direction, known: Known) -> str:
    rules = [
        f"  {rule} return"
        for policy in known.policies
        if direction.applies(policy) and (selected := _selected(policy, known))
        for allowed in policy["spec"].get(direction.name) or ()
        for peer in _peers(allowed.get(direction.peers), direction, policy["metadata"]["namespace"], known)
        for port in _ports(allowed.get("ports"))
        for rule in [" ".join(filter(None, (f"ip {direction.pod} {_list(selected)}", peer, port)))]
    ]
    return "\n".join([f" chain {direction.name} {{", *rules, "  drop", " }"])


def _peers(peers: Sequence[Object] | None, direction: Direction, namespace: str, known: Known) -> Iterable[str]:
    """A match for each peer that there is; without a list everybody matches."""
    if not peers:
        yield ""
    for peer in peers or ():
        if block := peer.get("ipBlock"):
            but = f" ip {direction.peer} != {_list(block['except'])}" if block.get("except") else ""
            yield f"ip {direction.peer} {block['cidr']}{but}"
        elif addresses := _peer_pods(peer, namespace, known):
            yield f"ip {direction.peer} {_list(addresses)}"


def _peer_pods(peer: Object, namespace: str, known: Known) -> list[str]:
    if (selector := peer.get("namespaceSelector")) is not None:
        spaces = {item["metadata"]["name"] for item in known.namespaces if selects(selector, _labels(item))}
    else:
        spaces = {namespace}
    return [
        address
        for pod in known.pods
        if pod["metadata"]["namespace"] in spaces and selects(peer.get("podSelector") or {}, _labels(pod))
        if (address := address_of(pod))
    ]


def _ports(ports: Sequence[Object] | None) -> Iterable[str]:
    if not ports:
        yield ""
    for port in ports or ():
        protocol, number = PROTOCOLS[port.get("protocol", "TCP")], port.get("port")
        if number is None:
            yield f"meta l4proto {protocol}"
        elif isinstance(number, int):
            last = port.get("endPort")
            yield f"{protocol} dport {number}{f'-{last}' if last else ''}"
        # A port by name allows nothing here: what the stand-in cannot hold it does not open.


def _hook(name: str, pods: str, directions: Sequence[Direction]) -> str:
    jumps = [
        f"  ip {direction.pod} {pods} ip {direction.pod} != @known drop\n"
        f"  ip {direction.pod} @{direction.name}_isolated jump {direction.name}"
        for direction in directions
    ]
    head = f"  type filter hook {name} priority 10; policy accept;\n  ct state established,related accept"
    return "\n".join([f" chain {name} {{", head, *jumps, " }"])


def _set(name: str, addresses: Iterable[str]) -> str:
    found = sorted(set(addresses))
    elements = f" elements = {{ {', '.join(found)} }};" if found else ""
    return f" set {name} {{ type ipv4_addr;{elements} }}"


def _list(addresses: Iterable[str]) -> str:
    return f"{{ {', '.join(sorted(set(addresses)))} }}"
