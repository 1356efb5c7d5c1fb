"""The verifier as a person starts it: files in, a report out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audit import verifier
from tests.unit.audit.bundles import key_lines


def told(
    folder: Path,
    bundle: bytes,
    *,
    keys: str | None = None,
    policy: str | None = None,
    previous: bytes | None = None,
    words: Sequence[str] = (),
) -> dict[str, Any]:
    """The report on a bundle."""
    command: list[str] = [*words, kept(folder, "bundle.zip", bundle)]
    command += ["--key", kept(folder, "keys", (key_lines() if keys is None else keys).encode())]
    command += [] if policy is None else ["--witness-policy", kept(folder, "policy", policy.encode())]
    command += [] if previous is None else ["--previous", kept(folder, "previous.zip", previous)]
    found = verifier.run(verifier.arguments(command))
    assert found.keys() == verifier.report(0).keys(), "one shape"
    assert found["result"] == verifier.RESULTS[found["exit"]]
    assert found["exit"] == 0 or (found["message"] and found["next"]), "says what, and what to do"
    verifier.as_text(found)
    return found


def kept(folder: Path, name: str, data: bytes) -> str:
    """The path of a file with this content."""
    path = folder / name
    path.write_bytes(data)
    return str(path)
