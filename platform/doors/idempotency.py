"""`Idempotency-Key`: one POST happens once, and asking again renders its answer afresh.

    class Runs(ViewSet):
        @idempotent
        def create(self, request): …actions.request_run(…, run_id=idempotency.reserved_id(request))…
        def replay(self, request, resource, **kwargs): …authorise and render the resource again…

Only a success leaves a trace, and only its id: a refusal is decided anew, a secret is shown once. The id is reserved
before the action runs, so that a try which died half-way is found by the next one, never done twice.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from config.errors import Conflict, Invalid, NotFound, Refused
from doors.authentication import caller
from doors.models import IdempotencyKey

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_FOR = timedelta(hours=24)
# A first try that has said nothing for so long is dead: a door answers, or its process ends, well before.
ABANDONED_AFTER = timedelta(seconds=120)


def reserved_id(request: Request) -> UUID:
    """The id to give to what this request creates; the same again when the request is repeated with its key."""
    reserved: UUID | None = getattr(request, "reserved_id", None)
    return reserved if reserved is not None else uuid.uuid4()


def idempotent(create: Callable[..., Response]) -> Callable[..., Response]:
    """Decorate a view's POST method. The view has `replay(request, resource, **kwargs)`; the answer carries an `id`,
    or a `resource` attribute on the Response where the id alone does not find it. Raises Invalid and Conflict."""

    @wraps(create)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return create(view, request, *args, **kwargs)
        if not _KEY.fullmatch(key):
            raise Invalid("idempotency_key_malformed", "Idempotency-Key: 1 to 255 visible ASCII characters.")
        record, fresh = _begin(request, key)
        request.reserved_id = record.reserved  # type: ignore[attr-defined]
        if not fresh:
            try:
                return _replayed(view, request, record, kwargs)
            except NotFound:
                if record.resource:
                    raise
                # The first try died before it made anything: do it now, under the same id.
        return _first(create, view, request, record, args, kwargs)

    return once


def _first(
    create: Callable[..., Response],
    view: Any,
    request: Request,
    record: IdempotencyKey,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Response:
    try:
        response = create(view, request, *args, **kwargs)
    except (Refused, NotFound, APIException):
        _release(record)
        raise
    except BaseException:
        _leave(record)
        raise
    resource = getattr(response, "resource", None) or _id_in(response.data)
    if not 200 <= response.status_code < 300 or resource is None:
        _release(record)
        return response
    IdempotencyKey.objects.filter(pk=record.pk).update(resource=str(resource), status=response.status_code)
    return response


def _release(record: IdempotencyKey) -> None:
    """Let the key go: what was refused is decided anew."""
    IdempotencyKey.objects.filter(pk=record.pk, resource="").delete()


def _leave(record: IdempotencyKey) -> None:
    """After a fault nobody knows whether the thing was made: let the next try look, at once, under the same id."""
    long_ago = timezone.now() - ABANDONED_AFTER - timedelta(seconds=1)
    IdempotencyKey.objects.filter(pk=record.pk, resource="").update(created_at=long_ago)


def _id_in(data: object) -> object:
    return data.get("id") if isinstance(data, Mapping) else None


def _replayed(view: Any, request: Request, record: IdempotencyKey, kwargs: dict[str, Any]) -> Response:
    response: Response = view.replay(request, record.resource or str(record.reserved), **kwargs)
    response.status_code = record.status or response.status_code
    response["Idempotency-Replayed"] = "true"
    if not record.resource:
        IdempotencyKey.objects.filter(pk=record.pk).update(resource=str(record.reserved), status=response.status_code)
    return response


def _begin(request: Request, key: str) -> tuple[IdempotencyKey, bool]:
    """Take the key, or find who has it. True when this request is the first."""
    fingerprint = fingerprint_of(request)
    scope = {
        "person": caller(request).user_id,
        "route": f"{request.method} {request.path}"[:500],
        "project": str(_body(request).get("project", ""))[:64],
        "key": key,
    }
    now = timezone.now()
    IdempotencyKey.objects.filter(**scope, created_at__lt=now - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            record = IdempotencyKey(**scope, fingerprint=fingerprint, reserved=uuid.uuid4(), created_at=now)
            record.save(force_insert=True)
            return record, True
    except IntegrityError:
        pass
    return _taken(scope, fingerprint), False


def _taken(scope: dict[str, Any], fingerprint: bytes) -> IdempotencyKey:
    record = IdempotencyKey.objects.filter(**scope).first()
    in_progress = Conflict(
        "idempotency_in_progress",
        "A request with this Idempotency-Key is under way.",
        remedy="Ask again in a second; the answer will be that request's.",
    )
    if record is None:
        # It was refused between our two looks.
        raise in_progress
    if bytes(record.fingerprint) != fingerprint:
        raise Conflict(
            "idempotency_key_reused",
            "This Idempotency-Key came before with another body.",
            remedy="Use a new key for a new request.",
        )
    if record.resource:
        return record
    now = timezone.now()
    # Compare and set: of several that find an abandoned try, one takes it over.
    taken = IdempotencyKey.objects.filter(
        pk=record.pk, resource="", created_at=record.created_at, created_at__lt=now - ABANDONED_AFTER
    ).update(created_at=now)
    if not taken:
        raise in_progress
    return record


def forget_old() -> int:
    """Remove the keys that no longer promise anything; how many."""
    removed, _ = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return removed


def forget_person(user_id: UUID) -> None:
    """Remove a person's keys, which tell in a digest what they asked for, in the caller's own transaction."""
    IdempotencyKey.objects.filter(person=user_id).delete()


def fingerprint_of(request: Request) -> bytes:
    """SHA-256 over the parsed body: fields by name, files by name, size and digest. Re-encoding changes nothing."""
    fields: dict[str, Any] = {}
    for name, value in _body(request).items():
        fields[name] = _file(value) if isinstance(value, UploadedFile) else value
    # json, for orjson writes no integer of more than 64 bits, and it is not here that one is refused.
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).digest()


def _body(request: Request) -> Mapping[str, Any]:
    # A request that says what it wants in its headers has them read into `told` before its method runs.
    data: object = getattr(request, "told", None) or request.data
    return data if isinstance(data, Mapping) else {}


def _file(file: "UploadedFile[Any]") -> dict[str, Any]:
    known = getattr(file, "sha256", None)
    if known is not None:
        # Sealed while it arrived: nothing of it is left here to read.
        return {"file": file.name, "size": file.size, "sha256": known}
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return {"file": file.name, "size": file.size, "sha256": digest.hexdigest()}
