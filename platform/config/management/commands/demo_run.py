"""`manage.py demo_run`: one governed analysis through the REST API, as the analyst, and what it left on record."""

import base64
import json
import time
from pathlib import Path
from shlex import quote
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

EXAMPLE = Path(settings.BASE_DIR) / "examples/penguins"
PURPOSE = "How does body mass go with flipper length in each species of penguin?"
FINISHED = {"succeeded", "failed", "timed_out", "out_of_memory", "interrupted", "lost"}
ENDED = {"denied", "closed", "failed", "cancelled", "expired", "lost"}
READY_WITHIN = RESULT_WITHIN = 90.0
# README shows the same lines.
EVIDENCE = (
    'AUTH="Authorization: Bearer $(jq -r .users.auditor.token "$VAR"/demo.json)"',
    'cd $(mktemp -d); cp "$HERE"/audit/verifier.py "$VAR"/witness/policy .; curl -sH "$AUTH" $API/audit/keys > keys',
    """EXPORT=$(curl -sH "$AUTH" $API/projects | jq '{project: .results[0].id}' |"""
    """ curl -sH "$AUTH" --json @- $API/audit/exports | jq -r .id)""",
    'curl -sfH "$AUTH" --retry 30 --retry-delay 1 --retry-all-errors -o bundle.zip $API/audit/exports/$EXPORT/download',
    '"$HERE"/.venv/bin/python verifier.py bundle.zip --key keys --witness-policy policy',
    "printf x | dd of=bundle.zip bs=1 seek=120 conv=notrunc status=none;"
    ' "$HERE"/.venv/bin/python verifier.py bundle.zip --key keys',
)


class Command(BaseCommand):
    """The first time it runs the analysis; later it shows the same run again, as the platform has kept it."""

    requires_system_checks = ()
    help = "Run the demo's analysis (or show it again) and print its table, decision and audit entry."

    def handle(self, *args: Any, **options: Any) -> None:
        var = settings.ENVIRONMENT.var
        demo = json.loads((var / "demo.json").read_text())
        url = settings.ENVIRONMENT.public_url
        try:
            with _client(url, demo, "analyst") as analyst, _client(url, demo, "auditor") as auditor:
                parts = _wait_until_ready(analyst)
                self.show(var, analyst, auditor)
        except httpx.HTTPError as error:
            raise CommandError(f"{url} did not answer ({error}); see {var}/log/web.log.") from None
        if lacking := parts["sandboxes"].get("not_enforced"):
            said = "not enforced, as the sandboxes run without root: these are for trying out only"
            self.stdout.write(f"  Limits       {', '.join(lacking)} {said}")
        self.stdout.write(f"\n  Console      {url}/")
        self.stdout.write(f"  API          {url}/api/v1/  (schema at {url}/api/v1/schema/)")
        self.stdout.write(f"  Credentials  {var}/demo.json")
        self.stdout.write("  Evidence     export the log, verify it elsewhere, change a byte, verify again:\n\n")
        self.stdout.write("\n".join(f"    {line}" for line in _evidence(settings.BASE_DIR, var, url)))
        self.stdout.write("\n  Stop with Ctrl-C; the state is kept.\n")

    def show(self, var: Path, analyst: httpx.Client, auditor: httpx.Client) -> None:
        """Print the demo's run, made now or found from an earlier start."""
        kept = var / "demo-run"
        run = _found(analyst, kept)
        again = run is not None
        if run is None:
            run = _requested(analyst)
            kept.write_text(run["id"])
        execution = _finished(analyst, run["id"])
        run = _json(analyst.get(f"runs/{run['id']}"))
        self.stdout.write(f"\n  Governed run {run['id']}{', made at an earlier start' if again else ''}")
        self.stdout.write(f"  “{PURPOSE}”\n\n{_table(execution)}\n\n")
        for name, value in _facts(var, run, execution, analyst, auditor).items():
            self.stdout.write(f"  {name:<12} {value}")


def _evidence(here: Path, var: Path, url: str) -> list[str]:
    """What to type, from any directory."""
    first, *others = EVIDENCE
    return [f"HERE={quote(str(here))} VAR={quote(str(var))} API={url}/api/v1; {first}", *others]


