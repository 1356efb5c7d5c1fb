"""The platform as the chart installs it on the test cluster, used as the one-machine stack is (tests/stack.py)."""

import json
import time
from typing import Any

import httpx

from tests.cluster.installation import PLATFORM, SANDBOXES, Installation

READY_WITHIN = 180.0


class Platform:
    """The installed chart with the demo's people."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.cluster = installation.cluster
        self.url = installation.url
        self.users: dict[str, dict[str, str]] = {}

    def up(self) -> "Platform":
        """Install, seed, and return when every part says that it is ready and a sandbox is warm."""
        self.installation.prepare()
        self.installation.install()
        self.users = self.installation.seed()["users"]
        deadline = time.monotonic() + READY_WITHIN
        while not self.warm():
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"The platform is not ready: {self.readiness().text}\n{self.installation.standing()}"
                )
            time.sleep(0.5)
        return self

    def readiness(self) -> httpx.Response:
        """What /readyz answers."""
        return httpx.get(f"{self.url}/readyz", timeout=30)

    def warm(self) -> bool:
        """Whether every part is well and a sandbox waits."""
        answer = self.readiness()
        return answer.status_code == 200 and answer.json()["parts"]["sandboxes"]["warm"] > 0

    def api(self, user: str | None = "analyst", *, token: str | None = None, timeout: float = 60.0) -> httpx.Client:
        """A client of the REST API as that demo user, with another token, or (with None) as nobody."""
        bearer = token or (self.users[user]["token"] if user else None)
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return httpx.Client(base_url=f"{self.url}/api/v1/", headers=headers, timeout=timeout)

    def sandboxes(self) -> list[dict[str, Any]]:
        """The pods in the sandboxes' namespace."""
        listed = self.cluster.kubectl("-n", SANDBOXES, "get", "pods", "-o", "json")
        found: list[dict[str, Any]] = json.loads(listed)["items"]
        return found

    def log(self, component: str) -> str:
        """What a component's pods have said."""
        selector = f"app.kubernetes.io/component={component}"
        return self.cluster.kubectl("-n", PLATFORM, "logs", "-l", selector, "--all-containers", "--tail=-1")
