"""A stream that a browser holds open ends with the session that opened it, within 15 seconds."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.integration.identity.conftest import Database
from tests.integration.runs.stream import Seen, all_of
from tests.stack import Stack
from tests.visit import Visit
from tests.work import Work

PROMISED_SECONDS = 15.0


def browsing(stack: Stack, visit: Visit) -> Work:
    """The person's requests, made by their browser."""
    work = Work(stack)
    work.api.close()
    work.api = httpx.Client(
        base_url=f"{visit.url}/api/v1/", cookies=visit.http.cookies, headers=visit.proof, timeout=60
    )
    return work


def test_a_stream_ends_with_its_session(stack: Stack, web: Stack, database: Database) -> None:
    """One is ended from another browser, one becomes idle and one old; who stays signed in goes on watching. Taken out
    for a try: session_id in queries.caller_again, so that the person alone was looked at."""
    analyst = stack.users["analyst"]
    visits = [Visit(stack.url) for _ in range(4)]
    for visit in visits:
        assert visit.sign_in(analyst["username"], analyst["password"]).status_code == 200
    works = [browsing(stack, visit) for visit in visits]
    ids = [visit.get("/api/v1/sessions").json()["results"] for visit in visits]
    current = [next(one["id"] for one in listed if one["current"]) for listed in ids]
    *watchers, last = works
    run = last.ready()["id"]

    def watch(work: Work) -> tuple[list[Seen], float]:
        return all_of(work, run), time.monotonic()

    with ThreadPoolExecutor(4) as pool:
        goes_on = pool.submit(watch, last)
        watched = [pool.submit(watch, work) for work in watchers]
        time.sleep(1)
        ended = time.monotonic()
        assert visits[3].post(f"/api/v1/sessions/{current[0]}/end").status_code == 200
        move = "UPDATE identity_session SET {0} = {0} - interval '{1}' WHERE id = %s"
        database.run(move.format("last_seen_at", "60 minutes"), current[1])
        database.run(move.format("created_at", "12 hours"), current[2])
        for one, code in zip(watched, ("session_ended", "session_expired", "session_expired"), strict=True):
            seen, at = one.result(30)
            assert (seen[-1].kind, seen[-1].data) == ("refused", {"code": code})
            assert at - ended < PROMISED_SECONDS + 1
        assert not goes_on.done()
        last.cancel(run)
        seen, _ = goes_on.result(30)
        assert seen[-1].data["state"] == "cancelled"
    for visit, work in zip(visits, works, strict=True):
        visit.http.close()
        work.api.close()
