"""A cluster for the tests that ask for one, and what they run on it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.installation import Installation
from tests.cluster.node import Cluster
from tests.cluster.outside import Outside
from tests.cluster.platform import Platform
from tests.cluster.workloads import Workloads
from tests.environment import STATE
from tools.launch.state import BIN
from tools.setup import TOOLS

HERE = Path(__file__).parent


# The first test that asks for the platform waits until it is there: images of a gigabyte, and a whole install.
PATIENCE = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no test of this folder be ended for what its session's parts take."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(PATIENCE))


# Of this folder, not of the session: idle, it still takes a good part of a processor.
@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """The folder's cluster. `tests.order` keeps all that use it on one side of a parallel run."""
    cluster = Cluster(STATE.var / "cluster", BIN)
    cluster.up()
    yield cluster
    cluster.down()


@pytest.fixture(scope="package")
def python_image(cluster: Cluster) -> str:
    """The environment `python` on the node, by its digest."""
    image = TOOLS / "images/python"
    reference = f"bailiwick.internal/python@{json.loads((image / 'metadata.json').read_text())['digest']}"
    cluster.load(image / "image.tar", reference)
    return reference


@pytest.fixture(scope="module")
def workloads(cluster: Cluster, python_image: str, request: pytest.FixtureRequest) -> Iterator[Workloads]:
    """A namespace of the module's own for plain pods."""
    name = request.module.__name__.rpartition(".")[2].replace("_", "-")
    made = Workloads(cluster, name, python_image)
    made.make_namespace()
    yield made
    made.remove()


@pytest.fixture(scope="package")
def platform(cluster: Cluster) -> Platform:
    """The platform, installed by the chart, with the demo's people and a warm sandbox: one for the folder."""
    return Platform(Installation(cluster, Outside(cluster).up())).up()
