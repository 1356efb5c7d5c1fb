"""Render the chart as helm does before it asks a cluster anything.

    .venv/bin/python -m tests.unit.charts.rendering

writes the compared files anew.
"""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.launch.state import BIN, ROOT

HERE = Path(__file__).parent
CHART = ROOT / "charts/bailiwick"
KUBERNETES = "1.34.4"
# What these refuse is tried out on a cluster, field by field.
ELSEWHERE = ("admission.yaml", "runtimeclasses.yaml")

Object = dict[str, Any]


class Refused(Exception):
    """Helm did not render; the text is what it said."""


def helm(*words: str) -> str:
    """What helm prints. Raises Refused."""
    done = subprocess.run([str(BIN / "helm"), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(done.stderr)
    return done.stdout


@cache
def rendered(values: str, *more: str) -> str:
    """The manifests of values that a file here holds, with further options. Raises Refused."""
    words = ["--namespace", "bailiwick", "--kube-version", KUBERNETES, "--values", str(HERE / f"{values}.values.yaml")]
    text = helm("template", "bailiwick", str(CHART), *words, *more)
    sources = [f"# Source: bailiwick/templates/{name}" for name in ELSEWHERE]
    parts = text.split("---\n")
    return "---\n".join(part for part in parts if part.strip() and not part.startswith(tuple(sources)))


def objects(values: str, *more: str) -> list[Object]:
    """The same, read."""
    return [item for item in yaml.safe_load_all(rendered(values, *more)) if item]


def golden(values: str) -> Path:
    """The file that the manifests are compared with."""
    return HERE / f"{values}.golden.yaml"


if __name__ == "__main__":
    for name in ("least", "most"):
        golden(name).write_text(rendered(name))
