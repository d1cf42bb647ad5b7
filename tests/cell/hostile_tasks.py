"""Tasks that do what a taken-over parser would do; run in the cell only."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import socket
import stat
import struct
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamis.cell.output import Output

Item = dict[str, Any]
Items = list[Item]
Inputs = tuple[Any, ...]

HEAD = struct.Struct("<I")
SCHEMA = pa.schema([pa.field("n", pa.int64(), nullable=False)])


def count(items: Items, inputs: Inputs, args: Any, out: Output) -> list[Any]:
    """The honest task: one row an item, unless an item says what to do instead."""
    for item in items:
        if "attack" in item:
            globals()[item["attack"]](item, inputs, out)
        out.arrow("numbers", SCHEMA).write(pa.record_batch([[item["n"]]], schema=SCHEMA))
    return [item["n"] for item in items]


def sizes(items: Items, inputs: Inputs, args: Any, out: Output) -> Any:
    return [len(stream.read()) for stream in inputs]


def who(items: Items, inputs: Inputs, args: Any, out: Output) -> Any:
    return os.getpid()


def read_parts(items: Items, inputs: Inputs, args: Any, out: Output) -> Any:
    stream = inputs[0]
    stream.seek(3)
    middle = stream.read(4).decode()
    stream.seek(-2, os.SEEK_END)
    return [middle, stream.read(100).decode(), stream.tell(), stream.name]


def leave_rows(items: Items, inputs: Inputs, args: Any, out: Output) -> Any:
    for item in items:
        out.row("rejected", item)
    with out.blob("notes.txt") as blob:
        blob.write(b"kept")
    return len(items)


def environment(items: Items, inputs: Inputs, args: Any, out: Output) -> Any:
    return [dict(os.environ), len(sys.stdin.read()) if sys.stdin else 0]


# What uses something up


def eat_memory(item: Item, inputs: Inputs, out: Output) -> None:
    kept = []
    while True:
        kept.append(bytearray(1 << 24))


def eat_memory_at_once(item: Item, inputs: Inputs, out: Output) -> None:
    mmap.mmap(-1, 1 << 36, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def spin(item: Item, inputs: Inputs, out: Output) -> None:
    while True:
        pass


def spin_behind_a_handler(item: Item, inputs: Inputs, out: Output) -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    spin(item, inputs, out)


def sleep(item: Item, inputs: Inputs, out: Output) -> None:
    time.sleep(600)


def begin_to_answer_and_sleep(item: Item, inputs: Inputs, out: Output) -> None:
    os.write(channel(), b"\x10\x00")
    time.sleep(600)


def write_too_much(item: Item, inputs: Inputs, out: Output) -> None:
    blob = out.blob("large")
    while True:
        blob.write(bytes(1 << 20))


def write_past_the_file_limit(item: Item, inputs: Inputs, out: Output) -> None:
    target = os.open("large", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder())
    while True:
        os.write(target, bytes(1 << 22))


def write_many_files(item: Item, inputs: Inputs, out: Output) -> None:
    for number in range(1_000_000):
        target = os.open(f"f{number}", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder())
        os.write(target, bytes(1 << 20))
        os.close(target)
    time.sleep(600)


def recurse(item: Item, inputs: Inputs, out: Output) -> None:
    recurse(item, inputs, out)


def flood_streams(item: Item, inputs: Inputs, out: Output) -> None:
    for _ in range(200):
        os.write(1, b"x" * 100_000)
        os.write(2, b"x" * 100_000)
        print("y" * 100_000)  # noqa: T201  this is the flood


# What reaches out


def fork(item: Item, inputs: Inputs, out: Output) -> None:
    os.fork()


def execute(item: Item, inputs: Inputs, out: Output) -> None:
    os.execv("/bin/sh", ["sh", "-c", "true"])  # noqa: S606  the attack


def open_socket(item: Item, inputs: Inputs, out: Output) -> None:
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def open_unix_socket(item: Item, inputs: Inputs, out: Output) -> None:
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)


def open_datagram_pair(item: Item, inputs: Inputs, out: Output) -> None:
    socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)


def read_password_file(item: Item, inputs: Inputs, out: Output) -> None:
    Path("/etc/passwd").read_bytes()


def write_outside(item: Item, inputs: Inputs, out: Output) -> None:
    Path(item["target"]).write_text("was here")


def remove_outside(item: Item, inputs: Inputs, out: Output) -> None:
    Path(item["target"]).unlink()


def change_mode_of_input(item: Item, inputs: Inputs, out: Output) -> None:
    os.fchmod(inputs[0].raw._descriptor, 0o777)


def change_time_of_input(item: Item, inputs: Inputs, out: Output) -> None:
    os.utime(inputs[0].raw._descriptor, (0, 0))


def reopen_input_for_writing(item: Item, inputs: Inputs, out: Output) -> None:
    os.open(f"/proc/self/fd/{inputs[0].raw._descriptor}", os.O_RDWR)


def signal_the_server(item: Item, inputs: Inputs, out: Output) -> None:
    os.kill(os.getppid(), signal.SIGKILL)


def make_symlink(item: Item, inputs: Inputs, out: Output) -> None:
    os.symlink("/etc/passwd", "numbers", dir_fd=folder())
    speak(files=[["numbers", False]])


def make_hard_link(item: Item, inputs: Inputs, out: Output) -> None:
    target = os.open("one", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder())
    os.close(target)
    os.link("one", "two", src_dir_fd=folder(), dst_dir_fd=folder())
    speak(files=[["two", False]])


# What breaks


def crash(item: Item, inputs: Inputs, out: Output) -> None:
    ctypes.string_at(0)


def abort(item: Item, inputs: Inputs, out: Output) -> None:
    os.abort()


def leave_silently(item: Item, inputs: Inputs, out: Output) -> None:
    os._exit(0)


def leave_politely(item: Item, inputs: Inputs, out: Output) -> None:
    sys.exit(0)


def raise_error(item: Item, inputs: Inputs, out: Output) -> None:
    raise ValueError("line one\nline two \x1b[31m")


def return_no_json(item: Item, inputs: Inputs, out: Output) -> None:
    raise TypeError(object())


def crash_later(item: Item, inputs: Inputs, out: Output) -> None:
    threading.Timer(0.3, lambda: ctypes.string_at(0)).start()


def babble_later(item: Item, inputs: Inputs, out: Output) -> None:
    where = channel()
    threading.Timer(0.3, lambda: os.write(where, b"\xff" * 40)).start()


# What lies


def lie_about_the_job(item: Item, inputs: Inputs, out: Output) -> None:
    speak(token="0" * 16)


def send_garbage(item: Item, inputs: Inputs, out: Output) -> None:
    shout(HEAD.pack(5) + b"junk!")


def send_a_list(item: Item, inputs: Inputs, out: Output) -> None:
    shout(HEAD.pack(2) + b"[]")


def send_deep_json(item: Item, inputs: Inputs, out: Output) -> None:
    shout(HEAD.pack(200_000) + b"[" * 200_000)


def send_a_giant_frame(item: Item, inputs: Inputs, out: Output) -> None:
    shout(b"\xff\xff\xff\xff" + b"x" * 1000)


def answer_twice(item: Item, inputs: Inputs, out: Output) -> None:
    both = {**answer(), "token": token()}
    packed = pack(both)
    shout(packed + packed)


def name_a_path(item: Item, inputs: Inputs, out: Output) -> None:
    speak(files=[["../../stolen", False]])


def name_a_file_twice(item: Item, inputs: Inputs, out: Output) -> None:
    write_file("numbers", b"x")
    speak(files=[["numbers", False], ["numbers", False]])


def name_an_absent_file(item: Item, inputs: Inputs, out: Output) -> None:
    speak(files=[["numbers", False]])


def name_wrong_types(item: Item, inputs: Inputs, out: Output) -> None:
    speak(files=[[1, 2, 3]])


def add_a_field(item: Item, inputs: Inputs, out: Output) -> None:
    speak(extra=1)


def write_no_arrow(item: Item, inputs: Inputs, out: Output) -> None:
    write_file("numbers", b"ARROW1" + bytes(100))
    speak(files=[["numbers", True]])


def write_other_columns(item: Item, inputs: Inputs, out: Output) -> None:
    other = pa.schema([pa.field("n", pa.string(), nullable=False)])
    write_table(pa.table({"n": ["x"]}, schema=other))
    speak(files=[["numbers", True]])


def write_loose_nulls(item: Item, inputs: Inputs, out: Output) -> None:
    write_table(pa.table({"n": [1, None]}))
    speak(files=[["numbers", True]])


def write_forbidden_null(item: Item, inputs: Inputs, out: Output) -> None:
    batch = pa.RecordBatch.from_arrays([pa.array([1, None])], schema=SCHEMA)
    write_table(pa.Table.from_batches([batch]))
    speak(files=[["numbers", True]])


def write_unknown_table(item: Item, inputs: Inputs, out: Output) -> None:
    out.arrow("surprise", SCHEMA).write(pa.record_batch([[1]], schema=SCHEMA))


def keep_a_file_open(item: Item, inputs: Inputs, out: Output) -> None:
    os.open("numbers", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder())
    speak(files=[["numbers", False]])


# How they reach the machinery


def channel() -> int:
    return next(n for n in range(3, 64) if is_kind(n, stat.S_ISSOCK))


def folder() -> int:
    return next(n for n in range(3, 64) if is_kind(n, stat.S_ISDIR))


def is_kind(number: int, test: Callable[[int], bool]) -> bool:
    try:
        return test(os.fstat(number).st_mode)
    except OSError:
        return False


def token() -> str:
    frame = sys._getframe()
    while "call" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["call"]["token"]


def answer() -> dict[str, object]:
    return {"status": "done", "kind": "", "reason": "", "result": None, "files": []}


def pack(value: object) -> bytes:
    body = orjson.dumps(value)
    return HEAD.pack(len(body)) + body


def speak(**changes: object) -> None:
    shout(pack({**answer(), "token": token(), **changes}))


def shout(data: bytes) -> None:
    where = channel()
    view = memoryview(data)
    while view:
        view = view[os.write(where, view) :]
    time.sleep(600)


def write_file(name: str, data: bytes) -> None:
    target = os.open(name, os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder())
    os.write(target, data)
    os.close(target)


def write_table(table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write(table)
    write_file("numbers", sink.getvalue().to_pybytes())


def note_and_abort(item: Item, inputs: Inputs, out: Output) -> None:
    out.mark("a" * 64)
    out.mark(item["at"])
    os.abort()


def note_garbage_and_abort(item: Item, inputs: Inputs, out: Output) -> None:
    write_file(".mark", b"../../etc/\xff\0" * 9)
    os.abort()


def linger(item: Item, inputs: Inputs, out: Output) -> None:
    time.sleep(0.4)


def fork_and_hide(item: Item, inputs: Inputs, out: Output) -> None:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, b"tamis-test-hid", 0, 0, 0)  # PR_SET_NAME
            time.sleep(600)
        os._exit(0)
    time.sleep(600)


def use_threads(item: Item, inputs: Inputs, out: Output) -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(threading.get_native_id()))
    thread.start()
    thread.join()
    if len(found) != 1:
        raise RuntimeError


def read_target(items: Items, inputs: Inputs, args: Any, out: Output) -> Any:
    return [Path(item["target"]).read_text() for item in items]


def read_slowly(items: Items, inputs: Inputs, args: Any, out: Output) -> Any:
    """Half of the input, then a while nothing, so that who follows can see it."""
    inputs[0].raw.read(args["half"])
    out.mark("7")
    if args.get("lie") is not None:
        os.lseek(inputs[0].raw._descriptor, args["lie"], os.SEEK_SET)
    time.sleep(0.3)
    return len(inputs[0].read())
