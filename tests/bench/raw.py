"""`runsc run` of the same code without any of the platform: what a sandbox costs by itself."""

import json
import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from tools.launch.sandboxd import image
from tools.launch.state import BIN

PYTHONPATH = "/opt/bailiwick/site:/opt/bailiwick"


class Raw:
    """Runs one command in a new sandbox of the environment image, as root, without limits or probes."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bailiwick-raw-"))
        self.rootfs, _ = image()

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.folder)

    def python(self, code: str, *, shared: Path | None = None) -> str:
        """What the code prints; `shared` is mounted at /workspace."""
        bundle = self.folder / uuid.uuid4().hex
        bundle.mkdir()
        (bundle / "config.json").write_text(json.dumps(self._config(code, shared)))
        argv = [str(BIN / "runsc"), f"--root={self.folder / 'state'}", "--network=none", "--platform=systrap"]
        argv += [
            "--ignore-cgroups",
            *(["--rootless"] if os.geteuid() else []),
            "run",
            f"--bundle={bundle}",
            bundle.name,
        ]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        shutil.rmtree(bundle)
        if done.returncode:
            raise RuntimeError(f"runsc run ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def _config(self, code: str, shared: Path | None) -> dict[str, object]:
        mounts: list[dict[str, object]] = [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"},
        ]
        if shared:
            mounts.append({"destination": "/workspace", "type": "bind", "source": str(shared), "options": ["rw"]})
        env = ["PATH=/usr/bin:/bin", f"PYTHONPATH={PYTHONPATH}", "HOME=/tmp"]
        return {
            "ociVersion": "1.0.0",
            "process": {"args": ["python3", "-c", code], "env": env, "cwd": "/", "user": {"uid": 0, "gid": 0}},
            "root": {"path": self.rootfs, "readonly": True},
            "mounts": mounts,
            "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount", "network")]},
        }
