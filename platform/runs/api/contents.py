"""Doors through which contents leave: artifacts, the notebook, live events."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from config.errors import BailiwickError, Invalid
from doors.authentication import caller
from doors.downloads import BYTES, INERT, NOTEBOOK, download
from gateways import blobs, events
from runs import actions, notebook, queries
from runs.actions.releasing import Release
from runs.api.watching import PAUSE_SECONDS, Watcher, frame
from runs.errors import policy_denied
from runs.models import Run
from runs.states import FINISHED


def _require(release: Release, run: Run) -> None:
    if not release.allowed:
        raise policy_denied(release.reasons, subject=f"run:{run.id}")


class ArtifactDownload(APIView):
    """One artifact of a run."""

    @extend_schema(
        operation_id="artifacts_retrieve",
        responses={(200, kind): OpenApiTypes.BINARY for kind in sorted(INERT | {BYTES})},
    )
    def get(self, request: Request, run_id: UUID, name: str) -> StreamingHttpResponse:
        """The newest artifact of that name, as an attachment."""
        by = caller(request)
        found = queries.artifact(by, run_id, name)
        release = actions.release_as_file(
            found.run,
            what="artifact",
            media_types=[found.media_type],
            size=found.blob.size,
            by=by,
        )
        _require(release, found.run)
        chunks = blobs.read(found.blob.name, bytes(found.blob.wrapped_key or b""))
        return download(chunks, name=name.rpartition("/")[2], media_type=found.media_type, size=found.blob.size)


class Notebook(APIView):
    """A run as a notebook."""

    @extend_schema(operation_id="notebook_retrieve", responses={(200, NOTEBOOK): OpenApiTypes.OBJECT})
    def get(self, request: Request, run_id: UUID) -> StreamingHttpResponse:
        """The run's cells and outputs as an nbformat 4 notebook, as an attachment."""
        by = caller(request)
        run = queries.run(by, run_id)
        cells = list(queries.executions_of(run))
        release = actions.release_as_file(
            run,
            what="notebook",
            media_types={kind for cell in cells for kind in cell.output_media_types},
            size=sum(cell.outputs.size for cell in cells if cell.outputs),
            by=by,
        )
        _require(release, run)
        return download(notebook.encoded(run, cells, release), name=f"run-{run.id}.ipynb", media_type=NOTEBOOK)


class Events(APIView):
    """What happens to a run, as it happens."""

    @extend_schema(
        operation_id="runs_events",
        parameters=[
            OpenApiParameter("Last-Event-ID", str, OpenApiParameter.HEADER, description="Resume after this event.")
        ],
        responses={(200, "text/event-stream"): OpenApiTypes.STR},
    )
    def get(self, request: Request, run_id: UUID) -> StreamingHttpResponse:
        """Server-sent events `run`, `execution`, `output` and `withheld`; authorised again every 15 seconds."""
        by = caller(request)
        run = queries.run(by, run_id)
        watcher = Watcher(run, by)
        after = request.headers.get("Last-Event-ID", "0")
        if not _is_stream_id(after):
            raise Invalid("invalid_event_id", "Last-Event-ID: not one that this stream gave.")
        response = StreamingHttpResponse(_stream(run, watcher, after), content_type="text/event-stream")
        response["Cache-Control"] = "no-store"
        response["X-Accel-Buffering"] = "no"
        return response


def _is_stream_id(text: str) -> bool:
    first, dash, second = text.partition("-")
    return _is_number(first) and (not dash or _is_number(second))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20 and int(text) < 1 << 64


async def _stream(run: Run, watcher: Watcher, after: str) -> AsyncIterator[bytes]:
    told = {"state": str(run.state), "ended_code": run.ended_code}
    yield frame("run", told, None)
    async for batch in events.follow(run.id, after, pause=PAUSE_SECONDS):
        if watcher.due:
            try:
                await sync_to_async(watcher.authorise_again)()
            except BailiwickError as refusal:
                yield frame("refused", {"code": refusal.code}, None)
                return
        if batch:
            for made in await sync_to_async(watcher.frames)(batch):
                yield made
            told = next((event.data for event in reversed(batch) if event.kind == "run"), told)
            if told["state"] in FINISHED:
                return
            continue
        yield b": still here\n\n"
        # An event may have been lost on its way; the record never is.
        now = await sync_to_async(_standing)(run.id)
        if now != told:
            told = now
            yield frame("run", now, None)
        if now["state"] in FINISHED:
            return


def _standing(run_id: UUID) -> dict[str, Any]:
    return {**Run.objects.values("state", "ended_code").get(pk=run_id)}
