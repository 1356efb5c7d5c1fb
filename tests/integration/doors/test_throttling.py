"""Rates: so much a minute for each person, for all processes together, Redis or not."""

import uuid

import pytest
from rest_framework.test import APIClient

from config import heartbeats
from config.errors import TooMany
from doors import throttling
from identity.states import TokenKind
from tests.configured import configured
from tests.people import make_person
from tests.stack import Stack

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.mark.usefixtures("redis_server")
def test_the_rate_is_each_persons_own_and_says_when_to_come_back() -> None:
    one, other = make_person(), make_person()
    with configured(rate_reads_per_minute="2"):
        statuses = [one.client().get("/api/v1/projects").status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        answer = one.client().get("/api/v1/projects")
        assert answer.json()["code"] == "rate_limited"
        assert answer.json()["detail"] == "More than 2 reads a minute for each person."
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert other.client().get("/api/v1/projects").status_code == 200


@pytest.mark.usefixtures("redis_server")
def test_writes_are_counted_apart_from_reads() -> None:
    client = make_person().client()
    with configured(rate_reads_per_minute="1", rate_writes_per_minute="1"):
        assert client.get("/api/v1/projects").status_code == 200
        assert client.post("/api/v1/tokens", {"expires_in_seconds": 60}, format="json").status_code == 201
        assert client.post("/api/v1/tokens", {"expires_in_seconds": 60}, format="json").status_code == 429


@pytest.mark.usefixtures("redis_server")
def test_a_model_has_no_rate_beside_its_persons() -> None:
    person = make_person(kind=TokenKind.MODEL)
    with configured(rate_reads_per_minute="1"):
        assert person.client().get("/api/v1/projects").status_code == 200
        again = person.client().get("/api/v1/projects")
        assert again.status_code == 429
        assert heartbeats.client().get(f"bailiwick:rate:reads:{person.user.pk}") == "2"


@pytest.mark.usefixtures("redis_server")
def test_a_counter_ends_by_itself() -> None:
    key = f"rate:test:{uuid.uuid4()}"
    assert throttling._count(key) == (1, 60)
    assert 0 < int(heartbeats.client().ttl(f"bailiwick:{key}")) <= 60


@pytest.mark.usefixtures("redis_server")
def test_guessing_tokens_is_slow() -> None:
    address = {"REMOTE_ADDR": f"198.51.100.{uuid.uuid4().int % 250}"}
    guess = APIClient(headers={"Authorization": "Bearer nonsense"})
    with configured(rate_failed_sign_ins_per_minute="3"):
        statuses = [guess.get("/api/v1/projects", **address).status_code for _ in range(4)]  # type: ignore[arg-type]
        assert statuses == [401, 401, 401, 429]


def test_while_redis_is_away_each_process_counts_for_itself() -> None:
    throttling._script().registered_client.close()
    throttling._script.cache_clear()
    with configured(redis_url="redis://127.0.0.1:1/0"):
        key = f"rate:test:{uuid.uuid4()}"
        assert [throttling._count(key)[0] for _ in range(3)] == [1, 2, 3]
        with pytest.raises(TooMany):
            throttling._check(key, 3, "3 tries")
    throttling._script.cache_clear()


def test_a_restart_of_redis_is_no_error(redis_server: Stack) -> None:
    client = make_person().client()
    assert client.get("/api/v1/projects").status_code == 200
    redis_server.kill("redis")
    assert client.get("/api/v1/projects").status_code == 200
    redis_server.start("redis")
    assert client.get("/api/v1/projects").status_code == 200
