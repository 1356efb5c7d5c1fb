"""What a node holds of pods that are gone: nothing."""

from tests.cluster.remains import remains
from tests.cluster.workloads import Workloads
from tests.stack import eventually

PODS = 5


def test_pods_that_are_gone_leave_nothing_on_the_node(workloads: Workloads) -> None:
    """Each kind is seen while a pod runs: a kind that is looked for in the wrong place would always be empty."""
    before = remains(workloads.cluster)
    for number in range(PODS):
        workloads.start(f"p{number}", handler="sealed" if number % 2 else "runsc")
    during = remains(workloads.cluster)
    assert [kind for kind, found in during.items() if len(found - before[kind]) < PODS] == []
    workloads.kubectl("delete", "pods", "--all", "--wait=false")
    eventually(lambda: not more(workloads, before), within=90, every=0.5)


def more(workloads: Workloads, before: dict[str, set[str]]) -> dict[str, set[str]]:
    """What is there now and was not before."""
    now = remains(workloads.cluster)
    return {kind: found - before[kind] for kind, found in now.items() if found - before[kind]}
