"""Live events: in order, resumable with nothing lost or doubled, authorised again, and no wider than the results."""

import time

import pytest

from tests.integration.api.refusals import refused
from tests.integration.runs.cast import Cast
from tests.integration.runs.stream import Seen, all_of, done, until, watching
from tests.stack import Stack
from tests.work import Work, ok


def said(events: list[Seen]) -> str:
    """Everything that was printed."""
    return "".join(event.data["output"].get("text", "") for event in events if event.kind == "output")


def states(events: list[Seen], kind: str) -> list[str]:
    """The states of run or execution in the order told, each once."""
    found: list[str] = []
    for event in events:
        if event.kind == kind and event.id and (not found or found[-1] != event.data["state"]):
            found.append(event.data["state"])
    return found


def test_events_come_in_order(work: Work):
    run = work.run()["id"]
    with watching(work, run) as seen:
        number = work.cell(run, "for n in range(5):\n    print(n, flush=True)")
        events = until(seen, done(number))
    ids = [tuple(map(int, event.id.split("-"))) for event in events if event.id]
    assert ids == sorted(set(ids))
    assert states(events, "execution") == ["queued", "running", "succeeded"]
    assert said(events) == "0\n1\n2\n3\n4\n"
    kinds = [event.kind for event in events]
    assert kinds.index("output") > next(n for n, event in enumerate(events) if event.data.get("state") == "running")
    work.cancel(run)


def test_a_one_shot_tells_its_end_before_the_runs(work: Work):
    """Taken out for a try: the order of announce and end_run in finish_execution; then `succeeded` is never told."""
    run = work.run(code="print('all of it')", language="python")["id"]
    events = all_of(work, run)
    assert said(events) == "all of it\n"
    assert states(events, "execution") == ["queued", "running", "succeeded"] or states(events, "execution")[-1] == (
        "succeeded"
    )
    assert (events[-1].kind, events[-1].data) == ("run", {"state": "closed", "ended_code": "closed"})


def test_resuming_loses_and_doubles_nothing(work: Work):
    run = work.ready()["id"]
    number = work.cell(run, "import time\nfor n in range(40):\n    print(n, flush=True)\n    time.sleep(0.02)")
    parts: list[Seen] = []
    after = None
    while not any(done(number)(event) for event in parts):
        with watching(work, run, after) as seen:
            # A client that breaks off again and again, at whatever it just read.
            for event in seen:
                parts += [event] if event.id else []
                if done(number)(event) or (parts and len(parts) % 9 == 0 and event is parts[-1]):
                    break
        after = parts[-1].id
    assert said(parts) == "".join(f"{n}\n" for n in range(40))
    ids = [event.id for event in parts]
    assert len(ids) == len(set(ids))
    ok(work.api.post(f"runs/{run}/close"))
    whole = [event for event in all_of(work, run) if event.id]
    assert [event.id for event in whole][: len(ids)] == ids
    assert all_of(work, run, whole[-1].id)[0].data["state"] == "closed"


def test_ids_that_the_stream_never_gave(work: Work):
    run = work.ready()["id"]
    for bad in ("last", "-1", "1-", "1-2-3", "9" * 21, f"{1 << 64}", "1e3", "$", "+", "0-99999999999999999999"):
        answer = work.api.get(f"runs/{run}/events", headers={"Last-Event-ID": bad})
        refused(answer, 400, "invalid_event_id")
    work.cancel(run)


def test_outsiders_hear_nothing(work: Work, stack: Stack):
    run = work.ready()["id"]
    with Work(stack, "outsider") as outsider:
        refused(outsider.api.get(f"runs/{run}/events"), 404, "not_found")
    work.cancel(run)


def test_a_stream_ends_when_its_token_does(work: Work, stack: Stack):
    """Taken out for a try: `authorise_again`; then the stream goes on to the end of the run."""
    issued = ok(work.api.post("tokens", json={"kind": "person", "name": "brief", "expires_in_seconds": 3600}), 201)
    run = work.ready()["id"]
    work.cell(run, "import time\nfor n in range(80):\n    print(n, flush=True)\n    time.sleep(0.5)")
    with Work(stack, token=issued["token"]) as brief, watching(brief, run) as seen:
        until(seen, lambda event: event.kind == "output")
        ok(work.api.post(f"tokens/{issued['id']}/revoke"))
        revoked = time.monotonic()
        rest = list(seen)
    assert rest[-1].kind == "refused"
    assert rest[-1].data == {"code": "token_revoked"}
    assert rest[-1].at - revoked < 16
    work.cancel(run)


RICH = """
from IPython.display import HTML, SVG, Javascript, Markdown, display
print('plain text')
display(HTML('<script>alert(1)</script>'))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'))
display(Javascript('alert(1)'))
display(Markdown('**bold**'))
import pandas as pd
pd.DataFrame({'a': [1]})
"""


@pytest.mark.parametrize("person", ["analyst", "analyst_model"])
def test_a_model_hears_no_more_than_it_may_read(cast: Cast, person: str):
    """Taken out for a try: the kinds in Watcher's question; then HTML, SVG and scripts reach the model live."""
    model = person.endswith("_model")
    with cast.work("analyst") as owner, cast.work(person) as work:
        run = owner.run(code=RICH, language="python")["id"]
        events = all_of(work, run)
        cell = work.result(run)
    for outputs in ([event.data["output"] for event in events if event.kind == "output"], cell["outputs"]):
        kinds = {kind for output in outputs for kind in output.get("data", {})}
        active = {"text/html", "image/svg+xml", "application/javascript"}
        assert kinds & active == (set() if model else active)
        assert {"text/plain", "text/markdown"} <= kinds
        assert ("<script" in str(outputs)) is not model
    assert "plain text\n" in said(events)


def test_a_model_hears_a_mebibyte_and_no_more(cast: Cast):
    """Taken out for a try: the amount in Watcher's question; then all three MiB reach the model live."""
    with cast.work("analyst") as owner, cast.work("analyst_model") as model:
        code = "for _ in range(48):\n    print('x' * 65535, flush=True)"
        run = owner.run(code=code, language="python", limits={"output_bytes": 4 << 20})["id"]
        assert owner.result(run)["state"] == "succeeded"
        assert len(said(all_of(owner, run))) == 3 << 20
        events = all_of(model, run)
    assert len(said(events)) <= 1 << 20
    withheld = [event.data["reasons"] for event in events if event.kind == "withheld"]
    assert withheld == [["release_too_large"]]
    assert events[-1].data["state"] == "closed"
