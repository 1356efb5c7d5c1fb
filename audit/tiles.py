"""Tiles as C2SP's tlog-tiles lays them out: 256 hashes each, one for a complete tile of the level below."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from audit.merkle import Subtree, node_hash

WIDTH = 256
HEIGHT = 8
HASH = 32
_PATH = re.compile(
    r"(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/(?P<number>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?"
)


@dataclass(frozen=True)
class Tile:
    """A tile by its place. `level` is None for a bundle of entries; `width` counts its hashes or entries."""

    level: int | None
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Below `<prefix>/tile/`."""
        level = "entries" if self.level is None else str(self.level)
        return f"{level}/{number_path(self.number)}" + (f".p/{self.width}" if self.width < WIDTH else "")

    @property
    def end(self) -> int:
        """The tree's size from which on this tile exists."""
        return (self.number * WIDTH + self.width) << HEIGHT * (self.level or 0)


def number_path(number: int) -> str:
    """1234067 is x001/x234/067."""
    parts = [f"{number % 1000:03d}"]
    while number := number // 1000:
        parts.insert(0, f"x{number % 1000:03d}")
    return "/".join(parts)


def parse(path: str) -> Tile | None:
    """The tile of a path, or None for anything that is not the one spelling of one."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    number = int(found["number"].replace("x", "").replace("/", ""))
    width = WIDTH if found["width"] is None else int(found["width"])
    tile = Tile(None if found["level"] == "entries" else int(found["level"]), number, width)
    return tile if width and tile.path == path else None


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after another, each after its length in two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def on_path(index: int, size: int) -> set[tuple[int, int]]:
    """The level and number of each tile that a proof of that index in a tree of that size is made of."""
    found: set[tuple[int, int]] = set()
    level = 0
    while last := size >> HEIGHT * level:
        found |= {(level, index >> HEIGHT * (level + 1)), (level, (last - 1) // WIDTH)}
        level += 1
    return found


def subtrees(tile: Callable[[int, int], bytes]) -> Subtree:
    """Complete subtrees from tiles, which are asked for by level and number."""

    def subtree(height: int, number: int) -> bytes:
        level, inside = divmod(height, HEIGHT)
        first = number << inside
        hashes = tile(level, first // WIDTH)
        at = first % WIDTH * HASH
        found = [hashes[at + HASH * each : at + HASH * (each + 1)] for each in range(1 << inside)]
        if any(len(each) != HASH for each in found):
            raise LookupError(f"the tile {level}/{first // WIDTH} lacks hashes")
        while len(found) > 1:
            found = [node_hash(left, right) for left, right in zip(found[::2], found[1::2], strict=True)]
        return found[0]

    return subtree


def grow(size: int, leaves: list[bytes], tile: Callable[[int, int], bytes]) -> Iterator[tuple[int, int, bytes]]:
    """The tiles (level, number, hashes) that change when leaves are added to a tree of that size.

    `tile` gives the present hashes of a tile, which may be none.
    """
    level, added = 0, leaves
    while added:
        above: list[bytes] = []
        number, filled = divmod(size, WIDTH)
        hashes = tile(level, number)[: filled * HASH] if filled else b""
        if len(hashes) != filled * HASH:
            raise LookupError(f"the tile {level}/{number} lacks hashes")
        while added:
            room = WIDTH - len(hashes) // HASH
            hashes += b"".join(added[:room])
            added = added[room:]
            yield level, number, hashes
            if len(hashes) == WIDTH * HASH:
                above.append(_top(hashes))
                number, hashes = number + 1, b""
        level, size, added = level + 1, size // WIDTH, above


def _top(hashes: bytes) -> bytes:
    found = [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
    while len(found) > 1:
        found = [node_hash(left, right) for left, right in zip(found[::2], found[1::2], strict=True)]
    return found[0]
