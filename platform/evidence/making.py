"""A worker's work on one export: file by file, each kept sealed once it is made, from where the last one left off."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import identity.queries
from audit import bundle, tree, viewing
from audit.archive import LIMIT, Measured, Stored
from audit.bundle import Contents, Earlier
from audit.canonical import JSON
from audit.reading import Counts, Seen, seen
from audit.tree import Head
from audit.viewing import Told
from evidence import actions, contents, queries
from evidence.actions.asking import filter_of
from evidence.actions.making import Made
from evidence.contents import Committed
from evidence.models import Export
from evidence.queries import Part
from evidence.times import text_of
from gateways import blobs
from gateways.blobs import Sealed
from identity.callers import Caller
from runs.actions.keeping import discard

SHOW_EVERY = 0.5
# How many of the contents that are left out the manifest names; it counts all.
MOST_WITHHELD = 1000


@dataclass
class Progress:
    """Shows how far the work is, and finds out if another worker has taken it over."""

    export: Export
    done: int = 0
    _shown: float = field(default_factory=time.monotonic)

    def __call__(self, steps: int = 0) -> None:
        """So many steps are done. Raises Overtaken."""
        self.done += steps
        if time.monotonic() - self._shown > SHOW_EVERY:
            actions.show_progress(self.export, self.done)
            self._shown = time.monotonic()

    def watching(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass a content on; as long as it flows, the worker lives."""
        for chunk in chunks:
            yield chunk
            self()


def make(export: Export, head: Head) -> None:
    """Make the bundle, or what is left to be made of it, and record it. Raises Overtaken."""
    progress = Progress(export)
    if export.steps is None:
        _narrow(export, head, progress)
    work = _Work(export, head, identity.queries.caller_for(export.owner), progress)
    work.pieces()
    work.proofs()
    counts = work.counts()
    policies = work.policies(counts)
    work.views(counts)
    sealed = work.assembled(counts, policies)
    try:
        actions.finish(export, sealed)
    except BaseException:
        discard([sealed])
        raise


def _narrow(export: Export, head: Head, progress: Callable[[], None]) -> None:
    """Find the range that the dates choose."""
    asked, end = filter_of(export), export.end or 0
    first = export.first
    if asked.since or asked.until:
        first, end = tree.recorded_between(head, first, end, asked.since, asked.until, progress)
    # Every entry is written, counted, shown in each view, and packed.
    actions.narrow(export, first, end, max(1, end - first) * (3 + len(export.views)))


