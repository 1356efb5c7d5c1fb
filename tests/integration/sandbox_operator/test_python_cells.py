"""What a Python cell shows, however it goes out: of threads, of children and while something is awaited."""

import threading

from tests.integration.sandbox_operator.conftest import Opened


def test_what_is_printed_and_shown_keeps_its_order(shared: Opened) -> None:
    code = """
import sys
print('one', flush=True)
display('two')
print('three', flush=True)
sys.stderr.write('four\\n')
sys.stderr.flush()
print('five')
'six'
"""
    outputs, done = shared.run(code)
    assert done.status == "ok"
    shown = [one.get("text") or one["data"]["text/plain"] for one in outputs]
    assert shown == ["one\n", "'two'", "three\n", "four\n", "five\n", "'six'"]


def test_threads_and_children_print_too(shared: Opened) -> None:
    code = """
import multiprocessing, threading
thread = threading.Thread(target=print, args=('from a thread',))
thread.start()
thread.join()
child = multiprocessing.get_context('fork').Process(target=print, args=('from a child',))
child.start()
child.join()
"""
    outputs, done = shared.run(code)
    assert done.status == "ok"
    text = "".join(one["text"] for one in outputs)
    assert "from a thread\n" in text and "from a child\n" in text


def test_top_level_await(shared: Opened) -> None:
    code = "import asyncio\nasync def later(): await asyncio.sleep(0.05); return 7\nprint('before')\nawait later()"
    outputs, done = shared.run(code)
    assert done.status == "ok", outputs
    assert [one.get("text") or one["data"]["text/plain"] for one in outputs] == ["before\n", "7"]


def test_an_interrupt_stops_what_is_awaited(shared: Opened) -> None:
    timer = threading.Timer(0.5, shared.session.interrupt)
    timer.start()
    _, done = shared.run("import asyncio\nawait asyncio.sleep(20)")
    timer.join()
    assert done.status == "interrupted" and done.usage.wall_seconds < 10
    assert shared.text("print('still')") == "still\n"
