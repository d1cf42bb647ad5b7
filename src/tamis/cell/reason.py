"""Why an item failed, in sentences that a journalist can quote."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tamis.cell.job import Limits

Spendable = Literal["memory", "cpu", "wall", "output"]


_HOW: dict[int, str] = {
    signal.SIGKILL: "the parser was ended by the system, probably for want of memory",
    signal.SIGSYS: "the parser tried something that is forbidden and was stopped",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one call failed; `may_be_inherited` when an earlier item may have caused it."""

    kind: Spendable | Literal["error", "crash", "lie"]
    reason: str

    @property
    def may_be_inherited(self) -> bool:
        """Whether a worker that had read other items may have failed because of those."""
        return self.kind in {"crash", "lie", "memory"}


def spent(kind: Spendable, limits: Limits, size: int) -> Failure:
    """The failure of a call that used up one of its limits."""
    cpu_s, wall_s = limits.seconds(size)
    reason = {
        "memory": f"the parser used more than {_bytes(limits.memory_bytes)} of memory "
        "and was stopped",
        "cpu": f"the parser was still computing after {_seconds(cpu_s)} and was stopped",
        "wall": f"the parser had not finished after {_seconds(wall_s)} and was stopped",
        "output": f"the parser wrote more than {_bytes(limits.output_bytes)} and was stopped",
    }[kind]
    return Failure(kind, reason)


def told(reason: str) -> Failure:
    """The failure that a task reported itself; its words come from inside the cell."""
    words = " ".join("".join(c if c.isprintable() else " " for c in reason[:2000]).split())
    return Failure("error", words[:500] or "the parser failed without saying why")


def lied(how: str) -> Failure:
    """The failure of a worker whose answer is not what was agreed."""
    return Failure("lie", f"the parser's answer was refused: {how}")


def ended(code: int, peak_bytes: int, limits: Limits, size: int) -> Failure:
    """The failure of a worker that ended before it answered, from how it ended."""
    limit: dict[int, Spendable] = {-signal.SIGXCPU: "cpu", -signal.SIGXFSZ: "output"}
    if code in limit:
        return spent(limit[code], limits, size)
    if code < 0 and peak_bytes > limits.memory_bytes * 0.9:
        return spent("memory", limits, size)
    if code >= 0:
        return Failure("crash", f"the parser ended without an answer (exit code {code})")
    return Failure("crash", _HOW.get(-code, f"the parser crashed ({_signal(-code)})"))


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _bytes(count: int) -> str:
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"


def _seconds(count: float) -> str:
    return "1 second" if count == 1 else f"{count:.4g} seconds"
