"""Every setting is documented, and every documented one exists."""

import re

from audit.sequencer.settings import Settings as SequencerSettings
from config.environment import Settings
from tests.architecture.source import PLATFORM, ROOT

NAME = re.compile(r"BAILIWICK_[A-Z_]*[A-Z]")
ROW = re.compile(r"^\| `(BAILIWICK_[A-Z_]+)`", re.MULTILINE)


def settings() -> set[str]:
    return {f"BAILIWICK_{field.upper()}" for field in Settings.model_fields}


def test_every_setting_has_its_row_in_operations() -> None:
    document = (ROOT / "docs" / "operations.md").read_text()
    platform = document.partition("## Settings of the platform")[2].partition("\n## ")[0]
    assert sorted(ROW.findall(platform)) == sorted(settings())


def test_every_setting_of_the_sequencer_has_its_row_too() -> None:
    document = (ROOT / "docs" / "operations.md").read_text()
    part = document.partition("## Settings of the sequencer")[2].partition("\n## ")[0]
    assert sorted(ROW.findall(part)) == sorted(f"BAILIWICK_{name.upper()}" for name in SequencerSettings.model_fields)


def test_a_default_in_the_document_is_the_default() -> None:
    document = (ROOT / "docs" / "operations.md").read_text()
    for name, field in Settings.model_fields.items():
        row = next(line for line in document.splitlines() if line.startswith(f"| `BAILIWICK_{name.upper()}`"))
        default = row.split("|")[2].strip()
        if field.is_required():
            assert default == "required", row
        elif isinstance(field.default, bool):
            assert default == str(field.default).lower(), row
        elif isinstance(field.default, int):
            assert int(default) == field.default, row


def test_the_platform_reads_no_setting_beside_them() -> None:
    """What the environment says is read once, in config.environment; uv's process is handed its own variables."""
    for path in PLATFORM.rglob("*.py"):
        text = path.read_text()
        if path.name not in ("settings.py", "celery.py", "asgi.py", "uv.py"):
            assert "os.environ" not in text, path
        unknown = set(NAME.findall(text)) - settings()
        assert unknown == set(), path


def test_messages_name_settings_that_exist() -> None:
    for path in (PLATFORM / "config").rglob("*.py"):
        assert set(NAME.findall(path.read_text())) <= settings(), path
