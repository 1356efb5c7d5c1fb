"""The few requests to the API server that the backend makes, each with a deadline.

Over the client's own connections and credentials, but with JSON as it comes: its models take longer than the request.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from kubernetes import client
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from sandbox_operator.errors import BackendUnavailable
from sandbox_operator.kubernetes import credentials, names
from sandbox_operator.kubernetes.records import PodRecord

JSON = dict[str, Any]

REQUEST_SECONDS = 5.0
STATS_SECONDS = 3.0
CONNECTIONS = 32
GONE, CONFLICT, INVALID = 404, 409, 422
POLICY = "ValidatingAdmissionPolicy"


class Conflict(Exception):
    """The pod is gone, or not as the request said that it was: look again."""


class Refusal(Exception):
    """The API server answered, and not with what was asked for."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status = status


@dataclass(frozen=True, slots=True)
class ExecRequest:
    """What it takes to open the channel of one pod."""

    url: str
    headers: Mapping[str, str]
    context: ssl.SSLContext | None


class Cluster:
    """One namespace of a cluster. Thread-safe; what does not answer is BackendUnavailable, never taken for absent."""

    def __init__(self, namespace: str, kubeconfig: Path | None = None) -> None:
        """With the service account's own credentials, or a kubeconfig's. Raises BackendUnavailable without any."""
        try:
            configuration = credentials.load(kubeconfig)
        except credentials.NoCredentials as error:
            raise BackendUnavailable(str(error)) from error
        configuration.connection_pool_maxsize = CONNECTIONS
        self.namespace = namespace
        self._host = str(configuration.host)
        self._client: Any = client.ApiClient(configuration)
        self._context = _context(configuration)

    @property
    def address(self) -> str:
        """Name or address of the API server, as this process reaches it."""
        return urlsplit(self._host).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self._host).port or 443

    def pods(self, selector: str) -> list[PodRecord]:
        answer = self._ask("GET", f"{self._pods}?{urlencode({'labelSelector': selector})}")
        return [PodRecord.read(item) for item in answer["items"]]

    def pod(self, name: str) -> PodRecord | None:
        """None when there is no such pod."""
        try:
            return PodRecord.read(self._ask("GET", self._pod(name)))
        except Refusal as refusal:
            if refusal.status == GONE:
                return None
            raise BackendUnavailable(f"the API server refuses to read a pod: {refusal}") from refusal

    def patch(self, name: str, operations: Sequence[JSON]) -> PodRecord:
        """Change a pod (RFC 6902). Raises Conflict when it is gone or a `test` among the operations fails."""
        try:
            return PodRecord.read(self._ask("PATCH", self._pod(name), list(operations), "application/json-patch+json"))
        except Refusal as refusal:
            # A policy refuses with the status of a `test` that fails; it would refuse the next pod, too.
            if refusal.status in (GONE, CONFLICT, INVALID) and POLICY not in str(refusal):
                raise Conflict(str(refusal)) from refusal
            raise BackendUnavailable(f"the API server refuses to change a pod: {refusal}") from refusal

    def delete(self, name: str, uid: str, version: str | None = None) -> bool:
        """Begin the end of that very pod. False when there is none. Raises Conflict when `version` is not its own."""
        preconditions = {"uid": uid} | ({"resourceVersion": version} if version else {})
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions}
        try:
            self._ask("DELETE", self._pod(name), body)
        except Refusal as refusal:
            if refusal.status == GONE or (refusal.status == CONFLICT and version is None):
                return False
            if refusal.status == CONFLICT:
                raise Conflict(str(refusal)) from refusal
            raise BackendUnavailable(f"the API server refuses to end a pod: {refusal}") from refusal
        return True

    def most(self) -> int:
        """How many pods the namespace's quotas let be there at once; 0 without any."""
        quotas = self._answer("GET", f"/api/v1/namespaces/{quote(self.namespace)}/resourcequotas", REQUEST_SECONDS)
        return sum(int(one["spec"].get("hard", {}).get("pods", 0)) for one in quotas["items"])

    def stats(self, node: str) -> JSON:
        """What kubelet says that the node's pods use."""
        return self._answer("GET", f"/api/v1/nodes/{quote(node)}/proxy/stats/summary", STATS_SECONDS)

    def version(self) -> str:
        return str(self._answer("GET", "/version", REQUEST_SECONDS).get("gitVersion", ""))

    def exec_request(self, pod: str) -> ExecRequest:
        """For the one program that may be run in a sandbox's pod; admission refuses any other."""
        query = [("container", names.CONTAINER), ("stdin", "true"), ("stdout", "true"), ("stderr", "true")]
        query += [("command", part) for part in names.RELAY]
        url = f"{self._host.replace('http', 'ws', 1)}{self._pod(pod)}/exec?{urlencode(query)}"
        return ExecRequest(url, self._headers(), self._context)

    @property
    def _pods(self) -> str:
        return f"/api/v1/namespaces/{quote(self.namespace)}/pods"

    def _pod(self, name: str) -> str:
        return f"{self._pods}/{quote(name, safe='')}"

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        # This renews a token that is about to expire, too.
        self._client.update_params_for_auth(headers, [], ["BearerToken"], "", "GET", None)
        return headers

    def _answer(self, method: str, path: str, seconds: float) -> JSON:
        try:
            return self._ask(method, path, seconds=seconds)
        except Refusal as refusal:
            raise BackendUnavailable(f"the API server refuses {path}: {refusal}") from refusal

    def _ask(
        self,
        method: str,
        path: str,
        body: object = None,
        kind: str = "application/json",
        seconds: float = REQUEST_SECONDS,
    ) -> JSON:
        headers = self._headers() | {"Accept": "application/json", "Content-Type": kind}
        try:
            answer = self._client.rest_client.request(
                method, self._host + path, headers=headers, body=body, _request_timeout=seconds
            )
            value = json.loads(answer.read())
        except (HTTPError, ApiException, OSError, ValueError) as error:
            raise BackendUnavailable(f"the API server does not answer: {error}") from error
        if not isinstance(value, dict):
            raise BackendUnavailable("the API server answers with nonsense")
        if not 200 <= answer.status < 300:
            raise Refusal(answer.status, str(value.get("message", ""))[:500])
        return value


def _context(configuration: Any) -> ssl.SSLContext | None:
    if not str(configuration.host).startswith("https"):
        return None
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    return context
