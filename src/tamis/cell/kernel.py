"""The few calls into the kernel that Python does not offer."""

from __future__ import annotations

import ctypes
import os
import signal
from contextlib import suppress
from functools import cache

_SET_DEATH_SIGNAL = 1
_SET_DUMPABLE = 4
_SET_CHILD_SUBREAPER = 36
_SET_NO_NEW_PRIVILEGES = 38

_NEW_IPC = 0x08000000
_NEW_USER = 0x10000000
_NEW_NET = 0x40000000


class _CapabilityHead(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """What a function of the C library returns.

    Errors    OSError when it says that it failed, or is absent.
    """
    try:
        result = int(getattr(_libc(), name)(*arguments))
    except AttributeError as error:
        raise OSError(38, f"this system has no {name}") from error
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def system_call(number: int, *arguments: object) -> int:
    """What a system call returns, by its number.

    Errors    OSError when it fails.
    """
    return call("syscall", ctypes.c_long(number), *arguments)


def control(option: int, *values: int) -> int:
    """What prctl returns.

    Errors    OSError when it fails.
    """
    padded = (*values, 0, 0, 0, 0)[:4]
    return call("prctl", option, *(ctypes.c_ulong(value) for value in padded))


def adopt_orphans() -> None:
    """Make this process the parent of whatever its children leave behind."""
    with suppress(OSError):
        control(_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent ends; at once if it has."""
    control(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def refuse_new_privileges() -> None:
    """Never gain a privilege again, and never be looked into by a sibling."""
    control(_SET_NO_NEW_PRIVILEGES, 1)
    control(_SET_DUMPABLE, 0)


def drop_capabilities() -> None:
    """Give up every capability.

    Errors    OSError where the kernel refuses.
    """
    head = _CapabilityHead(0x20080522, 0)
    call("capset", ctypes.byref(head), (ctypes.c_uint32 * 6)())


def leave_network() -> None:
    """Move this process, and so all its children, to a network of its own that has nothing.

    Errors    OSError where the kernel grants no such network.
    """
    user, group = os.getuid(), os.getgid()
    try:
        call("unshare", _NEW_USER | _NEW_NET | _NEW_IPC)
    except OSError:
        # Inside many containers only root may have a network of its own, and no user namespace.
        call("unshare", _NEW_NET | _NEW_IPC)
        return
    with suppress(OSError):
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode("ascii"))
    finally:
        os.close(descriptor)


def kill_children(spared: frozenset[int] = frozenset()) -> None:
    """Kill what this process is the parent of, apart from the spared, by process id."""
    path = f"/proc/self/task/{os.getpid()}/children"
    with suppress(OSError), open(path, encoding="ascii") as file:  # noqa: PTH123  /proc
        for word in file.read().split():
            if int(word) not in spared:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(int(word), signal.SIGKILL)
