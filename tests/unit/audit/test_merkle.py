"""The tree against published vectors, and against another implementation."""

import hashlib
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from audit import merkle, tiles
from audit.merkle import NotProved

# Certificate Transparency's reference vectors: merkle_tree_test.cc; transparency-dev/merkle, testonly/constants.go.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSIONS = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCIES = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


class Grown:
    """A tree that was grown in steps, as tiles."""

    def __init__(self) -> None:
        self.size = 0
        self.tiles: dict[tuple[int, int], bytes] = {}

    def add(self, entries: Sequence[bytes]) -> None:
        hashes = [merkle.leaf_hash(entry) for entry in entries]
        for level, number, found in list(tiles.grow(self.size, hashes, self.tile)):
            self.tiles[level, number] = found
        self.size += len(hashes)

    def tile(self, level: int, number: int) -> bytes:
        return self.tiles.get((level, number), b"")

    @property
    def subtree(self) -> merkle.Subtree:
        return tiles.subtrees(self.tile)


def grown(entries: Sequence[bytes], step: int = 1 << 30) -> Grown:
    tree = Grown()
    for first in range(0, len(entries), step):
        tree.add(entries[first : first + step])
    return tree


def test_the_hashes_of_certificate_transparency() -> None:
    assert merkle.root(0, grown([]).subtree).hex() == hashlib.sha256(b"").hexdigest()
    assert (
        merkle.leaf_hash(bytes(range(0x10, 0x20))).hex()
        == "3bfb960453ebaebf33727da7a1f4db38acc051d381b6da20d6d4e88f0eabfd7a"
    )
    assert (
        merkle.node_hash(bytes(range(32)), bytes(range(32, 64))).hex()
        == "1a378704c17da31e2d05b6d121c2bb2c7d76f6ee6fa8f983e596c2d034963c57"
    )


@pytest.mark.parametrize("step", [1, 3, 8])
def test_the_roots_of_certificate_transparency(step: int) -> None:
    tree = grown(LEAVES, step)
    assert [merkle.root(size, tree.subtree).hex() for size in range(1, 9)] == ROOTS


@pytest.mark.parametrize(("index", "size", "path"), INCLUSIONS)
def test_the_inclusion_proofs_of_certificate_transparency(index: int, size: int, path: list[str]) -> None:
    proof = merkle.inclusion_proof(index, size, grown(LEAVES).subtree)
    assert [each.hex() for each in proof] == path
    assert merkle.root_from_inclusion(index, size, merkle.leaf_hash(LEAVES[index]), proof).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("earlier", "size", "path"), CONSISTENCIES)
def test_the_consistency_proofs_of_certificate_transparency(earlier: int, size: int, path: list[str]) -> None:
    proof = merkle.consistency_proof(earlier, size, grown(LEAVES).subtree)
    assert [each.hex() for each in proof] == path
    merkle.verify_consistency(earlier, size, bytes.fromhex(ROOTS[earlier - 1]), bytes.fromhex(ROOTS[size - 1]), proof)


def test_every_proof_of_small_trees_holds_and_none_for_another_place() -> None:
    entries = [str(number).encode() for number in range(20)]
    tree = grown(entries)
    roots = [merkle.root(size, tree.subtree) for size in range(21)]
    for size in range(1, 21):
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, tree.subtree)
            for claimed in range(size):
                try:
                    led = merkle.root_from_inclusion(claimed, size, merkle.leaf_hash(entries[index]), proof)
                except NotProved:
                    continue
                assert (led == roots[size]) == (claimed == index)
        for earlier in range(1, size + 1):
            proof = merkle.consistency_proof(earlier, size, tree.subtree)
            merkle.verify_consistency(earlier, size, roots[earlier], roots[size], proof)
            for wrong in (proof[:-1], [*proof, roots[1]], [roots[3], *proof], [bytes(32) for _ in proof]):
                if wrong != proof:
                    with pytest.raises(NotProved):
                        merkle.verify_consistency(earlier, size, roots[earlier], roots[size], wrong)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 700), st.integers(1, 300), st.data())
