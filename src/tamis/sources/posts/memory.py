"""What a reader remembers of a file it streams: the latest keys, never more than a fixed number."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memory(Generic[K, V]):
    """A mapping that forgets its older half when it is full.

    A repetition that comes after its first sight was forgotten is written again; tables are
    counted by distinct ids, so that it costs space and no figure.
    """

    def __init__(self, size: int) -> None:
        self._half = max(size // 2, 1)
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        # What was put lately, looked up without a call of Python's own; always the same dict.
        self.lately = self._young.get

    def get(self, key: K) -> V | None:
        """The value of `key` if it is still remembered."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
        return found

    def put(self, key: K, value: V) -> None:
        """Remember `value`, and perhaps forget what was put long ago."""
        if len(self._young) >= self._half:
            self._old = self._young.copy()
            self._young.clear()
        self._young[key] = value

    def add(self, key: K, value: V) -> bool:
        """Whether `key` was unknown; it is remembered with `value` either way."""
        young = self._young
        if key in young or key in self._old:
            return False
        if len(young) >= self._half:
            self.put(key, value)
        else:
            young[key] = value
        return True
