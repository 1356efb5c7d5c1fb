"""Outputs and artifacts made to harm whoever collects, keeps, lists or shows them."""

import json
from typing import Any

import nbformat
import pytest

from tests.work import Work, ok, text

SCRIPT = "<script>alert(document.domain)</script>"


def artifacts(cell: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What was kept, by name."""
    return {one["name"]: one for one in cell["artifacts"]}


def skipped(cell: dict[str, Any]) -> dict[str, str]:
    """What was not, and why."""
    return {one["name"]: one["reason"] for one in cell["skipped_artifacts"]}


LINKS = """
import os, socket, stat
os.chdir('outputs')
open('good.csv', 'w').write('a\\n1\\n')
os.symlink('/etc/passwd', 'passwd')
os.symlink('/proc/self/environ', 'environ')
os.symlink('good.csv', 'link.csv')
os.symlink('/etc', 'etc')
os.symlink('.', 'again')
os.link('good.csv', 'hard.csv')
os.mkfifo('fifo')
socket.socket(socket.AF_UNIX).bind('socket')
for name, kind in (('null', (1, 3)), ('zero', (1, 5)), ('disk', (8, 0))):
    try:
        os.mknod(name, 0o666 | stat.S_IFCHR, os.makedev(*kind))
    except OSError as error:
        open(name + '.refused', 'w').write(str(error.errno))
os.mkdir('closed')
open('closed/in.txt', 'w').write('x')
os.chmod('closed', 0)
"""


def test_only_plain_files_are_artifacts(work: Work):
    """A link, a pipe, a socket or a device is named with its reason, and nothing is read through it."""
    run = work.ready()["id"]
    cell = work.done(run, LINKS)
    assert cell["state"] == "succeeded", text(cell)
    kept = artifacts(cell)
    assert {name for name in kept if not name.endswith(".refused")} == {"good.csv", "hard.csv"}
    reasons = skipped(cell)
    for name in ("passwd", "environ", "link.csv", "etc", "again"):
        assert reasons[name] == "is a symbolic link"
        assert work.api.get(f"runs/{run}/artifacts/{name}").status_code == 404
    for name in ("fifo", "socket"):
        assert reasons[name] == "is not a regular file"
    assert work.api.get(f"runs/{run}/artifacts/etc/passwd").status_code == 404
    work.cancel(run)


NAMES = r"""
import os
for name in ['../escaped.txt', '/workspace/elsewhere.txt', 'outputs/../../tmp/up.txt']:
    open(name, 'w').write('x') if not name.startswith('../') else None
for name in [b'new\nline', b'tab\t', b'\xff\xfe', b'back\\slash', b'esc\x1b[31m', b'del\x7f', b'..hidden', b'-rf',
             b'a b', 'ünï'.encode(), b'<svg onload=alert(1)>.csv', b'"quoted";x=y.csv', b'%2e%2e%2fx']:
    open(b'outputs/' + name, 'w').write('x')
deep = 'outputs'
for part in 'abcdefghijklmnopqrstuvw':
    deep += '/' + part
    os.mkdir(deep)
open(deep + '/deep.txt', 'w').write('x')
long = 'outputs/' + 'd' * 200
os.mkdir(long); os.mkdir(long + '/' + 'e' * 200)
open(long + '/' + 'e' * 200 + '/' + 'f' * 200, 'w').write('x')
"""


def test_names_of_artifacts(work: Work):
    """Names that a path, a header, a terminal or a table could stumble over are left out and named in plain letters.

    Taken out for a try: the length that `_unkeepable` looks at; then the cell's end cannot be recorded at all.
    """
    run = work.ready()["id"]
    cell = work.done(run, NAMES)
    assert cell["state"] == "succeeded", text(cell)
    odd = {"..hidden", "-rf", "a b", "ünï", "<svg onload=alert(1)>.csv", '"quoted";x=y.csv', "%2e%2e%2fx"}
    assert set(artifacts(cell)) == odd
    reasons = skipped(cell)
    assert all(name.isascii() and name.isprintable() for name in reasons)
    assert any("control characters" in reason for reason in reasons.values())
    assert any("backslash" in reason for reason in reasons.values())
    assert any("Unicode" in reason for reason in reasons.values())
    assert any("longer than 500" in reason for reason in reasons.values())
    assert any("nested too deep" in reason for reason in reasons.values())
    for name in odd:
        answer = work.api.get(f"runs/{run}/artifacts/{name.replace('%', '%25')}")
        assert answer.content == b"x", name
        assert "\n" not in answer.headers["content-disposition"]
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    work.cancel(run)


def test_a_file_named_like_the_full_text(work: Work):
    """Taken out for a try: the names that `_unkeepable` compares; then the cell's end cannot be recorded at all."""
    code = "open('outputs/output-1.txt', 'w').write('forged')\nprint('y' * 5000)"
    run = work.ready(limits={"output_bytes": 1000})["id"]
    cell = work.done(run, code)
    assert (cell["state"], cell["truncated"]) == ("succeeded", True)
    assert work.api.get(f"runs/{run}/artifacts/output-1.txt").content == b"y" * 5000 + b"\n"
    assert "full text" in skipped(cell)["output-1.txt"]
    work.cancel(run)


def test_a_tree_that_is_a_bomb(work: Work):
    """Thirty thousand folders and files: the listing stops, the run goes on, what is kept is within its count."""
    run = work.ready(limits={"artifact_count": 20})["id"]
    code = (
        "import os\nfor a in range(60):\n    os.mkdir(f'outputs/{a}')\n    for b in range(250):\n"
        "        os.mkdir(f'outputs/{a}/{b}')\n        open(f'outputs/{a}/{b}/x', 'w').close()"
    )
    cell = work.done(run, code)
    assert cell["state"] == "succeeded", text(cell)
    assert len(cell["artifacts"]) == 20
    assert len(cell["skipped_artifacts"]) < 5000
    assert text(work.done(run, "print('goes on')")) == "goes on\n"
    work.cancel(run)


SERVED = {
    "page.html": (SCRIPT, "application/octet-stream"),
    "image.svg": (f'<svg xmlns="http://www.w3.org/2000/svg">{SCRIPT}</svg>', "application/octet-stream"),
    "code.js": ("alert(1)", "application/octet-stream"),
    "page.xhtml": (SCRIPT, "application/octet-stream"),
    "page.xml": (f"<?xml-stylesheet href='x'?>{SCRIPT}", "application/octet-stream"),
    "page.mhtml": (SCRIPT, "application/octet-stream"),
    "style.css": ("*{}", "application/octet-stream"),
    "no-extension": (SCRIPT, "application/octet-stream"),
    "table.csv": ("a\n1\n", "text/csv"),
    "fake.png": (SCRIPT, "image/png"),
    "fake.json": (SCRIPT, "application/json"),
    "fake.txt": (SCRIPT, "text/plain"),
}


def test_downloads_never_run(work: Work):
    """Whatever it is called: an attachment, never sniffed, sandboxed, and active forms are bytes.

    Taken out for a try: `sandbox` in the policy of `download`, and HTML being left out of INERT.
    """
    run = work.ready()["id"]
    work.done(run, f"for name, (content, _) in {SERVED!r}.items():\n    open('outputs/' + name, 'w').write(content)")
    for name, (content, media_type) in SERVED.items():
        answer = work.api.get(f"runs/{run}/artifacts/{name}", headers={"Accept": "text/html"})
        assert answer.text == content
        assert answer.headers["content-type"].partition(";")[0] == media_type
        _inert(dict(answer.headers))
    notebook = work.api.get(f"runs/{run}/notebook", headers={"Accept": "text/html"})
    _inert(dict(notebook.headers))
    assert "html" not in notebook.headers["content-type"]
    work.cancel(run)


def _inert(headers: dict[str, str]) -> None:
    assert headers["content-disposition"].startswith("attachment")
    assert headers["x-content-type-options"] == "nosniff"
    policy = {part.strip() for part in headers["content-security-policy"].split(";")}
    assert {"default-src 'none'", "sandbox"} <= policy
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


RICH = f"""
from IPython.display import display, publish_display_data
def show(kind, value):
    publish_display_data({{kind: value}})
show('text/html', '{SCRIPT}')
show('image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg">{SCRIPT}</svg>')
show('application/javascript', 'alert(1)')
show('text/markdown', '[x](javascript:alert(1)) {SCRIPT}')
show('text/latex', '\\\\href{{javascript:alert(1)}}{{x}} \\\\input{{/etc/passwd}}')
show('application/json', {{'a': [None, True, 1.5, '\\u0000']}})
show('application/vnd.custom+json', {{'__proto__': 1}})
show('image/png', 'this is no base64 and no picture')
"""


def test_active_outputs_come_as_json_alone(work: Work):
    run = work.run(code=RICH, language="python")["id"]
    cell = work.result(run)
    assert cell["state"] == "succeeded", text(cell)
    kinds = [kind for output in cell["outputs"] for kind in output.get("data", {})]
    assert len(kinds) == 8
    answer = work.api.get(f"runs/{run}/executions/1", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    values = [output["data"] for output in cell["outputs"]]
    assert values[5]["application/json"]["a"] == [None, True, 1.5, "\ufffd"]
    notebook = nbformat.reads(work.api.get(f"runs/{run}/notebook").text, as_version=4)
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    "kind", ["text/html\\r\\nX: y", "TEXT/HTML", "html", "../../x", "text/" + "x" * 300, "", "text/html;charset=utf-7"]
)
def test_a_kind_that_is_none_is_no_success(work: Work, kind: str):
    """What inside calls itself by no media type's name is not passed on; the run says so, and others are unharmed."""
    run = work.ready()["id"]
    cell = work.done(run, f"from IPython.display import publish_display_data\npublish_display_data({{'{kind}': 'x'}})")
    assert cell["state"] in {"lost", "failed", "succeeded"}
    assert kind.encode().decode("unicode_escape") not in {k for o in cell["outputs"] for k in o.get("data", {})}
    work.cancel(run)


def test_json_that_is_nested_without_end(work: Work):
    run = work.ready()["id"]
    code = (
        "from IPython.display import publish_display_data\nnest = []\nfor _ in range(900): nest = [nest]\n"
        "publish_display_data({'application/json': nest})"
    )
    cell = work.done(run, code)
    assert cell["state"] in {"lost", "failed"}
    assert work.get(run)["state"] in {"lost", "ready"}
    assert text(work.one_shot("print('others are unharmed')")) == "others are unharmed\n"
    work.cancel(run)


def test_output_that_is_not_utf8(work: Work):
    run = work.ready()["id"]
    code = (
        "import os, sys\nos.write(1, b'raw \\xff\\xfe\\x00 bytes\\n')\nos.write(2, b'\\xc3(\\n')\n"
        "print('surrogate \\ud800 and nul \\0 and \\u202e')\nopen('outputs/raw.txt', 'wb').write(bytes(range(256)))"
    )
    cell = work.done(run, code)
    assert cell["state"] == "succeeded", text(cell)
    said = text(cell)
    assert "\0" not in said
    assert "surrogate ? and nul \ufffd and \u202e" in said
    assert work.api.get(f"runs/{run}/artifacts/raw.txt").content == bytes(range(256))
    bash = work.done(run, "printf 'caf\\xe9 \\x00 \\xf0\\x9f'", "bash")
    assert bash["state"] == "succeeded"
    assert "caf" in text(bash)
    work.cancel(run)


def test_a_table_of_a_million_columns(work: Work):
    """It is cut by its own display or by the output limit, and the answer stays small."""
    run = work.ready(limits={"wall_seconds": 60, "memory_bytes": 2 << 30})["id"]
    cell = work.done(run, "import numpy, pandas\npandas.DataFrame(numpy.zeros((1, 1_000_000), dtype='int8'))")
    assert cell["state"] == "succeeded", text(cell)[:2000]
    assert "1000000 columns" in text(cell)
    assert len(json.dumps(cell)) < 3 << 20
    wide = work.done(
        run, "pandas.set_option('display.max_columns', None)\npandas.DataFrame(numpy.zeros((1, 30_000), dtype='int8'))"
    )
    assert wide["state"] in {"succeeded", "timed_out"}
    assert len(json.dumps(wide)) < 3 << 20
    work.cancel(run)


def test_a_repr_without_end(work: Work):
    run = work.ready()["id"]
    cell = work.done(run, "{n: 'x' * 1000 for n in range(3000)}")
    assert cell["state"] == "succeeded", text(cell)[:500]
    assert len(json.dumps(cell)) < 4 << 20
    liar = "class Liar:\n    def _repr_html_(self): raise MemoryError('html')\n    def __repr__(self): return 7\nLiar()"
    assert work.done(run, liar)["state"] in {"failed", "succeeded"}
    huge = work.done(run, "raise ValueError('z' * 5_000_000)")
    assert huge["state"] == "failed"
    assert len(json.dumps(huge)) < 8 << 20
    assert ok(work.api.get(f"runs/{run}"))["state"] == "ready"
    work.cancel(run)
