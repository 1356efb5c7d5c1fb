"""The only client of the event streams: one Redis stream a run, sealed, bounded, resumable by id.

Streams are hints for whoever watches; the database is the record. Nothing here may fail an execution or hold it up:
what Redis cannot take at once is dropped and logged.
"""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import batched
from typing import Any
from uuid import UUID

import orjson
import redis
import redis.asyncio
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config.environment import settings
from gateways.absence import Absence

KEPT_EVENTS = 20_000
KEPT_SECONDS = 24 * 3600
# Who publishes reads an execution's channel meanwhile, and the execution's time runs on.
QUICK_SECONDS = 0.5
AWAY_SECONDS = 2.0
# Longer than anybody waits for an event.
PATIENT_SECONDS = 5.0
_INTERRUPTS = "interrupts"
_KEYS_AT_ONCE = 1000
_log = structlog.get_logger(__name__)
_absence = Absence(AWAY_SECONDS)


@dataclass(frozen=True)
class Published:
    """One event of a run's stream; `id` grows and resumes the stream."""

    id: str
    kind: str
    data: dict[str, Any]


@lru_cache(maxsize=2)
def _redis(patience: float = QUICK_SECONDS) -> Any:
    # Typed loosely: the replies of redis-py are unions of every protocol version.
    url = settings().redis_url.get_secret_value()
    return redis.Redis.from_url(url, socket_connect_timeout=min(patience, 1), socket_timeout=patience)


@lru_cache(maxsize=256)
def _cipher(run_id: UUID) -> AESGCMSIV:
    # Redis keeps what it is given on disk: outputs must not lie there in plain.
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"events:" + run_id.bytes)
    return AESGCMSIV(derive.derive(base64.b64decode(settings().master_key.get_secret_value())))


def _key(run_id: UUID) -> str:
    return f"events:{run_id}"


def _seal(run_id: UUID, data: dict[str, Any]) -> bytes:
    nonce = secrets.token_bytes(12)
    return nonce + _cipher(run_id).encrypt(nonce, orjson.dumps(data), None)


def _open(run_id: UUID, identity: bytes, fields: dict[bytes, bytes]) -> Published | None:
    try:
        sealed = fields[b"d"]
        data = orjson.loads(_cipher(run_id).decrypt(sealed[:12], sealed[12:], None))
        return Published(identity.decode(), fields[b"k"].decode(), data)
    except (InvalidTag, KeyError, ValueError):
        return None


def publish(run_id: UUID, *happened: tuple[str, dict[str, Any]]) -> None:
    """Append events (kind, data) to the run's stream; a Redis that is away loses them, and watchers read the record."""
    if _absence.lasts:
        return
    try:
        with _redis().pipeline(transaction=False) as pipe:
            for kind, data in happened:
                pipe.xadd(_key(run_id), {"k": kind, "d": _seal(run_id, data)}, maxlen=KEPT_EVENTS, approximate=True)
            pipe.expire(_key(run_id), KEPT_SECONDS)
            pipe.execute()
    except redis.RedisError as fault:
        _absence.note()
        kinds = [kind for kind, _ in happened]
        _log.warning("event_dropped", run_id=str(run_id), kinds=kinds, fault=type(fault).__name__)


def forget(run_ids: Iterable[UUID]) -> None:
    """Remove these runs' streams. Raises redis.RedisError; by themselves they go after a day."""
    for some in batched(run_ids, _KEYS_AT_ONCE):
        with _noticed():
            _redis(PATIENT_SECONDS).delete(*map(_key, some))


@contextmanager
def _noticed() -> Iterator[None]:
    if _absence.lasts:
        raise redis.ConnectionError("Redis was away a moment ago")
    try:
        yield
    except redis.RedisError:
        _absence.note()
        raise


def last_id(run_id: UUID) -> str:
    """The id of the newest event, or "0" where there is none. Raises redis.RedisError."""
    with _noticed():
        newest = _redis().xrevrange(_key(run_id), count=1)
    return str(newest[0][0].decode()) if newest else "0"


def wait(run_id: UUID, after: str, seconds: float) -> tuple[str, list[Published]]:
    """Wait for events newer than `after`: the newest id and the events, none when the time is up. Raises RedisError."""
    patience = min(seconds, PATIENT_SECONDS - 2)
    with _noticed():
        found = _redis(PATIENT_SECONDS).xread({_key(run_id): after}, count=1000, block=max(1, int(patience * 1000)))
    newer = found[0][1] if found else []
    opened = (_open(run_id, identity, fields) for identity, fields in newer)
    return (newer[-1][0].decode() if newer else after), [event for event in opened if event is not None]


async def follow(run_id: UUID, after: str, *, pause: float) -> AsyncIterator[list[Published]]:
    """Yield batches of events newer than `after`, and an empty batch at least every `pause` seconds.

    While Redis is away there are only empty ones.
    """
    client: Any = redis.asyncio.Redis.from_url(
        settings().redis_url.get_secret_value(), socket_connect_timeout=1, socket_timeout=pause + 1
    )
    try:
        while True:
            found = []
            try:
                found = await client.xread({_key(run_id): after}, count=500, block=int(pause * 1000))
            except redis.RedisError:
                await asyncio.sleep(1)
            batch: list[Published] = []
            for identity, fields in found[0][1] if found else []:
                after = identity.decode()
                event = _open(run_id, identity, fields)
                if event is not None:
                    batch.append(event)
            yield batch
    finally:
        await client.aclose()


class Away(Exception):
    """Redis does not answer."""


def ask_interrupt(run_id: UUID) -> None:
    """Tell every worker to interrupt the run, should it hold its channel."""
    try:
        _redis().publish(_INTERRUPTS, str(run_id))
    except redis.RedisError as fault:
        _log.warning("event_dropped", run_id=str(run_id), kind="interrupt", fault=type(fault).__name__)


def interrupts(pause: float) -> Iterator[UUID | None]:
    """Yield the runs to interrupt as they are asked for, None after `pause` seconds without one. Raises Away."""
    try:
        with _redis(PATIENT_SECONDS).pubsub(ignore_subscribe_messages=True) as subscription:
            subscription.subscribe(_INTERRUPTS)
            while True:
                message = subscription.get_message(timeout=pause)
                yield UUID(message["data"].decode()) if message else None
    except (redis.RedisError, ValueError) as fault:
        raise Away from fault
