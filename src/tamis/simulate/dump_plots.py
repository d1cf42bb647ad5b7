"""What is not honest, or not whole, in the dump with truth: one function a kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tamis.simulate.dump_cast import HELD, OWNER, ROTATED_AT
from tamis.simulate.dump_damage import FOR_GOOD, UNDOABLE
from tamis.simulate.dump_edits import (
    AS_CARRIERS,
    FORGERIES,
    LOCAL,
    LOST,
    QUOTABLE,
    decoy,
    edited,
    forged,
    lookalike,
)
from tamis.simulate.dump_mail import STYLES, Letter, Wanted, answer, prose
from tamis.simulate.dump_scene import Copy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.simulate.dump_scene import Scene


def twin(scene: Scene, rank: int) -> Iterator[Copy]:
    """An altered copy in one mailbox, and the untouched one, which verifies, in another."""
    edit = (*LOCAL, *LOST)[rank % len((*LOCAL, *LOST))]
    name, reader = scene.holder()
    other, third = scene.other_holder(reader)
    sender = scene.known_sender(reader)
    if sender is third:
        return
    form = "mixed" if edit == "file" else None
    one = scene.letter((sender, reader), scene.time(after=ROTATED_AT),
                       Wanted(also=(third,), form=form))  # fmt: skip
    false = edited(one, edit, scene.dice)
    if false is not None:
        yield scene.received(one, name)
        yield scene.received(one, other, false, true_class="altered", made_as=edit,
                             evidence="twin")  # fmt: skip


def quoted(scene: Scene, rank: int) -> Iterator[Copy]:
    """A sent message altered in the Sent folder; the answer to it, which verifies, quotes it.

    Nothing else speaks about it: a sent copy bears no signature.
    """
    edit, style = QUOTABLE[rank % len(QUOTABLE)], STYLES[rank % len(STYLES)]
    name, person = scene.holder(but=OWNER)
    other = scene.dice.pick(scene.by_state["known"])
    one = scene.letter((person, other), scene.time(after=ROTATED_AT), Wanted(form="plain"))
    false = edited(one, edit, scene.dice)
    if false is None:
        return
    at_s = one.draft.at_s + scene.dice.between(600, 90_000)
    back = answer(scene.dice, scene.seed, one, at_s, style)
    bare = false if one.signature is None else replace(false, fields=false.fields[1:])
    way = {"block": "unmarked", "wrapped": "torn"}.get(style, "marked")
    draft = one.draft
    yield Copy(name, "sent", bare, draft.message_id, draft.at_s, "none", "altered", edit,
               f"quote:{way}")  # fmt: skip
    yield scene.received(back, name)


def reference(scene: Scene, rank: int) -> Iterator[Copy]:
    """A message altered in the mailbox whose holder hands in the originals."""
    edit = (*LOCAL, *LOST)[rank % len((*LOCAL, *LOST))]
    form = "mixed" if edit == "file" else None
    sender = scene.dice.pick([one for one in scene.people if "libre" not in one.domain])
    one = scene.letter((sender, dict(HELD)[OWNER]), scene.time(), Wanted(form=form))
    false = edited(one, edit, scene.dice)
    if false is not None:
        yield scene.received(one, OWNER, false, true_class="altered", made_as=edit,
                             evidence="reference")  # fmt: skip


def localised(scene: Scene, rank: int) -> Iterator[Copy]:
    """A signed message with a known key, changed in one place, and no copy of it."""
    edits = (*LOCAL, *AS_CARRIERS)
    edit = edits[rank % len(edits)]
    name, reader = scene.holder(but=OWNER)
    form = ("plain", "coded", "mixed")[rank % 3]
    people = (scene.known_sender(reader), reader)
    one = scene.letter(people, scene.time(after=ROTATED_AT), Wanted(form=form))
    false = edited(one, edit, scene.dice)
    if false is not None and not one.draft.content.html:
        yield scene.received(one, name, false, true_class="altered", made_as=edit,
                             evidence="localised" if edit in LOCAL else "as carriers")  # fmt: skip


def untold(scene: Scene, rank: int) -> Iterator[Copy]:
    """Altered, and nothing in the case can show it."""
    edit = ("passage", "name", "sentence_out")[rank % 3]
    name, reader = scene.holder(but=OWNER)
    one = scene.letter((scene.dice.pick(scene.by_state["absent"]), reader), scene.time())
    false = edited(one, edit, scene.dice)
    if false is not None:
        yield scene.received(one, name, false, true_class="altered", made_as=edit,
                             evidence="none")  # fmt: skip


def invented(scene: Scene, rank: int) -> Iterator[Copy]:
    """A forgery in one of its ways, with the genuine letter beside it where it needs one."""
    kind = FORGERIES[rank % len(FORGERIES)]
    name, reader = scene.holder()
    people = (scene.other_holder(reader)[1], reader)
    at_s = scene.time(after=ROTATED_AT)
    model = scene.letter(people, at_s, Wanted(form="plain"))
    if kind in {"transplanted", "false_thread"}:
        yield scene.received(model, name)
    truth = {"true_class": "forged", "made_as": kind}
    for false in forged(scene.dice, scene.seed, kind, people, at_s, model):
        told = Letter(model.draft, false, "known" if kind == "second_subject" else "none", "")
        yield scene.received(told, name, false, **truth)
        if kind == "planted_twice":
            yield scene.received(told, scene.other_holder(reader)[0], false, **truth)


def like(scene: Scene, _rank: int) -> Iterator[Copy]:
    """A letter of a domain that looks like the campaign's."""
    name, reader = scene.holder()
    people = (scene.other_holder(reader)[1], reader)
    one = lookalike(scene.dice, scene.seed, people, scene.time(after=ROTATED_AT))
    yield scene.received(one, name, true_class="lookalike", made_as="lookalike")


def bait(scene: Scene, _rank: int) -> Iterator[Copy]:
    """A decoy in a mailbox."""
    name, reader = scene.holder()
    people = (scene.other_holder(reader)[1], reader)
    one = decoy(scene.dice, scene.seed, people, scene.time(after=ROTATED_AT))
    yield scene.received(one, name, true_class="decoy", made_as="decoy")


def undoable(scene: Scene, rank: int) -> Iterator[Copy]:
    """A letter damaged in a way that can be undone."""
    yield from _damaged(scene, rank, is_undoable=True)


def for_good(scene: Scene, rank: int) -> Iterator[Copy]:
    """A letter damaged in a way that loses what stood there."""
    yield from _damaged(scene, rank, is_undoable=False)


def _damaged(scene: Scene, rank: int, *, is_undoable: bool) -> Iterator[Copy]:
    """A letter damaged on its way, from anybody; keys as they come."""
    ways = UNDOABLE if is_undoable else FOR_GOOD
    made_as, way = ways[rank % len(ways)]
    name, reader = scene.holder(but=OWNER)
    sender = scene.dice.pick(scene.people)
    if scene.dice.chance(0.3):
        sender = scene.other_holder(reader)[1]
    while True:
        wanted = Wanted()
        if made_as == "from_quoted":
            text = f"{prose(scene.dice, sender, reader)}\n\nFrom the second page on it is old."
            wanted = Wanted(text=text, form="plain")
        one = scene.letter((sender, reader), scene.time(), wanted)
        mail = way(one, scene.dice)
        if mail is not None:
            break
        sender = scene.dice.pick(scene.people)
    yield scene.received(one, name, mail, true_class="damaged", made_as=made_as,
                         is_undoable=is_undoable)  # fmt: skip
