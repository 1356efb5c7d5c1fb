"""The rows, each measured against a raw part in the same invocation."""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args
from uuid import uuid4

import httpx

from config.metrics import GovernancePart
from sandbox_operator.client import LocalBackend
from sandbox_operator.protocol import Done, ExecuteRequest, Session
from sandbox_operator.spec import DEFAULT_LIMITS, SandboxSpec
from tests.bench.figures import Row, repeated, timed
from tests.bench.raw import Raw
from tests.stack import Stack, eventually
from tests.work import Work, ok
from tools.launch.sandboxd import image

ONE = "1+1"
KERNEL = """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
client.execute_interactive("import pandas, numpy, matplotlib.pyplot, duckdb")
manager.shutdown_kernel(now=True)
"""
MIB = 1 << 20


def _spec() -> SandboxSpec:
    return SandboxSpec(uuid4(), "python", image()[1], DEFAULT_LIMITS, time.time() + 600)


def execute(session: Session, number: int, code: str = ONE) -> None:
    """One cell that succeeds."""
    bounds = DEFAULT_LIMITS
    request = ExecuteRequest(
        number, "python", code, bounds.wall_seconds, bounds.output_bytes, bounds.output_artifact_bytes
    )
    *_, done = session.execute(request)
    assert isinstance(done, Done) and done.status == "ok", done


def _until_warm(backend: LocalBackend, most: int) -> None:
    eventually(lambda: backend.health().warm >= most, within=120)


def _until_full(backend: LocalBackend) -> None:
    """A pool that is filling takes a core: an execution beside it measures the two together."""
    _until_warm(backend, int(os.environ["BAILIWICK_WARM"]))


def submit(stack: Stack, raw: Raw, times: int) -> Iterator[Row]:
    """Submit to result of 1+1: a run's first execution, its next ones, and what of that is governance."""
    backend = LocalBackend(stack.state.sandbox_socket)
    plain = repeated(10, lambda: raw.python(f"print({ONE})"), warm_up=1)
    with Work(stack) as work:
        first = [first_result(work, lambda: _until_full(backend)) for _ in range(times)]
        later, governing = following(work, stack, times * 3)
    # The sweep ends sandboxes that serve no run, as it should.
    stack.stop("beat")
    alone = _alone(backend, times * 3)
    stack.start("beat")
    yield Row("submit → result of `1+1`, a run's first", "60 / 200 ms", first[5:], plain, "runsc run")
    yield Row("submit → result of `1+1`, the run's next", "60 / 200 ms", later, plain, "runsc run")
    yield Row("governance as part of that", "p50 ≤ 25 ms", governing, plain, "runsc run")
    yield Row("the sandbox alone, as part of that", "–", alone, plain, "runsc run")


def first_result(work: Work, until_full: Callable[[], object]) -> float:
    """Milliseconds from asking for a run to the result of its first cell, on a pool that is full and at rest."""
    until_full()
    samples: list[float] = []
    wish = work.wish(code=ONE, language="python")
    with timed(samples):
        run = ok(work.api.post("runs", params={"wait": 30}, json=wish), 201)
    assert run["result"]["state"] == "succeeded", run
    return samples[0]


def following(work: Work, stack: Stack, times: int) -> tuple[list[float], list[float]]:
    """Each execution's milliseconds; and, of as many more, those that the platform itself counts as governing."""
    run = work.ready()["id"]

    def one() -> None:
        wish = {"language": "python", "code": ONE}
        cell = ok(work.api.post(f"runs/{run}/executions", params={"wait": 30}, json=wish), 201)
        assert cell["state"] == "succeeded", cell

    samples = repeated(times, one, warm_up=5)
    governing: list[float] = []
    # Apart from the first: reading the platform's counters between executions would slow them.
    for _ in range(times):
        before = governed(stack)
        one()
        governing.append(governed(stack) - before)
    work.cancel(run)
    return samples, governing


def governed(stack: Stack) -> float:
    """Milliseconds that the platform has spent on identity, policy and its record, audit and queue, so far."""
    page = httpx.get(f"{stack.url}/metrics", timeout=30).text
    sums = re.findall(r"^bailiwick_governance_seconds_sum\{.*\} (\S+)$", page, re.MULTILINE)
    assert len(sums) == len(get_args(GovernancePart)), page
    return sum(map(float, sums)) * 1000


