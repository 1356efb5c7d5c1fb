"""Files on their way in: sealed while they arrive, refused at the limit, and never kept in plain."""

import queue
import threading
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from rest_framework.parsers import BaseParser, DataAndFiles

from config.environment import settings
from config.errors import Invalid, TooLarge
from config.verdicts import Denied
from gateways import blobs
from gateways.blobs import Sealed
from runs import actions, rules
from runs.errors import file_too_large

_WAITING_CHUNKS = 16


class SealedUpload(UploadedFile):  # type: ignore[type-arg]
    """An uploaded file that lies in the blob store already. `sha256` is that of its plain content, in hex."""

    def __init__(self, name: str, sealed: Sealed, field_name: str) -> None:
        super().__init__(None, name, size=sealed.size)
        self.sealed = sealed
        self.sha256 = sealed.sha256.hex()
        self.field_name = field_name
        self.taken = False

    def close(self) -> None:
        """There is nothing open: Django closes what came when a body turns out to be malformed."""


class SealingHandler(FileUploadHandler):
    """Passes what arrives to the blob store's own thread, which pulls."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.uploads: list[SealedUpload] = []
        self._chunks: queue.Queue[bytes | None] = queue.Queue(_WAITING_CHUNKS)
        self._thread: threading.Thread | None = None
        self._sealed: Sealed | None = None
        self._fault: BaseException | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin one file."""
        super().new_file(*args, **kwargs)
        if self._thread is not None:
            raise Invalid("one_file_only", "file: send one file at a time.")
        self._thread = threading.Thread(target=self._seal, name="sealing", daemon=True)
        self._thread.start()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take one chunk. Raises what the store raised."""
        self._put(raw_data)

    def file_complete(self, file_size: int) -> SealedUpload:
        """End the file. Raises what the store raised."""
        self._put(None)
        if self._thread is not None:
            self._thread.join()
        if self._fault is not None or self._sealed is None:
            raise self._fault or RuntimeError("the store gave nothing back")
        upload = SealedUpload(self.file_name or "", self._sealed, self.field_name or "")
        self.uploads.append(upload)
        return upload

    def upload_interrupted(self) -> None:
        """The client went away, or the request was refused half-way."""
        self.abandon()

    def abandon(self) -> None:
        """Stop a sealing that will not be completed, and remove what no file names."""
        if self._thread is not None and self._thread.is_alive():
            self._aborted = True
            self._put_last()
            self._thread.join()
        taken = {upload.sealed.name for upload in self.uploads if upload.taken}
        if self._sealed is not None and self._sealed.name not in taken:
            actions.discard([self._sealed])

    _aborted = False

    def _put(self, chunk: bytes | None) -> None:
        while True:
            if self._fault is not None:
                raise self._fault
            try:
                self._chunks.put(chunk, timeout=1)
                return
            except queue.Full:
                continue

    def _put_last(self) -> None:
        while self._thread is not None and self._thread.is_alive():
            try:
                self._chunks.put(None, timeout=0.2)
                return
            except queue.Full:
                continue

    def _pull(self) -> Iterator[bytes]:
        while (chunk := self._chunks.get()) is not None:
            yield chunk
        if self._aborted:
            raise ConnectionAbortedError("the upload was abandoned")

    def _seal(self) -> None:
        try:
            self._sealed = blobs.write(self._pull(), limit=settings().upload_max_bytes)
        except TooLarge:
            self._fault = file_too_large(settings().upload_max_bytes)
        except BaseException as fault:
            self._fault = fault


class _StrictNames(MultiPartParser):
    """Django's parser, but a name with path parts is refused instead of cut."""

    def sanitize_file_name(self, file_name: str) -> str:
        """The name as sent. Raises Invalid."""
        verdict = rules.may_name_file(file_name)
        if isinstance(verdict, Denied):
            raise Invalid(verdict.code, verdict.message, remedy=verdict.remedy)
        return file_name


class UploadParser(BaseParser):
    """multipart/form-data with one file; its content is sealed on the way in."""

    media_type = "multipart/form-data"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Fields and the sealed file. Raises Invalid or TooLarge."""
        request: HttpRequest = (parser_context or {})["request"]
        meta = request.META.copy()
        meta["CONTENT_TYPE"] = media_type
        try:
            parser = _StrictNames(meta, stream, request.upload_handlers, "utf-8")  # type: ignore[arg-type]
            data, files = parser.parse()
        except MultiPartParserError as fault:
            raise Invalid("malformed_multipart", f"body: not multipart/form-data: {fault}.") from None
        for fields in (data, files):
            for key in fields:
                if len(fields.getlist(key)) != 1:
                    raise Invalid("malformed_multipart", f"{key}: comes more than once.")
        return DataAndFiles(data, files)
