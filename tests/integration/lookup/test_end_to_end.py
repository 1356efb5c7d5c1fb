"""The running platform: what runs really used is recalled within seconds, with who took what, and by nobody else."""

import csv
import io
from typing import Any

from tests.stack import Stack, eventually
from tests.work import Work, ok


def test_what_a_run_used_is_found_and_recalled(stack: Stack) -> None:
    with Work(stack) as analyst, Work(stack, "auditor") as auditor, Work(stack, "outsider") as outsider:
        file = analyst.upload("turnover.csv", b"a,b\n1,2\n")
        used = analyst.ready(
            packages=["python-slugify==8.0.4"], files=[file["id"]], purpose="Slugs of the Umbrella merger"
        )
        analyst.done(used["id"], "open('outputs/names.txt', 'w').write('x')")
        taken = analyst.api.get(f"runs/{used['id']}/artifacts/names.txt")
        assert taken.status_code == 200
        plain = analyst.ready()
        analyst.done(plain["id"], "1 + 1")
        for run in (used, plain):
            ok(analyst.api.post(f"runs/{run['id']}/close"))
        project, both = used["project"], {used["id"], plain["id"]}

        def recalled(work: Work, **query: str) -> dict[str, dict[str, Any]]:
            found = ok(work.api.get("audit/recall", params={"limit": 200, **query}))["results"]
            return {each["run"]: each for each in found if each["run"] in both}

        # The log and its projection take a moment.
        closed = {"run": plain["id"], "event": "runs:run:closed"}
        eventually(lambda: ok(auditor.api.get("audit/entries", params=closed))["results"], within=20)

        slugify = recalled(auditor, package="Python_Slugify", below="8.1")
        assert set(slugify) == {used["id"]}
        assert slugify[used["id"]]["why"] == ["package python-slugify==8.0.4"]
        assert (slugify[used["id"]]["executions"], slugify[used["id"]]["state"]) == ([1], "closed")
        ways = {(each["what"], each["to"]) for each in slugify[used["id"]]["released"]}
        assert {("artifact", "download"), ("outputs", "console")} <= ways
        # What came along, and what the image has.
        assert set(recalled(auditor, package="text-unidecode", project=project)) == {used["id"]}
        assert set(recalled(auditor, package="pandas", below="1000")) == both
        assert recalled(auditor, package="pandas", below="0.1") == {}
        assert recalled(auditor, package="python-slugify", below="8.0.4") == {}
        started = ok(auditor.api.get("audit/entries", params={"run": used["id"], "event": "runs:run:started"}))
        image = started["results"][0]["facts"]["image"].removeprefix("sha256:")
        assert set(recalled(auditor, image=image[:12])) == set(recalled(auditor, image=image)) == both
        assert set(recalled(auditor, file=file["id"])) == {used["id"]}
        assert set(recalled(auditor, file=file["sha256"])) == {used["id"]}
        assert set(recalled(auditor, revision=used["decision"]["revision"])) == both
        sheet = auditor.api.get("audit/recall", params={"file": file["id"]}, headers={"Accept": "text/csv"})
        lines = list(csv.DictReader(io.StringIO(sheet.text, newline="")))
        assert {line["run"] for line in lines} == {used["id"]}
        assert {"artifact", "outputs"} <= {line["what"] for line in lines}
        # Another project's people, and those whose role it is not.
        for work in (analyst, outsider):
            answer = work.api.get("audit/recall", params={"package": "python-slugify"})
            assert (answer.status_code, answer.json()["code"]) == (403, "not_an_auditor")

        def searched(**query: str) -> set[str]:
            found = ok(auditor.api.get("audit/entries", params={"limit": 200, **query}))["results"]
            return {each["subject"] for each in found}

        assert f"run:{used['id']}" in searched(text="umbrella MERGER", project=project)
        assert searched(package="python-slugify==8.0.4", run=used["id"]) == {f"run:{used['id']}"}
        assert {f"file:{file['id']}", f"run:{used['id']}"} <= searched(dataset=file["sha256"])
        asked = ok(auditor.api.get("audit/entries", params={"project": project}))["results"]
        assert any(entry["event"] == "audit:recall:asked" for entry in asked)
