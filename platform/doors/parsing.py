"""Strict input: one reading of every body, and a sentence for each that has none."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

import orjson
from rest_framework import serializers
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from config.environment import settings
from config.errors import Invalid, Reason, TooLarge


class _Duplicate(ValueError):
    """An object names a key twice."""


class StrictJSONParser(BaseParser):
    """One JSON object in UTF-8, each key once, no NaN, no NUL, within the size limit."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The object. Raises Invalid not_utf8, malformed_json or nul_character; TooLarge too_large."""
        limit = settings().body_max_bytes
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge("too_large", f"body: larger than the limit of {limit} bytes.", remedy="Send less at once.")
        return parse_object(body)


def parse_object(body: bytes) -> dict[str, Any]:
    """Read one strict JSON object. Raises Invalid."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(
            "not_utf8", f"body: not UTF-8 at byte {error.start}.", remedy="Encode the body, code included, as UTF-8."
        ) from None
    try:
        # orjson holds to RFC 8259: no NaN, no lone surrogates, bounded depth. Duplicate keys only json tells of.
        orjson.loads(body)
        value = json.loads(text, object_pairs_hook=_once)
    except _Duplicate as error:
        raise Invalid("malformed_json", f"body: the key {error} comes twice.") from None
    except (ValueError, RecursionError) as error:
        raise Invalid("malformed_json", f"body: not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise Invalid("malformed_json", "body: must be one JSON object.")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Duplicate(json.dumps(key[:100]))
        _refuse_nul(key)
        _refuse_nul(value)
        found[key] = value
    return found


def _refuse_nul(value: object) -> None:
    if isinstance(value, str) and "\x00" in value:
        raise Invalid("nul_character", "body: a text has a NUL character, which no field takes.")
    if isinstance(value, list):
        for inner in value:
            _refuse_nul(inner)


class StrictMultiPartParser(MultiPartParser):
    """Multipart with the same strictness for its text fields: UTF-8, each once."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles:  # type: ignore[type-arg]
        """The fields and files. Raises Invalid."""
        parsed = super().parse(stream, media_type, parser_context)
        for fields in (parsed.data, parsed.files):
            for key in fields:
                if len(fields.getlist(key)) != 1:
                    raise Invalid("malformed_multipart", f"{key}: comes more than once.")
        for key, value in parsed.data.items():
            if "\x00" in key or "\x00" in str(value):
                raise Invalid("nul_character", f"{key}: has a NUL character, which no field takes.")
            if "\ufffd" in str(value):
                raise Invalid("not_utf8", f"{key}: not UTF-8.", remedy="Encode the field as UTF-8.")
        return parsed


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that names the fields that it does not know, nested ones by their path."""

    def to_internal_value(self, data: Any) -> Any:
        """The validated fields. Raises Invalid unknown_field."""
        if isinstance(data, Mapping) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            self._refuse(unknown)
        return super().to_internal_value(data)

    def _refuse(self, unknown: list[str]) -> NoReturn:
        path = self._path()
        names = [f"{path}{name[:100]}" for name in unknown[:20]]
        raise Invalid(
            "unknown_field",
            f"{', '.join(names)}: not a field of this request.",
            remedy=f"Known fields: {', '.join(f'{path}{name}' for name in self.fields)}.",
            reasons=tuple(Reason("unknown_field", f"{name}: not a field of this request.") for name in names),
        )

    def _path(self) -> str:
        names = []
        field: Any = self
        while field is not None and getattr(field, "field_name", None):
            names.append(str(field.field_name))
            field = field.parent
        return "".join(f"{name}." for name in reversed(names))


def validated(serializer: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    """The serializer's clean data. Raises Invalid or a ValidationError that renders as code invalid."""
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
