"""A second verifier of a project's exports, written from docs/audit.md alone: it imports nothing of ours.

It says yes or no. Where it and `audit.verifier` disagree, one of the two, or the document, is wrong.
"""

import base64
import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class No(Exception):
    """It is not verified."""


def require(true: bool, why: str) -> None:
    if not true:
        raise No(why)


def keys_of(lines: str) -> dict[str, list[bytes]]:
    """The key file: name → public keys."""
    found: dict[str, list[bytes]] = {}
    for line in lines.splitlines():
        if line and not line.startswith("#"):
            name, rest = line.split("+", 1)
            key_id, encoded = rest.split("+", 1)
            raw = base64.b64decode(encoded, validate=True)
            require(raw[0] == 1, "no Ed25519 key")
            require(hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() == key_id, "a key's id")
            found.setdefault(name, []).append(raw[1:])
    return found


def opened(note: bytes, name: str, keys: Mapping[str, list[bytes]]) -> list[str]:
    """The lines of a signed note that a key of that name signed."""
    text, _, signatures = note.partition(b"\n\n")
    text += b"\n"
    good = False
    require(signatures.endswith(b"\n"), "the note ends in the middle of a line")
    for line in signatures.decode().split("\n")[:-1]:
        dash, signer, encoded = line.split(" ")
        raw = base64.b64decode(encoded, validate=True)
        require(dash == "—" and base64.b64encode(raw).decode() == encoded, "a signature's line")
        for public in keys.get(name, []) if signer == name else []:
            if raw[:4] == hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]:
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text)
                except InvalidSignature:
                    raise No(f"a signature of {name}") from None
                good = True
    require(good, f"no signature by {name}")
    return text.decode().split("\n")[:-1]


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def covering(first: int, end: int) -> Iterator[tuple[int, int]]:
    """The largest complete subtrees that cover [first, end), from the left: where each begins, and its size."""
    while first < end:
        size = first & -first if first else 1 << (end - first).bit_length() - 1
        while first + size > end:
            size //= 2
        yield first, size
        first += size


def root_of(parts: Sequence[tuple[int, int, bytes]]) -> bytes:
    stack: list[tuple[int, int, bytes]] = []
    for part in parts:
        stack.append(part)
        while len(stack) > 1 and stack[-1][1] == stack[-2][1] and stack[-2][0] % (2 * stack[-2][1]) == 0:
            (first, size, left), (_, _, right) = stack[-2:]
            stack[-2:] = [(first, 2 * size, node(left, right))]
    if not stack:
        return hashlib.sha256().digest()
    while len(stack) > 1:
        (first, size, left), (_, more, right) = stack[-2:]
        stack[-2:] = [(first, size + more, node(left, right))]
    return stack[0][2]


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files of the archive, which is laid out in the one way."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {each.filename: archive.read(each) for each in archive.infolist()}
    except Exception as fault:
        raise No(f"no archive: {fault}") from None
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w") as archive:
        for name, content in files.items():
            with archive.open(zipfile.ZipInfo(name), "w") as file:
                file.write(content)
    require(again.getvalue() == data, "the archive is laid out in another way")
    return files


def verify(data: bytes, key_file: str) -> dict[str, Any]:
    """The manifest of a bundle that verifies. Raises No, and whatever a malformed one makes Python raise."""
    keys, files = keys_of(key_file), unpacked(data)
    (exporter,) = [name for name in keys if name.endswith("/exports")]
    body = files.pop("manifest.json")
    form, digest = opened(files.pop("manifest.sig"), exporter, keys)
    require(form == "bailiwick-export/v1", "the form")
    require(base64.b64decode(digest) == hashlib.sha256(body).digest(), "the manifest")
    manifest: dict[str, Any] = json.loads(body)
    origin = manifest["origin"]
    require(exporter == f"{origin.split('/project/')[0]}/exports", "the exporter is another installation's")
    require([each["name"] for each in manifest["files"]] == list(files), "the files")
    for each in manifest["files"]:
        content = files[each["name"]]
        require(each["size"] == len(content) and each["sha256"] == hashlib.sha256(content).hexdigest(), each["name"])
    require(
        opened(files["checkpoint"], origin, keys)
        == [origin, str(manifest["size"]), base64.b64encode(bytes.fromhex(manifest["root"])).decode()],
        "the checkpoint",
    )
    hashes = _tree(manifest, files)
    _entries(manifest, files, hashes)
    return manifest