def _client(url: str, demo: dict[str, Any], user: str) -> httpx.Client:
    token = demo["users"][user]["token"]
    return httpx.Client(base_url=f"{url}/api/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=60)


def _json(response: httpx.Response) -> Any:
    if response.is_error:
        problem = response.json() if "json" in response.headers.get("content-type", "") else {}
        reasons = "; ".join(reason["message"] for reason in problem.get("reasons", []))
        said = reasons or problem.get("detail") or response.reason_phrase
        raise CommandError(f"{response.request.method} {response.url.path} was answered {response.status_code}: {said}")
    return response.json()


def _wait_until_ready(client: httpx.Client) -> dict[str, Any]:
    """Every part's answer when all are well. Raises a CommandError that names those that are not."""
    deadline = time.monotonic() + READY_WITHIN
    while True:
        answer = client.get(str(client.base_url.join("/readyz")))
        if answer.status_code == 200:
            return dict(answer.json()["parts"])
        if time.monotonic() > deadline:
            parts = answer.json().get("parts", {})
            unwell = "; ".join(f"{name}: {part.get('message', '')}" for name, part in parts.items() if not part["ok"])
            raise CommandError(f"The platform is not ready after {READY_WITHIN:.0f} s: {unwell}")
        time.sleep(0.2)


def _found(analyst: httpx.Client, kept: Path) -> dict[str, Any] | None:
    """The run of an earlier start, if it brought a result."""
    if not kept.exists():
        return None
    answer = analyst.get(f"runs/{kept.read_text().strip()}/executions/1")
    if answer.is_error or answer.json()["state"] != "succeeded":
        return None
    return dict(_json(analyst.get(f"runs/{kept.read_text().strip()}")))


def _requested(analyst: httpx.Client) -> dict[str, Any]:
    project = next(item for item in _json(analyst.get("projects"))["results"] if "analyst" in item["roles"])
    with (EXAMPLE / "penguins.csv").open("rb") as data:
        upload = {"file": ("penguins.csv", data, "text/csv")}
        file = _json(analyst.post("files", data={"project": project["id"]}, files=upload))
    wish = {
        "project": project["id"],
        "environment": "python",
        "purpose": PURPOSE,
        "files": [file["id"]],
        "language": "python",
        "code": (EXAMPLE / "analysis.py").read_text(),
    }
    return dict(_json(analyst.post("runs", json=wish)))


def _finished(analyst: httpx.Client, run_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + RESULT_WITHIN
    while True:
        execution = _json(analyst.get(f"runs/{run_id}/executions/1", params={"wait": 10}))
        if execution["state"] == "succeeded":
            return dict(execution)
        run = _json(analyst.get(f"runs/{run_id}"))
        if execution["state"] in FINISHED or run["state"] in ENDED or time.monotonic() > deadline:
            ending = execution.get("ending") or run.get("ending") or {}
            why = ending.get("message") or f"the execution is {execution['state']}, the run {run['state']}"
            raise CommandError(f"The demo's run {run_id} brought no result: {why} {ending.get('remedy', '')}")


def _table(execution: dict[str, Any]) -> str:
    texts = [
        output["data"]["text/plain"] for output in execution["outputs"] if output["output_type"] == "execute_result"
    ]
    whole = "".join(texts[-1]) if texts else "(no table)"
    return "\n".join(f"    {line}" for line in whole.splitlines())


def _facts(
    var: Path, run: dict[str, Any], execution: dict[str, Any], analyst: httpx.Client, auditor: httpx.Client
) -> dict[str, str]:
    decision = run["decision"]
    entries = _json(auditor.get("audit/entries", params={"subject": f"run:{run['id']}"}))["results"]
    reasons = "; ".join(reason["message"] for reason in decision["reasons"]) or "none: every rule is met"
    usage = execution["usage"]
    asked = entries[-1] if entries else {"id": "none", "event": ""}
    return {
        "Figure": str(_figure(var, run["id"], execution, analyst)),
        "Decision": f"{decision['outcome']} {decision['id']}",
        "Revision": decision["revision"],
        "Reasons": reasons,
        "Image": run["environment"]["digest"],
        "Used": f"{usage['wall_seconds']:.2f} s, {usage['peak_memory_bytes'] / 1024**2:.0f} MiB at most",
        "Audit entry": f"{asked['id']} {asked['event']}, the first of {len(entries)} on this run",
    }


def _figure(var: Path, run_id: str, execution: dict[str, Any], analyst: httpx.Client) -> Path:
    """Where the figure is now: the artifact, or else the picture among the outputs."""
    folder = var / "demo"
    folder.mkdir(mode=0o700, exist_ok=True)
    for artifact in execution["artifacts"]:
        if artifact["name"].endswith(".png"):
            path = folder / Path(artifact["name"]).name
            answer = analyst.get(f"runs/{run_id}/artifacts/{artifact['name']}")
            if not answer.is_error:
                path.write_bytes(answer.content)
                return path
            _json(answer)
    for output in execution["outputs"]:
        if picture := output.get("data", {}).get("image/png"):
            path = folder / "figure.png"
            path.write_bytes(base64.b64decode("".join(picture)))
            return path
    raise CommandError(f"The demo's run {run_id} left no figure.")