def _alone(backend: LocalBackend, times: int) -> list[float]:
    _until_warm(backend, 1)
    claim = backend.claim(_spec(), timeout=30)
    epoch = iter(range(1, 1 << 30))

    def one() -> None:
        number = next(epoch)
        with backend.open(claim.handle, epoch=number) as session:
            execute(session, number)

    samples = repeated(times, one, warm_up=5)
    backend.destroy(claim.handle)
    return samples


def cold(stack: Stack, raw: Raw, times: int) -> Iterator[Row]:
    """A sandbox that is not in the pool: a process limit of its own makes the daemon start one."""
    backend = LocalBackend(stack.state.sandbox_socket)
    plain = repeated(max(3, times // 3), lambda: raw.python(KERNEL), warm_up=1)
    stack.stop("beat")
    samples: list[float] = []
    for _ in range(times):
        _until_warm(backend, 2)
        limits = {name: getattr(DEFAULT_LIMITS, name) for name in DEFAULT_LIMITS.__dataclass_fields__}
        own = type(DEFAULT_LIMITS)(**{**limits, "processes": 100})
        spec = SandboxSpec(uuid4(), "python", image()[1], own, time.time() + 600)
        with timed(samples):
            claim = backend.claim(spec, timeout=60)
        assert not claim.warm
        backend.destroy(claim.handle)
    stack.start("beat")
    yield Row("cold sandbox to ready kernel, probed", "≤ 1,500 ms", samples, plain, "runsc run of the same kernel")


def policy(stack: Stack, raw: Raw, times: int) -> Iterator[Row]:
    """A policy decision over loopback, as the platform asks it, beside the same question by a bare client."""
    from gateways.opa import Opa

    secret = stack.state.secret("opa")
    url = f"http://127.0.0.1:{stack.state.ports.opa}"
    with Work(stack) as work:
        run = work.run(code=ONE, language="python")
        work.result(run["id"])
        question = ok(work.api.get(f"decisions/{run['decision']['id']}"))["input"]
    _until_full(LocalBackend(stack.state.sandbox_socket))
    opa = Opa(url, secret)
    samples = repeated(times * 20, lambda: opa.evaluate("run", question), warm_up=20)
    opa.close()
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {secret}"}) as client:
        body = {"input": question}
        bare = repeated(times * 20, lambda: client.post("/v1/data/bailiwick/run/decision", json=body), warm_up=20)
    yield Row("policy decision, OPA over loopback", "p99 ≤ 3 ms", samples, bare, "the same by httpx")


def moved(
    stack: Stack, times: int, content: bytes, before: Callable[[], object] = lambda: None
) -> tuple[list[float], list[float]]:
    """Megabytes a second of a file into a sandbox and of an artifact out of it, as an analyst sees them."""
    size = len(content)
    into: list[float] = []
    out: list[float] = []
    with Work(stack) as work:
        for _ in range(times):
            before()
            taken: list[float] = []
            with timed(taken):
                file = work.upload("in.bin", content)
                run = work.ready(files=[file["id"]])["id"]
            into.append(size / MIB / (taken[0] / 1000))
            work.done(run, "1")
            before()
            taken.clear()
            number = work.cell(run, "import shutil; shutil.copyfile('in.bin', 'outputs/out.bin')")
            with timed(taken):
                cell = work.result(run, number)
                got = work.api.get(f"runs/{run}/artifacts/out.bin").content
            assert len(got) == size, cell
            out.append(size / MIB / (taken[0] / 1000))
            work.cancel(run)
    return into, out


def transfer(stack: Stack, raw: Raw, times: int, folder: Path) -> Iterator[Row]:
    """Bytes in through the API into a sandbox, and an artifact of the same size out again."""
    size = 64 * MIB
    content = b"0123456789abcdef" * (size // 16)
    (folder / "in.bin").write_bytes(content)
    copy = "import shutil; shutil.copyfile('/workspace/in.bin', '/workspace/out.bin')"
    plain = [size / MIB / (sample / 1000) for sample in repeated(3, lambda: raw.python(copy, shared=folder), warm_up=1)]
    into, out = moved(stack, times, content)
    yield Row("file in: upload, seal, open, into the sandbox", "≥ 50 MB/s", into, plain, "copy in runsc run", "MB/s")
    yield Row("artifact out: copy, seal, open, download", "≥ 50 MB/s", out, plain, "copy in runsc run", "MB/s")
