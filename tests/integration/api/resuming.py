"""An analyst who uploads a file in pieces, request by request, and everybody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.environment import settings as configuration
from identity.models import Project
from identity.states import Role
from runs.models import Blob
from tests.people import Person, make_person, make_project, model_of
from tests.tus import PIECE, VERSION, creation

CONTENT = b"secret-0451," * 10_000


@dataclass(frozen=True)
class Scene:
    """An analyst and everybody else."""

    project: Project
    people: dict[str, Person]


@contextmanager
def set_up() -> Iterator[Scene]:
    """The scene, and afterwards a look whether every content that is left has its row."""
    project = make_project()
    owner = make_person((project, Role.ANALYST))
    people = {
        "owner": owner,
        "model": model_of(owner),
        "colleague": make_person((project, Role.ANALYST)),
        "reviewer": make_person((project, Role.REVIEWER)),
        "outsider": make_person((make_project(), Role.ANALYST)),
    }
    before = stored()
    yield Scene(project, people)
    named = set(Blob.objects.values_list("name", flat=True))
    assert {name for name in stored() - before if name not in named} == set()


def store() -> Path:
    """Where contents lie."""
    return configuration().var / "blobs"


def stored() -> set[str]:
    """The names of all contents in the store."""
    return {str(path.relative_to(store())) for path in store().rglob("*") if path.is_file()}


def begin(scene: Scene, size: int = len(CONTENT), name: str = "data.csv", *, who: str = "owner", **headers: Any) -> Any:
    given = creation(scene.project.pk, name, size) | headers
    return scene.people[who].client().post("/api/v1/uploads", headers=given)


def begun(scene: Scene, size: int = len(CONTENT), *, who: str = "owner") -> str:
    answer = begin(scene, size, who=who)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def piece(scene: Scene, upload: str, offset: int, content: bytes, *, who: str = "owner", **headers: Any) -> Any:
    given = {**VERSION, "Upload-Offset": str(offset), **headers}
    client: Any = scene.people[who].client()
    return client.generic("PATCH", f"/api/v1/uploads/{upload}", content, content_type=PIECE, headers=given)


def head(scene: Scene, upload: str, *, who: str = "owner") -> Any:
    return scene.people[who].client().head(f"/api/v1/uploads/{upload}", headers=VERSION)


def show(scene: Scene, upload: str, *, who: str = "owner") -> Any:
    return scene.people[who].client().get(f"/api/v1/uploads/{upload}")


def end(scene: Scene, upload: str, *, who: str = "owner") -> Any:
    return scene.people[who].client().delete(f"/api/v1/uploads/{upload}", headers=VERSION)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