class _Work:
    def __init__(self, export: Export, head: Head, by: Caller, progress: Progress) -> None:
        self._export, self._by, self._progress = export, by, progress
        self._committed = Committed()
        last = queries.before(export)
        assert export.end is not None
        self._contents = Contents(
            export=export.pk,
            head=head,
            first=export.first,
            end=export.end,
            earlier=Earlier(last.log_size, bytes(last.log_root)) if last and last.log_size and last.log_root else None,
            filter=filter_of(export),
            opens=export.opens,
            openings=self._committed,
        )

    # ---- what is made of the log ----

    def pieces(self) -> None:
        """The entries with what belongs to them, piece by piece."""
        done = self._made()[1]
        self._progress(done - self._export.first)
        for first, end in bundle.chunks(self._contents, done):
            self._committed.contents.clear()
            self._committed.inputs.clear()
            self._keep(bundle.files(self._contents, first, end), end - first, contents=self._export.with_blobs)

    def proofs(self) -> None:
        """The checkpoint, with the meta-log's word for it."""
        if not queries.names_made(self._export, [bundle.CHECKPOINT]):
            self._keep((name, [content]) for name, content in bundle.proofs(self._contents.head))

    def _keep(self, files: Iterable[tuple[str, Iterable[bytes]]], steps: int = 0, *, contents: bool = False) -> None:
        """Seal files and keep them, with the contents that belong to them: all or none."""
        made: list[Made] = []
        try:
            for name, chunks in files:
                measured = Measured(self._progress.watching(chunks))
                sealed = blobs.write(measured, limit=LIMIT)
                made.append(Made(name, measured.crc, sealed))
            more, refused = self._released() if contents else ([], [])
            made += more
            self._progress(steps)
            actions.keep_files(self._export, made, refused, self._progress.done)
        except BaseException:
            discard(file.content for file in made if isinstance(file.content, Sealed))
            raise

    def _released(self) -> tuple[list[Made], list[actions.Refusal]]:
        return contents.released(self._export, self._committed, self._by)

    # ---- what is made of that ----

    def _made(self) -> tuple[dict[str, Part], int]:
        """What is made, by name, and up to which index."""
        parts = {part.name: part for part in queries.parts_of(self._export)}
        ends = [int(name.rpartition("-")[2]) for name in parts if name.startswith("entries/")]
        return parts, max(ends, default=self._export.first)

    def _seen(self) -> Iterator[Seen]:
        """Every entry as the bundle shows it."""
        parts, _ = self._made()
        for name in parts:
            kind, _, chunk = name.partition("/")
            if kind == "entries":
                first, end = map(int, chunk.split("-"))
                read = (_read(parts[name]), _read(parts[f"payloads/{chunk}"]))
                yield from seen(first, *read, self._contents.filter)
                self._progress(end - first)

    def counts(self) -> Counts:
        """What all entries come to."""
        counts = Counts()
        for one in self._seen():
            counts.take(one)
        return counts

    def policies(self, counts: Counts) -> dict[str, JSON]:
        """Keep the bundles of the policies that entries name; where each lies, or None if it was never kept."""
        found = queries.policies(counts.revisions)
        names = {revision: f"blobs/{bytes(blob.sha256).hex()}" for revision, blob in found.items()}
        have = queries.names_made(self._export, names.values())
        made = []
        for revision, name in names.items():
            if name not in have:
                measured = Measured(blobs.read(found[revision].name, bytes(found[revision].wrapped_key or b"")))
                for _ in measured:
                    pass
                made.append(Made(name, measured.crc, found[revision]))
                have.add(name)
        actions.keep_files(self._export, made, [], self._progress.done)
        return {revision: names[revision][6:] if revision in names else None for revision in sorted(counts.revisions)}

    def views(self, counts: Counts) -> None:
        """The views that were asked for, each whole or not at all."""
        export, head = self._export, self._contents.head
        told = Told(
            export=str(export.pk),
            asked_at=text_of(export.created_at) or "",
            project=str(export.project_id),
            origin=head.origin,
            first=self._contents.first,
            end=self._contents.end,
            size=head.size,
            root=head.root.hex(),
            filter=self._contents.filter,
            counts=counts,
        )
        for name in export.views:
            view = viewing.known()[name]
            if queries.names_made(export, [f"views/{view.FILE}"]):
                self._progress(self._contents.end - self._contents.first)
            else:
                self._keep(viewing.files(view, told, (one for one in self._seen() if one.taken)))

    def assembled(self, counts: Counts, policies: dict[str, JSON]) -> Sealed:
        """The bundle, sealed."""
        # What was erased since it was made a part is left out.
        parts = {name: part for name, part in self._made()[0].items() if part.wrapped_key is not None}
        about = self._about(counts, policies, parts)
        made = [Stored(part.name, part.size, part.crc, bytes(part.sha256)) for part in parts.values()]

        def read(file: Stored) -> Iterator[bytes]:
            yield from _read(parts[file.name])
            if file.name.startswith("entries/"):
                first, end = map(int, file.name.partition("/")[2].split("-"))
                self._progress(end - first)

        return blobs.write(self._progress.watching(bundle.assembled(self._contents, made, read, about)))

    def _about(self, counts: Counts, policies: dict[str, JSON], parts: dict[str, Part]) -> dict[str, JSON]:
        export = self._export
        withheld, total = queries.withheld(export, MOST_WITHHELD)
        versions: dict[str, dict[str, JSON]] = {}
        for (event, version), number in sorted(counts.versions.items()):
            versions.setdefault(event, {})[str(version)] = number
        bundles = {f"blobs/{digest}" for digest in policies.values() if digest}
        contents = sum(name.startswith("blobs/") and name not in bundles for name in parts)
        return {
            "counts": counts.told | {"contents": contents, "withheld": total},
            "filter": self._contents.filter.told,
            "payloads": {
                "decision": str(export.payload_decision) if export.payload_decision else None,
                "outcome": export.payload_outcome,
            },
            "policies": policies,
            "versions": {"events": versions}
            | {f"views/{view.FILE}": view.VERSION for view in map(viewing.known().__getitem__, export.views)},
            "withheld": [
                {
                    "contents": each.contents,
                    "reasons": each.reasons,
                    "subject": each.subject,
                    "what": each.what,
                }
                for each in withheld
            ],
        }


def _read(part: Part) -> Iterator[bytes]:
    return blobs.read(part.place, bytes(part.wrapped_key or b""))
