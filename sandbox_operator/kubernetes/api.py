"""Requests of the operator to the API server, in JSON. A read that failed is never taken for "there is none"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from kubernetes import client
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from sandbox_operator.kubernetes import credentials

JSON = dict[str, Any]

REQUEST_SECONDS = 10.0
NOT_FOUND, CONFLICT, INVALID = 404, 409, 422
JSON_TYPE = "application/json"
MERGE_TYPE = "application/merge-patch+json"


class Unreachable(Exception):
    """The API server did not answer, or could not: nothing is known, and the same may work later."""


class Refusal(Exception):
    """The API server answered, and not with what was asked for."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Api:
    """Thread-safe. Every method raises Unreachable or Refusal."""

    def __init__(self, kubeconfig: Path | None = None) -> None:
        """With the service account's credentials unless a kubeconfig is named. Raises NoCredentials."""
        configuration = credentials.load(kubeconfig)
        self._host = str(configuration.host)
        self._client: Any = client.ApiClient(configuration)  # the stubs know it as it was before version 36

    def read(self, path: str) -> JSON | None:
        """None when the API server says that there is none."""
        try:
            return self._ask("GET", path)
        except Refusal as refusal:
            if refusal.status == NOT_FOUND:
                return None
            raise

    def items(self, path: str, selector: str = "") -> list[JSON]:
        """Everything at `path`, or what bears these labels."""
        listed: list[JSON] = self._ask("GET", f"{path}?{urlencode({'labelSelector': selector})}")["items"]
        return listed

    def create(self, path: str, body: JSON) -> JSON:
        return self._ask("POST", path, body)

    def replace(self, path: str, body: JSON) -> JSON:
        return self._ask("PUT", path, body)

    def merge(self, path: str, change: JSON) -> JSON:
        """RFC 7386."""
        return self._ask("PATCH", path, change, MERGE_TYPE)

    def delete(self, path: str, uid: str) -> bool:
        """Begin the end of that very object. False when it is gone, or another bears its name."""
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}}
        try:
            self._ask("DELETE", path, options)
        except Refusal as refusal:
            if refusal.status in (NOT_FOUND, CONFLICT):
                return False
            raise
        return True

    def _ask(self, method: str, path: str, body: JSON | None = None, kind: str = JSON_TYPE) -> JSON:
        headers = {"Accept": JSON_TYPE, "Content-Type": kind}
        try:
            # Renews a token that is about to expire, too.
            self._client.update_params_for_auth(headers, [], ["BearerToken"], path, method, body)
            answer = self._client.call_api(method, self._host + path, headers, body, _request_timeout=REQUEST_SECONDS)
            status, text = answer.status, answer.read()
        except (ApiException, HTTPError, OSError) as error:
            raise Unreachable(f"the API server does not answer: {error}") from error
        return read_answer(status, text)


def read_answer(status: int, text: bytes) -> JSON:
    """The object that was answered. Raises Refusal, or Unreachable for what may pass by itself."""
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise Unreachable(f"the API server's answer ({status}) is not JSON") from error
    if 200 <= status < 300 and isinstance(answer, dict):
        return answer
    message = str(answer.get("message", answer) if isinstance(answer, Mapping) else answer)
    if status == 429 or status >= 500:
        raise Unreachable(f"the API server is not able to answer now ({status}): {message}")
    raise Refusal(status, message)
