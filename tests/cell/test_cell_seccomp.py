"""The filter's decisions, from a small BPF machine: also for machines this one is not."""

from __future__ import annotations

import errno
import struct

import pytest

from tamis.cell.seccomp import program
from tamis.cell.syscalls import ALLOWED, CONDITIONAL, FOLDERS, MACHINES

ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE, ABSENT = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
THERE = 0x50000 | errno.EEXIST
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID = 4321


def decide(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """Run the program on one system call."""
    code = program(PID, machine)
    data = struct.pack(
        "<IIQ6Q",
        number,
        architecture or ARCHITECTURE[machine],
        0,
        *(*arguments, 0, 0, 0, 0, 0, 0)[:6],
    )
    at, register = 0, 0
    while True:
        operation, if_true, if_false, value = struct.unpack_from("<HBBI", code, 8 * at)
        at += 1
        if operation == 0x20:
            (register,) = struct.unpack_from("<I", data, value)
        elif operation == 0x06:
            return value
        else:
            holds = {0x15: register == value, 0x35: register >= value, 0x45: register & value}
            at += if_true if holds[operation] else if_false


@pytest.mark.parametrize("machine", MACHINES)
def test_the_list_is_allowed_and_nothing_else(machine: str) -> None:
    column = MACHINES[machine]
    allowed = {numbers[column] for numbers in ALLOWED.values()} - {None}
    conditional = {numbers[column] for numbers in CONDITIONAL.values()} - {None}
    folders = {numbers[column] for numbers in FOLDERS.values()} - {None}
    for number in range(600):
        if number in folders:
            assert decide(machine, number) == THERE
        elif number not in conditional:
            expected = ALLOW if number in allowed else ABSENT if number >= 424 else REFUSE
            assert decide(machine, number) == expected, number


@pytest.mark.parametrize(
    ("machine", "name", "number"),
    [
        ("x86_64", "socket", 41),
        ("x86_64", "connect", 42),
        ("x86_64", "fork", 57),
        ("x86_64", "vfork", 58),
        ("x86_64", "execve", 59),
        ("x86_64", "ptrace", 101),
        ("x86_64", "chmod", 90),
        ("x86_64", "fchmod", 91),
        ("x86_64", "mount", 165),
        ("x86_64", "unlink", 87),
        ("x86_64", "unshare", 272),
        ("x86_64", "process_vm_writev", 311),
        ("x86_64", "memfd_create", 319),
        ("x86_64", "bpf", 321),
        ("x86_64", "execveat", 322),
        ("x86_64", "userfaultfd", 323),
        ("aarch64", "fchmod", 52),
        ("aarch64", "unshare", 97),
        ("aarch64", "ptrace", 117),
        ("aarch64", "socket", 198),
        ("aarch64", "connect", 203),
        ("aarch64", "execve", 221),
        ("aarch64", "mount", 40),
        ("aarch64", "memfd_create", 279),
        ("aarch64", "bpf", 280),
        ("aarch64", "execveat", 281),
    ],
)
def test_what_reaches_out_is_refused(machine: str, name: str, number: int) -> None:
    assert decide(machine, number) == REFUSE, name


@pytest.mark.parametrize("machine", MACHINES)
def test_new_calls_look_absent(machine: str) -> None:
    for number in (425, 426, 427, 434, 435, 437, 442):  # io_uring, pidfd_open, clone3, openat2, …
        assert decide(machine, number) == ABSENT


@pytest.mark.parametrize("machine", MACHINES)
def test_conditions_on_arguments(machine: str) -> None:
    def call(name: str, *arguments: int) -> int:
        number = CONDITIONAL[name][MACHINES[machine]]
        assert number is not None
        return decide(machine, number, *arguments)

    assert call("clone", 0x3D0F00) == ALLOW
    assert call("clone", 17) == REFUSE
    assert call("kill", PID, 9) == ALLOW
    for other in (0, 1, (1 << 32) - 1, PID + 1):
        assert call("kill", other, 9) == REFUSE
        assert call("tgkill", other, 1, 9) == REFUSE
    assert call("prlimit64", 0, 7) == ALLOW
    assert call("prlimit64", 1, 7) == REFUSE
    assert call("prctl", 15) == ALLOW
    assert call("prctl", 22) == REFUSE
    assert call("ioctl", 3, 0x5401) == ALLOW
    assert call("ioctl", 3, 0x5412) == REFUSE
    assert call("openat", 3, 0, 0o2) == ALLOW
    assert call("openat", 3, 0, 0x410000 | 2) == REFUSE
    assert call("fcntl", 3, 3) == ALLOW
    assert call("fcntl", 3, 8) == REFUSE
    assert call("fcntl", 3, 1024) == REFUSE


def test_another_architecture_is_killed() -> None:
    assert decide("x86_64", 1, architecture=0x40000003) == KILL
    assert decide("x86_64", 0x40000000 | 1) == KILL
    assert decide("aarch64", 64, architecture=ARCHITECTURE["x86_64"]) == KILL


def test_an_unknown_machine_has_no_filter() -> None:
    with pytest.raises(OSError, match="riscv64"):
        program(PID, "riscv64")
