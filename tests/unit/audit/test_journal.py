"""The journal of endings: one process alone appends it, so that its order stays."""

from pathlib import Path
from typing import Any

from audit import journal


def test_while_one_appends_nobody_else_does(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_JOURNAL = tmp_path
    entry = tmp_path / "1.json"
    entry.write_bytes(b"whoever reads this fails")
    with journal._alone() as alone:
        assert alone
        assert journal.append_journalled() == 0
    assert entry.exists()
    with journal._alone() as alone:
        assert alone
