"""An environment without packages of its own, and a folder that stands for a company's package mirror."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from catalogue import actions, store
from catalogue.models import Environment
from config.environment import Settings, settings
from gateways import uv

MATERIALS = [
    {"package": "base-files", "version": "12.4", "hash": f"sha256:{'0' * 64}", "kind": "deb"},
    {"package": "Built_In", "version": "1.5", "hash": f"sha256:{'1' * 64}", "kind": "wheel"},
]


def metadata(**changes: Any) -> dict[str, Any]:
    """What an image build says of its image; another digest each time."""
    return {
        "name": "python",
        "digest": f"sha256:{uuid.uuid4().hex}{uuid.uuid4().hex}",
        "python_version": "3.11",
        "platform": "x86_64-manylinux_2_36",
        "languages": ["python", "sql", "bash"],
        "sbom": MATERIALS,
        "rootfs": "/nowhere",
        "archive": "/nowhere.tar",
        **changes,
    }


@pytest.fixture
def environment(db: None) -> Environment:
    return actions.register_environment(metadata())


@pytest.fixture
def change_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Change settings of the package store and of uv; the state directory is the test's own."""

    def change(**changes: Any) -> None:
        changed: Settings = settings().model_copy(update={"var": tmp_path / "var", **changes})
        monkeypatch.setattr(uv, "settings", lambda: changed)
        monkeypatch.setattr(store, "settings", lambda: changed)

    change()
    return change


@pytest.fixture
def mirror(tmp_path: Path, change_settings: Callable[..., None]) -> Path:
    """A folder of wheels, and nothing else to get packages from."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    change_settings(package_index_url=SecretStr("none"), package_find_links=SecretStr(str(folder)))
    return folder
