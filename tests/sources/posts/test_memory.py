from __future__ import annotations

from tamis.sources.posts.memory import Memory


def test_what_was_put_lately_is_found_after_the_older_half_was_forgotten() -> None:
    memory: Memory[int, str] = Memory(4)
    lately = memory.lately
    for number in range(5):
        memory.put(number, str(number))
    assert lately(4) == "4"
    assert lately(3) is None
    assert [memory.get(number) for number in range(5)] == [None, None, "2", "3", "4"]


def test_it_never_holds_more_than_its_size() -> None:
    memory: Memory[int, int] = Memory(10)
    for number in range(1000):
        memory.put(number, number)
        assert sum(memory.get(one) is not None for one in range(number + 1)) <= 10
    assert memory.get(999) == 999
