"""Open Policy Agent: the one way to ask it, and what every kind of silence or nonsense of its means (always no)."""

import atexit
import contextvars
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Literal, cast

import httpcore
import orjson

from config.environment import settings
from config.errors import Reason

Outcome = Literal["allow", "review", "deny"]
OUTCOMES: Final = frozenset({"allow", "review", "deny"})
# An obligation is a condition of the outcome. One that this platform cannot keep turns the answer into a no.
# `withhold_media_types`: outputs leave without their data of these kinds.
KNOWN_OBLIGATIONS: Final = frozenset({"withhold_media_types"})
MAX_ANSWER_BYTES: Final = 1 << 20

_POINT = re.compile(r"[a-z][a-z_]{0,63}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_REVISION = re.compile(r"sha256:[0-9a-f]{64}\+data:[0-9a-f]{64}")
# Not compressed: an answer is read as it comes, so that its size is known before anything is made of it.
_JSON: Final = {"content-type": "application/json", "accept": "application/json", "accept-encoding": "identity"}

_deadline: contextvars.ContextVar[float] = contextvars.ContextVar("opa_deadline")


@dataclass(frozen=True)
class Answer:
    """What policy said to one question, or the denial that stands for its failure to say anything.

    `revision` names the bundle (`sha256:…`) and `data_digest` the data in it (hex SHA-256); both are empty when OPA
    gave no usable answer.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    obligations: Mapping[str, Any] = field(default_factory=dict)
    revision: str = ""
    data_digest: str = ""
    duration_ms: float = 0.0

    @property
    def allowed(self) -> bool:
        """True for an allow and for nothing else."""
        return self.outcome == "allow"


class _Nonsense(Exception):
    """OPA answered, and the answer is not one. The message says what is wrong with it."""

    def __init__(self, what: str, *, code: str = "policy_invalid") -> None:
        super().__init__(what)
        self.code = code


class _DeadlineStream(httpcore.NetworkStream):
    """A connection on which no single wait outlasts the question's deadline, however slowly bytes drip in."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _remaining(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _remaining(httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _remaining(httpcore.ConnectTimeout)
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _DeadlineBackend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _remaining(httpcore.ConnectTimeout)
        return _DeadlineStream(super().connect_tcp(host, port, left, local_address, socket_options))


def _remaining(late: Callable[[str], Exception]) -> float:
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise late("the question's deadline passed")
    return left


@cache
def engine() -> "Opa":
    """The policy engine that this process asks."""
    given = settings()
    opa = Opa(given.opa_url, given.opa_token.get_secret_value(), timeout_ms=given.opa_timeout_ms)
    atexit.register(opa.close)
    return opa


class Opa:
    """One OPA over persistent connections; safe to share between threads. Proxies of the environment are not used."""

    def __init__(self, url: str, token: str, *, timeout_ms: int = 1000, connections: int = 32) -> None:
        self._timeout = timeout_ms / 1000
        self._url = url.rstrip("/")
        self._headers = [*_JSON.items(), ("authorization", f"Bearer {token}")]
        # Not httpx, which knows waits and no deadline, and costs as much again in each request as what is under it.
        self._pool = httpcore.ConnectionPool(
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=30.0,
            network_backend=_DeadlineBackend(),
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def evaluate(self, point: str, question: Mapping[str, Any]) -> Answer:
        """Ask `bailiwick.<point>` and return its answer. Never raises: whatever is not a well-formed answer is a deny
        with the code `policy_unavailable`, `policy_timeout`, `policy_undefined` or `policy_invalid`."""
        started = time.perf_counter()
        try:
            outcome = self._ask(point, question)
        except Exception as failure:
            outcome = Answer("deny", reasons=(_reason_for(failure, point, self._timeout),))
        elapsed = (time.perf_counter() - started) * 1000
        return Answer(
            outcome.outcome,
            outcome.reasons,
            outcome.obligations,
            outcome.revision,
            outcome.data_digest,
            round(elapsed, 3),
        )

    def data(self, path: str) -> tuple[Any, str, Reason | None]:
        """Read `data.<path>` (slashes between names): (value, revision, None), or (None, "", why not). Never raises."""
        try:
            document = self._exchange("GET", f"/v1/data/{path}?provenance=true", None)
            if "result" not in document:
                raise _Nonsense(f"has no data at {path}", code="policy_undefined")
            revision, _ = _revisions(document)
            return document["result"], revision, None
        except Exception as failure:
            return None, "", _reason_for(failure, path, self._timeout)

    def version(self) -> str:
        """Which OPA answers; empty while none does. Never raises."""
        try:
            return str(self._exchange("GET", "/v1/data/limits?provenance=true", None)["provenance"]["version"])
        except Exception:
            return ""

    def _ask(self, point: str, question: Mapping[str, Any]) -> Answer:
        if not _POINT.fullmatch(point):
            raise _Nonsense("has no decision point of that name", code="policy_undefined")
        document = self._exchange(
            "POST", f"/v1/data/bailiwick/{point}/decision?provenance=true", orjson.dumps({"input": question})
        )
        return _parse(document)

    def _exchange(self, method: str, target: str, body: bytes | None) -> dict[str, Any]:
        held = _deadline.set(time.monotonic() + self._timeout)
        try:
            try:
                return self._once(method, target, body)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                # A kept connection that OPA's restart closed. Questions change nothing, so asking again is safe.
                return self._once(method, target, body)
        finally:
            _deadline.reset(held)

    def _once(self, method: str, target: str, body: bytes | None) -> dict[str, Any]:
        waits = {"pool": self._timeout, "connect": self._timeout, "read": self._timeout, "write": self._timeout}
        with self._pool.stream(
            method, self._url + target, headers=self._headers, content=body, extensions={"timeout": waits}
        ) as response:
            if response.status != 200:
                raise _Nonsense(f"answered with HTTP status {response.status}")
            received = bytearray()
            for chunk in response.iter_stream():
                received += chunk
                if len(received) > MAX_ANSWER_BYTES:
                    raise _Nonsense(f"answered with more than {MAX_ANSWER_BYTES} bytes")
        try:
            document = orjson.loads(received)
        except orjson.JSONDecodeError:
            raise _Nonsense("answered with something that is not JSON") from None
        if not isinstance(document, dict):
            raise _Nonsense("answered with JSON that is not an object")
        return document


def _parse(document: dict[str, Any]) -> Answer:
    if "result" not in document:
        raise _Nonsense("has no decision for the question", code="policy_undefined")
    result = document["result"]
    if not isinstance(result, dict) or result.keys() != {"outcome", "reasons", "obligations"}:
        raise _Nonsense("answered with something other than an outcome, reasons and obligations")
    outcome, reasons, obligations = (result["outcome"], result["reasons"], result["obligations"])
    if not isinstance(outcome, str) or outcome not in OUTCOMES:
        raise _Nonsense("answered with an outcome that is not allow, review or deny")
    if not isinstance(reasons, list) or not isinstance(obligations, dict):
        raise _Nonsense("answered with reasons or obligations of the wrong shape")
    if not obligations.keys() <= KNOWN_OBLIGATIONS or not all(map(_is_texts, obligations.values())):
        raise _Nonsense("asked for an obligation that this platform does not know how to keep")
    if (outcome == "allow") == bool(reasons):
        raise _Nonsense(f"answered {outcome} {'with' if reasons else 'without'} reasons")
    revision, data_digest = _revisions(document)
    return Answer(cast("Outcome", outcome), tuple(map(_parse_reason, reasons)), obligations, revision, data_digest)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _parse_reason(reason: object) -> Reason:
    if not isinstance(reason, dict) or reason.keys() != {"code", "message", "remedy"}:
        raise _Nonsense("gave a reason that is not a code, a message and a remedy")
    code, message, remedy = reason["code"], reason["message"], reason["remedy"]
    if not (isinstance(code, str) and isinstance(message, str) and isinstance(remedy, str)):
        raise _Nonsense("gave a reason whose parts are not texts")
    if not _CODE.fullmatch(code) or not message.strip() or not remedy.strip():
        raise _Nonsense("gave a reason without a stable code, a message or a remedy")
    return Reason(code, message, remedy)


def _revisions(document: dict[str, Any]) -> tuple[str, str]:
    provenance = document.get("provenance")
    bundles = provenance.get("bundles") if isinstance(provenance, dict) else None
    named = [
        bundle["revision"]
        for bundle in (bundles.values() if isinstance(bundles, dict) else ())
        if isinstance(bundle, dict)
        and isinstance(bundle.get("revision"), str)
        and _REVISION.fullmatch(bundle["revision"])
    ]
    if len(named) != 1:
        raise _Nonsense("does not say which revision of the policy it decided by")
    revision, _, data_digest = named[0].partition("+data:")
    return revision, data_digest


def _reason_for(failure: Exception, point: str, timeout: float) -> Reason:
    again = "Try again; if it stays so, ask a platform admin to look at the health page's entry for the policy engine."
    nothing = "Nothing was decided, so nothing is allowed."
    match failure:
        case _Nonsense(code=code):
            return Reason(code, f"The policy engine {failure} ({point}). {nothing}", again)
        case httpcore.TimeoutException():
            sentence = f"The policy engine did not answer within {timeout:g} seconds ({point}). {nothing}"
            return Reason("policy_timeout", sentence, again)
        case TypeError() | orjson.JSONEncodeError():
            return Reason(
                "policy_invalid", f"The question to the policy engine could not be written ({point}). {nothing}", again
            )
        case _:
            return Reason("policy_unavailable", f"The policy engine cannot be reached ({point}). {nothing}", again)
