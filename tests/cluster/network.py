"""The addresses of a cluster and the link that ties it to this machine.

Each cluster takes one of sixteen slots, and with it a network device's name and a range of addresses. Who makes the
device has the slot, and the device goes with the namespaces: no record of slots can be out of date.
"""

import ipaddress
import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

Range = ipaddress.IPv4Network
ALL = Range("10.213.0.0/16")


@dataclass(frozen=True)
class Network:
    """The addresses of one slot."""

    slot: int

    @property
    def range(self) -> Range:
        return list(ALL.subnets(new_prefix=20))[self.slot]

    @property
    def link(self) -> str:
        """This machine's end of the link."""
        return f"bwcluster{self.slot}"

    @property
    def pods(self) -> Range:
        return next(self.range.subnets(new_prefix=21))

    @property
    def services(self) -> Range:
        return list(self.range.subnets(new_prefix=22))[2]

    @property
    def outer(self) -> str:
        """This machine, as the cluster sees it."""
        return str(self.range[-3])

    @property
    def node(self) -> str:
        """The node, where the API server listens too."""
        return str(self.range[-2])

    @property
    def api_service(self) -> str:
        """The address that Kubernetes gives its own service."""
        return str(self.services[1])


def claim_link(pid: int) -> Network:
    """Tie the network namespace of that process to this machine, in the first slot that is free."""
    taken = list(_taken())
    for slot in range(16):
        network = Network(slot)
        if any(network.range.overlaps(other) for other in taken):
            continue
        add = ["ip", "link", "add", network.link, "type", "veth", "peer", "name", "eth0", "netns", str(pid)]
        if subprocess.run(add, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            _wire(network, pid)
            return network
    raise OSError(f"No sixteenth of {ALL} is free on this machine: sixteen clusters run, or a route leads there.")


def index_of(name: str) -> int | None:
    """The number of the network device that has that name now: no later one has the same."""
    show = ["ip", "-json", "link", "show", "dev", name]
    done = subprocess.run(show, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return int(json.loads(done.stdout)[0]["ifindex"]) if done.returncode == 0 else None


def remove_link(name: str, index: int) -> None:
    """Remove that very device, if it is there. A socket that waits for its peer's last word can hold a namespace, and
    with it the device, for minutes after its last process."""
    if index_of(name) == index:
        subprocess.run(["ip", "link", "delete", "dev", name], stderr=subprocess.DEVNULL, check=False)


def _wire(network: Network, pid: int) -> None:
    outside = [
        f"addr add {network.outer}/30 dev {network.link}",
        f"link set {network.link} up",
        f"route add {network.pods} via {network.node}",
        f"route add {network.services} via {network.node}",
    ]
    inside = [
        "link set lo up",
        f"addr add {network.node}/30 dev eth0",
        "link set eth0 up",
        f"route add default via {network.outer}",
    ]
    enter = ["nsenter", "--target", str(pid), "--user", "--net", "--"]
    _ip([*enter, "ip"], inside)
    _ip(["ip"], outside)


def _ip(command: list[str], lines: list[str]) -> None:
    done = subprocess.run(
        [*command, "-batch", "-"], input="\n".join(lines), text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise OSError(f"ip: {done.stderr.strip()}")


def _taken() -> Iterable[Range]:
    """Where this machine's routes lead, but for the default."""
    shown = subprocess.run(
        ["ip", "-4", "-json", "route", "show", "table", "all"], capture_output=True, check=True
    ).stdout
    for route in json.loads(shown):
        if route["dst"] != "default":
            yield Range(route["dst"], strict=False)
