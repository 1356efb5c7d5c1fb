"""Outputs as a notebook keeps them."""

import orjson

from runs.outputs import KERNEL_DIED, Gathered, media_types, narrowed
from sandbox_operator.agent.kernels import KernelDied


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def rich(**data):
    return {"output_type": "display_data", "data": {k.replace("_", "/"): v for k, v in data.items()}, "metadata": {}}


def test_text_in_a_row_becomes_one_stream():
    gathered = Gathered(1000)
    for output in (stream("a"), stream("b"), stream("c", "stderr"), stream("d")):
        gathered.add(output)
    assert orjson.loads(gathered.encoded()) == [stream("ab"), stream("c", "stderr"), stream("d")]
    assert not gathered.cut


def test_nothing_is_added_past_the_limit():
    gathered = Gathered(10)
    gathered.add(stream("x" * 40))
    gathered.add(stream("y" * 200))
    assert orjson.loads(gathered.encoded()) == [stream("x" * 40)]
    assert gathered.cut


def test_of_a_sandbox_that_ended_the_last_word_is_not_that_its_kernel_did():
    """Only as the last output: one before it is what the code went on after."""
    death = {"output_type": "error", "ename": KernelDied.__name__, "evalue": "by signal 9", "traceback": []}
    assert death["ename"] == KERNEL_DIED
    gathered = Gathered(1000)
    for output in (death, stream("a"), death):
        gathered.add(output)
    gathered.forget_death()
    assert orjson.loads(gathered.encoded()) == [death, stream("a")]
    gathered.forget_death()
    assert orjson.loads(gathered.encoded()) == [death, stream("a")]


def test_the_kinds_of_content():
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    assert media_types([stream("a"), error, rich(text_html="<b>", image_png="…")]) == [
        "image/png",
        "text/html",
        "text/plain",
    ]


def test_what_a_release_withholds_is_gone_and_said():
    html = rich(text_html="<script>", text_plain="safe")
    alone = rich(text_html="<script>")
    left = narrowed([html, alone, stream("x")], frozenset({"text/html"}))
    assert left == [rich(text_plain="safe"), rich(text_plain="[withheld by policy]"), stream("x")]
    assert html == rich(text_html="<script>", text_plain="safe")