def _joined(files: Mapping[str, bytes], kind: str, first: int, end: int) -> bytes:
    """What lies in a kind's files, one after another without a gap."""
    found = b""
    for name, content in files.items():
        if name.startswith(f"{kind}/"):
            begins, ends = map(int, name.removeprefix(f"{kind}/").split("-"))
            require(begins == first and ends <= end, f"{name} does not follow")
            first, found = ends, found + content
    require(first == end, f"{kind} are missing")
    return found


def _tree(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> list[bytes]:
    first, end = manifest["range"]
    joined = _joined(files, "hashes", first, end)
    require(len(joined) == 32 * (end - first), "hashes")
    hashes = [joined[at : at + 32] for at in range(0, len(joined), 32)]
    sides = []
    for side, place in (("left", (0, first)), ("right", (end, manifest["size"]))):
        roots = [bytes.fromhex(each) for each in manifest[side]]
        sides.append([(*each, root) for each, root in zip(covering(*place), roots, strict=True)])
    leaves = [(index, 1, each) for index, each in enumerate(hashes, first)]
    require(root_of([*sides[0], *leaves, *sides[1]]).hex() == manifest["root"], "the root")
    return hashes


def _entries(manifest: Mapping[str, Any], files: Mapping[str, bytes], hashes: Sequence[bytes]) -> None:
    first, end = manifest["range"]
    joined, lines = _joined(files, "entries", first, end), _joined(files, "payloads", first, end).splitlines()
    payloads = [json.loads(line) for line in lines]
    seen, erased, named = set(), set(), set()
    wanted: list[tuple[int, int, str]] = []
    headers: dict[int, Any] = {}
    for index, leaf in enumerate(hashes, first):
        length = int.from_bytes(joined[:2], "big")
        entry, joined = joined[2 : 2 + length], joined[2 + length :]
        require(hashlib.sha256(b"\0" + entry).digest() == leaf, f"entry {index}")
        header = headers[index] = json.loads(entry)
        spelled = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        require(spelled == entry, f"entry {index} has another spelling")
        require(header["tenant"] == manifest["origin"].rpartition("/")[2] and header["id"] not in seen, "whose it is")
        seen.add(header["id"])
        wanted += [(index, 0, field) for field in sorted(header.get("sealed", {}))]
        if header["event"] == "audit:subject:erased":
            erased |= set(header["facts"]["keys"])
    require(joined == b"", "entries without a hash")
    there = [(each["index"], int("commitment" in each), each.get("field", each.get("commitment"))) for each in payloads]
    require(there == sorted(there) and [each for each in there if not each[1]] == wanted, "payloads")
    counts = {"sealed": len(wanted), "opened": 0, "erased": 0, "closed": 0}
    for each in payloads:
        header = headers[each["index"]]
        if "commitment" in each:
            committed, digest = header["commitments"][each["commitment"]], bytes.fromhex(each["sha256"])
            named.add(each["sha256"])
            _open(committed, each["salt"], digest)
            continue
        told, way = header["sealed"][each["field"]], each["opened"]
        sealed = base64.b64decode(each["sealed"], validate=True)
        require(hashlib.sha256(sealed).hexdigest() == told["digest"], "sealed bytes")
        if way is not None:
            _open(told["commitment"], way["salt"], hashlib.sha256(base64.b64decode(way["content"])).digest())
        counts["opened" if way is not None else "erased" if told["key"] in erased else "closed"] += 1
    claimed = manifest["about"].get("counts", counts)
    require(all(claimed[name] == count for name, count in counts.items()), "the counts")
    policies = set((manifest["about"].get("policies") or {}).values())
    for name, content in files.items():
        if name.startswith("blobs/"):
            of_it = hashlib.sha256(content).hexdigest()
            require(name == f"blobs/{of_it}" and of_it in named | policies, name)


def _open(commitment: str, salt: str, digest: bytes) -> None:
    require(hmac.digest(bytes.fromhex(salt), digest, "sha256").hex() == commitment, "an opening")
