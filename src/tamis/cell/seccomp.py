"""A seccomp filter: the system calls a worker may make, and nothing else.

Source    Linux Documentation/userspace-api/seccomp_filter.rst; classic BPF over seccomp_data.
Limits    A filter sees numbers and register arguments, not the memory they point at.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from typing import NamedTuple

from tamis.cell import kernel
from tamis.cell.syscalls import ALLOWED, CONDITIONAL, FOLDERS, MACHINES

_SET_SECCOMP = 22
_MODE_FILTER = 2
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _ALLOW, _REFUSE = 0x80000000, 0x7FFF0000, 0x00050000
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000
# Numbers from here on are newer than 2019; a C library that meets ENOSYS takes the older call.
_FIRST_NEW = 424
_CLONE_THREAD = 0x10000
_TMPFILE = 0x400000
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, size, count, non-blocking
_FCNTLS = (0, 1, 2, 3, 4, 1030)  # duplicate, flags
# Two ends of one stream, both in this process: the text extractor's threads wake each other by
# it. A connected stream sends to nobody else; a datagram socket could, to any name it knows.
_PAIRS = (0x00001, 0x80001, 0x00801, 0x80801)
_PRCTLS = (3, 15, 16, 0x53564D41)  # dumpable?, thread names, names of memory


class _Rule(NamedTuple):
    """A condition on one argument: equal to one of `values`, or (`bits`) some or none set."""

    argument: int
    values: tuple[int, ...] = ()
    bits: int = 0
    needs_bits: bool = False


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def restrict(pid: int) -> None:
    """Put the filter on this process, whose id is `pid`; needs refuse_new_privileges().

    Errors    OSError where the kernel has no seccomp filters or the machine is unknown.
    """
    code = program(pid, platform.machine())
    filled = _Program(len(code) // 8, code)
    kernel.call("prctl", _SET_SECCOMP, _MODE_FILTER, ctypes.byref(filled), 0, 0)


def program(pid: int, machine: str) -> bytes:
    """The BPF program for a process and a machine.

    Errors    OSError when the machine is neither x86-64 nor arm64.
    """
    if machine not in MACHINES or sys.maxsize < 1 << 32:
        raise OSError(errno.ENOSYS, f"no list of system calls for {machine}")
    column = MACHINES[machine]
    code = [
        _step(_LOAD, 4),
        _step(_JUMP_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, 0),
    ]
    if machine == "x86_64":
        code += [_step(_JUMP_AT_LEAST, _X32, 0, 1), _step(_RETURN, _KILL)]
    for numbers in ALLOWED.values():
        number = numbers[column]
        if number is not None:
            code += [_step(_JUMP_EQUAL, number, 0, 1), _step(_RETURN, _ALLOW)]
    for name, numbers in CONDITIONAL.items():
        number = numbers[column]
        if number is not None:
            body = _body(_rules(pid)[name])
            code += [_step(_JUMP_EQUAL, number, 0, len(body)), *body]
    there = _step(_RETURN, _REFUSE | errno.EEXIST)
    for numbers in FOLDERS.values():
        number = numbers[column]
        if number is not None:
            code += [_step(_JUMP_EQUAL, number, 0, 1), there]
    code += [
        _step(_JUMP_AT_LEAST, _FIRST_NEW, 0, 1),
        _step(_RETURN, _REFUSE | errno.ENOSYS),
        _step(_RETURN, _REFUSE | errno.EPERM),
    ]
    return b"".join(code)


def _rules(pid: int) -> dict[str, _Rule]:
    return {
        "clone": _Rule(0, bits=_CLONE_THREAD, needs_bits=True),
        "socketpair": _Rule(1, _PAIRS),
        "kill": _Rule(0, (pid,)),
        "tgkill": _Rule(0, (pid,)),
        "prlimit64": _Rule(0, (0, pid)),
        "prctl": _Rule(0, _PRCTLS),
        "ioctl": _Rule(1, _IOCTLS),
        "open": _Rule(1, bits=_TMPFILE),
        "openat": _Rule(2, bits=_TMPFILE),
        "fcntl": _Rule(1, _FCNTLS),
    }


def _body(rule: _Rule) -> list[bytes]:
    # The low half of an argument: both machines are little-endian, and the kernel reads these
    # arguments as 32-bit values.
    steps = [_step(_LOAD, 16 + 8 * rule.argument)]
    for value in rule.values:
        steps += [_step(_JUMP_EQUAL, value, 0, 1), _step(_RETURN, _ALLOW)]
    if rule.bits:
        refused, allowed = (1, 0) if not rule.needs_bits else (0, 1)
        steps += [
            _step(_JUMP_ANY_BIT, rule.bits, refused, allowed),
            _step(_RETURN, _ALLOW),
        ]
    return [*steps, _step(_RETURN, _REFUSE | errno.EPERM)]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)
