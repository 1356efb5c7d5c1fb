"""The process that keeps the node's nftables as the cluster's NetworkPolicies say: python -m tests.cluster.enforcer

    --server URL --pki DIR --pods RANGE

It runs inside the cluster's network namespace. When it dies, the rules stay as they are and new pods reach nothing.
"""

import argparse
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.cluster.network_policy import Known, make_ruleset

KINDS = {
    "pods": "/api/v1/pods",
    "namespaces": "/api/v1/namespaces",
    "policies": "/apis/networking.k8s.io/v1/networkpolicies",
}
WATCH_SECONDS = 300
RETRY_SECONDS = 0.2
PORT = 10299  # open as soon as the policies are in force
# Events come in bursts; one table serves a burst.
BURST_SECONDS = 0.02


class Mirror:
    """The objects of one kind, as the API server holds them; `changed` is set with each change."""

    def __init__(self, url: str, context: ssl.SSLContext, changed: threading.Event) -> None:
        self.listed = threading.Event()
        self._url, self._context, self._changed = url, context, changed
        self._objects: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def objects(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._objects.values())

    def follow(self) -> None:
        """List and watch for ever; what the API server does not answer is asked again."""
        while True:
            try:
                self._watch(self._list())
            except (OSError, ValueError, KeyError) as error:
                print(f"{self._url}: {error}", flush=True)
                time.sleep(RETRY_SECONDS)

    def _list(self) -> str:
        with urllib.request.urlopen(self._url, timeout=10, context=self._context) as answer:
            listed = json.load(answer)
        with self._lock:
            self._objects = {item["metadata"]["uid"]: item for item in listed["items"]}
        self.listed.set()
        self._changed.set()
        version: str = listed["metadata"]["resourceVersion"]
        return version

    def _watch(self, version: str) -> None:
        url = f"{self._url}?watch=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={version}"
        with urllib.request.urlopen(url, timeout=WATCH_SECONDS + 10, context=self._context) as events:
            for line in events:
                event = json.loads(line)
                if event["type"] == "ERROR":  # the version is too old to go on from
                    return
                uid = event["object"]["metadata"]["uid"]
                with self._lock:
                    if event["type"] == "DELETED":
                        self._objects.pop(uid, None)
                    else:
                        self._objects[uid] = event["object"]
                self._changed.set()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--pki", type=Path, required=True)
    parser.add_argument("--pods", required=True)
    wanted = parser.parse_args()
    context = ssl.create_default_context(cafile=str(wanted.pki / "ca.crt"))
    context.load_cert_chain(wanted.pki / "admin.crt", wanted.pki / "admin.key")
    changed = threading.Event()
    mirrors = {kind: Mirror(f"{wanted.server}{path}", context, changed) for kind, path in KINDS.items()}
    for mirror in mirrors.values():
        threading.Thread(target=mirror.follow, daemon=True).start()
    for mirror in mirrors.values():
        mirror.listed.wait()
    enforce(mirrors, changed, wanted.pods)


def enforce(mirrors: dict[str, Mirror], changed: threading.Event, pods: str) -> None:
    """Replace the table whenever it would be another one, and listen from the first on.

    A table that nft refuses ends the process.
    """
    present, in_force = "", None
    while changed.wait():
        time.sleep(BURST_SECONDS)
        changed.clear()
        ruleset = make_ruleset(Known(**{kind: mirror.objects() for kind, mirror in mirrors.items()}), pods)
        if ruleset != present:
            done = subprocess.run(["nft", "-f", "-"], input=ruleset, text=True, capture_output=True, check=False)
            if done.returncode:
                sys.exit(f"nft refused the rules: {done.stderr}\n{ruleset}")
            present = ruleset
        in_force = in_force or socket.create_server(("127.0.0.1", PORT))


if __name__ == "__main__":
    main()