def test_another_implementation_agrees(size: int, step: int, data: st.DataObject) -> None:
    entries = [f"entry {number}".encode() for number in range(size)]
    tree, other = grown(entries, step), InmemoryTree.init_from_entries(entries, algorithm="sha256")
    index = data.draw(st.integers(0, size - 1))
    earlier = data.draw(st.integers(1, size))
    root, earlier_root = other.get_root(), other.get_root(earlier)
    assert merkle.root(size, tree.subtree) == root
    assert merkle.root(earlier, tree.subtree) == earlier_root
    leaf, theirs = merkle.leaf_hash(entries[index]), other.prove_inclusion(index + 1)
    assert leaf == other.get_leaf(index + 1)
    verify_inclusion(leaf, root, theirs)
    ours = merkle.inclusion_proof(index, size, tree.subtree)
    # Theirs begins with the leaf itself.
    assert theirs.path[1:] == ours
    assert merkle.root_from_inclusion(index, size, leaf, theirs.path[1:]) == root
    verify_consistency(earlier_root, root, other.prove_consistency(earlier))
    mine = merkle.consistency_proof(earlier, size, tree.subtree)
    merkle.verify_consistency(earlier, size, earlier_root, root, mine)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2000), st.data())
def test_the_largest_complete_subtrees_cover_a_range_in_order(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, size))
    cover = list(merkle.complete_subtrees(first, size))
    begun = first
    for height, number in cover:
        assert number << height == begun
        begun += 1 << height
    assert begun == size
    for (height, number), (next_height, _) in itertools.pairwise(cover):
        # Two of one height would be halves of a larger one, unless the larger begins before the range.
        assert height != next_height or number & 1


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("0/000", tiles.Tile(0, 0)),
        ("0/x001/x234/067", tiles.Tile(0, 1234067)),
        ("entries/000.p/1", tiles.Tile(None, 0, 1)),
        ("63/999.p/255", tiles.Tile(63, 999, 255)),
    ],
)
def test_paths_of_tlog_tiles(path: str, tile: tiles.Tile) -> None:
    assert tiles.parse(path) == tile
    assert tile.path == path


@pytest.mark.parametrize(
    "path",
    ["", "0", "00/000", "64/000", "0/0", "0/1000", "0/x000/001", "0/001/002", "0/000.p/0", "0/000.p/256", "0/000.p/01",
     "-1/000", "entries/000/", "entries/000.p/", "0/٠٠٠", "0/000\n", "data/000"],
)  # fmt: skip
def test_nothing_else_is_a_tile(path: str) -> None:
    assert tiles.parse(path) is None


def test_the_tiles_of_the_specifications_example() -> None:
    tree = grown([b"x"] * 70_000)
    counts = {level: sum(1 for key in tree.tiles if key[0] == level) for level in range(4)}
    assert counts == {0: 274, 1: 2, 2: 1, 3: 0}
    widths = {key: len(found) // 32 for key, found in tree.tiles.items() if len(found) < 256 * 32}
    assert widths == {(0, 273): 112, (1, 1): 17, (2, 0): 1}


@given(st.data())
def test_a_proof_asks_for_no_tile_that_is_not_on_its_path(data: st.DataObject) -> None:
    """Hashes are all alike: which tiles are read depends on the place alone."""
    size = data.draw(st.integers(1, 1 << 26))
    index = data.draw(st.integers(0, size - 1))
    on_path = tiles.on_path(index, size)
    asked: set[tuple[int, int]] = set()

    def tile(level: int, number: int) -> bytes:
        asked.add((level, number))
        return bytes(tiles.HASH * tiles.WIDTH)

    merkle.inclusion_proof(index, size, tiles.subtrees(tile))
    assert asked <= on_path
    # Each exists in a tree of that size.
    assert all(tiles.Tile(level, number, 1).end <= size for level, number in on_path)
