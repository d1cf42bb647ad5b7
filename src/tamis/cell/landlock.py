"""Landlock: which files a worker may touch at all.

Source    Linux Documentation/userspace-api/landlock.rst, ABI 1 to 7.
Limits    Landlock does not govern modes, owners, times or attributes; seccomp refuses those.
          Descriptors that are open already stay usable: that is how inputs arrive.
"""

from __future__ import annotations

import ctypes
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from tamis.cell import kernel

if TYPE_CHECKING:
    from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1

_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_MAKE_REGULAR = 1 << 8
_TRUNCATE = 1 << 14
_BASE = (1 << 13) - 1
# What later ABIs added to the rights that can be governed.
_ADDED = {2: 1 << 13, 3: _TRUNCATE, 5: 1 << 15}
_ABI_NETWORK, _NETWORK_RIGHTS = 4, 0b11
_ABI_SCOPES, _SCOPES = 6, 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"  # Python 3.14 asks for it beside _pack_
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The Landlock ABI of the running kernel; 0 where it has none."""
    with suppress(OSError):
        return kernel.system_call(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    return 0


def restrict(readable: Iterable[str], folder: int) -> int:
    """The ABI in force, once this process can only read `readable` and make plain files in
    `folder` (an open descriptor).

    Errors    OSError where the kernel has no Landlock, or refuses.
    """
    abi = version()
    if not abi:
        raise OSError(38, "the kernel has no Landlock")
    rights = _BASE | sum(bit for since, bit in _ADDED.items() if abi >= since)
    ruleset = _Ruleset(
        rights,
        _NETWORK_RIGHTS if abi >= _ABI_NETWORK else 0,
        _SCOPES if abi >= _ABI_SCOPES else 0,
    )
    size = 24 if abi >= _ABI_SCOPES else 16 if abi >= _ABI_NETWORK else 8
    rules = kernel.system_call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), 0)
    try:
        for path in readable:
            _allow_reading(rules, path)
        making = _WRITE_FILE | _READ_FILE | _READ_DIR | _MAKE_REGULAR
        _add(rules, folder, (making | _TRUNCATE) & rights)
        kernel.system_call(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)
    return abi


def _allow_reading(rules: int, path: str) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        is_folder = stat.S_ISDIR(os.fstat(place).st_mode)
        _add(rules, place, _READ_FILE | _READ_DIR if is_folder else _READ_FILE)
    finally:
        os.close(place)


def _add(rules: int, place: int, allowed: int) -> None:
    rule = _Beneath(allowed, place)
    kernel.system_call(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(rule), 0)
