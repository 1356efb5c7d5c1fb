"""The outputs of one execution as nbformat 4 objects: joined as a notebook joins them, and kept within their limit."""

from collections.abc import Iterable
from typing import Any

import orjson

RICH = frozenset({"display_data", "execute_result"})
# What the agent calls it when a kernel ends by itself and the sandbox goes on.
KERNEL_DIED = "KernelDied"


class Gathered:
    """Outputs as they arrive. Text printed in a row becomes one stream output; past `limit` bytes nothing is added."""

    def __init__(self, limit: int) -> None:
        self._outputs: list[dict[str, Any]] = []
        # The client caps what comes; rich outputs are many times their text, so this is a second bound, not the first.
        self._room = limit * 16
        self.cut = False

    def add(self, output: dict[str, Any]) -> None:
        """Take one more output."""
        size = len(orjson.dumps(output))
        if size > self._room:
            self.cut = True
            return
        self._room -= size
        last = self._outputs[-1] if self._outputs else None
        if last and output["output_type"] == "stream" == last["output_type"] and output["name"] == last["name"]:
            last["text"] += output["text"]
        else:
            self._outputs.append(dict(output))

    def forget_death(self) -> None:
        """Leave out that a kernel died, where the whole sandbox did: which of them is seen first is chance."""
        if self._outputs and self._outputs[-1].get("ename") == KERNEL_DIED:
            self._outputs.pop()

    def encoded(self) -> bytes:
        """The list of outputs as JSON."""
        return orjson.dumps(self._outputs)

    @property
    def media_types(self) -> list[str]:
        """The kinds of content that the outputs hold."""
        return media_types(self._outputs)


def media_types(outputs: Iterable[dict[str, Any]]) -> list[str]:
    """The kinds of content that nbformat outputs hold: text, tracebacks and rich data."""
    kinds: set[str] = set()
    for output in outputs:
        kinds.update(output["data"] if output["output_type"] in RICH else {"text/plain"})
    return sorted(kinds)


def narrowed(outputs: list[dict[str, Any]], forbidden: frozenset[str]) -> list[dict[str, Any]]:
    """Outputs without the kinds that a release does not let pass; one left with no data says so."""
    left = []
    for output in outputs:
        if output["output_type"] in RICH:
            data = {kind: value for kind, value in output["data"].items() if kind not in forbidden}
            output = {**output, "data": data or {"text/plain": "[withheld by policy]"}}
        left.append(output)
    return left
