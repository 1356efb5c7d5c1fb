"""What the API server's answers are taken for: absent, changed meanwhile, or unavailable, and never one for another."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sandbox_operator.errors import BackendUnavailable
from sandbox_operator.kubernetes.cluster import Cluster, Conflict

POLICY = "admission denied: ValidatingAdmissionPolicy 'bailiwick-claims' with binding 'x' denied request: no"


class Server(ThreadingHTTPServer):
    """Says to every request what it was told to say, and keeps what was asked."""

    answer: tuple[int, Any] = (200, {})
    asked: tuple[str, str, Any] = ("", "", None)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def _say(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.asked = (f"{self.command} {self.path}", self.headers.get("Content-Type") or "", body)
        status, value = self.server.answer
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_PATCH = do_DELETE = _say  # noqa: N815  the names that http.server calls

    def log_message(self, *given: object) -> None:
        return None


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def make_cluster(folder: Path, port: int) -> Cluster:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "u", "user": {"token": "secret"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    (folder / "kubeconfig").write_text(json.dumps(config))
    return Cluster("boxes", folder / "kubeconfig")


@pytest.fixture
def cluster(server: Server, tmp_path: Path) -> Iterator[Cluster]:
    cluster = make_cluster(tmp_path, server.server_address[1])
    yield cluster
    cluster._client.rest_client.pool_manager.clear()


def test_a_pod_that_is_not_there_is_none_and_a_failure_is_not(server: Server, cluster: Cluster) -> None:
    server.answer = (404, {"message": "not found"})
    assert cluster.pod("a") is None
    for answer in ((403, {"message": "no"}), (500, {}), (200, b"<html>"), (200, [1])):
        server.answer = answer
        with pytest.raises(BackendUnavailable):
            cluster.pod("a")


@pytest.mark.parametrize("status", [404, 409, 422])
def test_a_patch_that_comes_too_late_is_a_conflict(server: Server, cluster: Cluster, status: int) -> None:
    server.answer = (status, {"message": "the server rejected our request due to an error in our request"})
    with pytest.raises(Conflict):
        cluster.patch("a", [{"op": "test", "path": "/x", "value": 1}])
    assert server.asked == (
        "PATCH /api/v1/namespaces/boxes/pods/a",
        "application/json-patch+json",
        [{"op": "test", "path": "/x", "value": 1}],
    )


def test_a_policys_refusal_is_no_lost_race(server: Server, cluster: Cluster) -> None:
    """Taken out: the look at the refusal's text. Claimers then go from pod to pod and call the pool full."""
    server.answer = (422, {"message": POLICY})
    with pytest.raises(BackendUnavailable, match="bailiwick-claims"):
        cluster.patch("a", [])


def test_a_deletion_names_the_pod_by_its_uid(server: Server, cluster: Cluster) -> None:
    assert cluster.delete("a", "u1")
    assert server.asked[0] == "DELETE /api/v1/namespaces/boxes/pods/a"
    assert server.asked[2]["preconditions"] == {"uid": "u1"}
    server.answer = (404, {})
    assert not cluster.delete("a", "u1")
    server.answer = (409, {"message": "the UID in the precondition does not match"})
    assert not cluster.delete("a", "u1")
    with pytest.raises(Conflict):
        cluster.delete("a", "u1", "41")
    assert server.asked[2]["preconditions"] == {"uid": "u1", "resourceVersion": "41"}
    server.answer = (403, {"message": "no"})
    with pytest.raises(BackendUnavailable):
        cluster.delete("a", "u1")


def test_quotas_are_added_up(server: Server, cluster: Cluster) -> None:
    server.answer = (
        200,
        {"items": [{"spec": {"hard": {"pods": "8"}}}, {"spec": {"hard": {"pods": "2"}}}, {"spec": {}}]},
    )
    assert cluster.most() == 10
    server.answer = (200, {"items": []})
    assert cluster.most() == 0


def test_the_one_exec_there_is(cluster: Cluster) -> None:
    request = cluster.exec_request("a")
    path, _, query = request.url.partition("?")
    assert path.startswith("ws://127.0.0.1:") and path.endswith("/api/v1/namespaces/boxes/pods/a/exec")
    assert query == (
        "container=sandbox&stdin=true&stdout=true&stderr=true"
        "&command=%2Fusr%2Fbin%2Fsocat&command=-b&command=65536&command=-&command=UNIX-CONNECT%3A%2Frun%2Fagent%2Fagent.sock"
    )
    assert {key.lower(): value for key, value in request.headers.items()} == {"authorization": "Bearer secret"}


def test_no_server_and_no_credentials_are_unavailable(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable):
        make_cluster(tmp_path, 1).version()
    with pytest.raises(BackendUnavailable):
        Cluster("boxes", tmp_path / "nowhere")
