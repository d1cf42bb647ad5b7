"""The scene of the dump with truth: its people, honest mail, and the copies that boxes keep."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tamis.simulate.dice import Dice
from tamis.simulate.dump_cast import FIRST_AT, HELD, LAST_AT, OWNER, crowd, houses
from tamis.simulate.dump_mail import Letter, Wanted, answer, letter, sent_copy
from tamis.simulate.letters import Made, carried, list_post, newsletter
from tamis.simulate.people import LIST_DOMAIN, Person, Provider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.simulate.mime import Mail

_NAMES = {one.address: name for name, one in HELD}


@dataclass(frozen=True, slots=True)
class Copy:
    """One message as it lies in one mailbox, and what is true of it.

    `true_class`: honest, altered, forged, lookalike, decoy or damaged; `made_as` says how;
    `evidence` is what lies elsewhere in the case that could show an alteration: twin, quote and
    its style, reference, localised (what was signed can be computed), or none; `key` is what is
    known of the key that signed: known, rotated, absent, or none where nothing is signed;
    `original` is what the mailbox's owner can hand in.
    """

    holder: str
    side: str  # in or sent
    mail: Mail
    message_id: str
    at_s: int
    key: str
    true_class: str = "honest"
    made_as: str = "letter"
    evidence: str = ""
    is_undoable: bool | None = None
    original: Mail | None = field(default=None, repr=False)


class Scene:
    """The making of one dump: chance, people, and how many of each kind."""

    def __init__(self, seed: int, count: int) -> None:
        self.seed = seed
        self.count = count
        self.dice = Dice(seed, "dump")
        self.people = crowd(self.dice, seed, max(24, count // 40))
        self.by_state: dict[str, list[Person]] = {}
        for one in self.people:
            self.by_state.setdefault(houses(seed)[one.domain].state, []).append(one)

    # --- chance ----------------------------------------------------------------------------

    def holder(self, *, but: str = "") -> tuple[str, Person]:
        """A holder of a mailbox, and the box's name."""
        return self.dice.pick([one for one in HELD if one[0] != but])

    def other_holder(self, person: Person) -> tuple[str, Person]:
        """A holder who is not this one and did not hand in originals."""
        fit = [one for one in HELD if one[1] is not person and one[0] != OWNER]
        return self.dice.pick(fit)

    def time(self, *, after: int = FIRST_AT) -> int:
        """An instant of the dump's two years."""
        return self.dice.between(after, LAST_AT)

    def known_sender(self, reader: Person) -> Person:
        """Somebody whose house's key is known: a colleague, or a person outside."""
        if self.dice.chance(0.5):
            return self.dice.pick([one for _, one in HELD if one is not reader])
        return self.dice.pick(self.by_state["known"])

    def letter(self, people: tuple[Person, Person], at_s: int, wanted: Wanted | None = None,
                ) -> Letter:  # fmt: skip
        """A letter from the first to the second of `people`."""
        return letter(self.dice, self.seed, people, at_s, wanted)

    # --- copies ----------------------------------------------------------------------------

    def received(self, one: Letter, holder: str, mail: Mail | None = None, **truth: object,
                  ) -> Copy:  # fmt: skip
        """The copy in a holder's inbox; the owner's originals hold what came in truth."""
        reader = dict(HELD)[holder]
        to_holder = (
            one.draft if one.draft.recipient is reader else replace(one.draft, recipient=reader)
        )
        way = Dice(self.seed, "way", one.draft.message_id, holder)
        original = carried(one.mail, to_holder, way) if holder == OWNER else None
        if truth.get("true_class") == "forged":
            original = None
        shown = carried(mail or one.mail, to_holder, self.dice)
        draft = one.draft
        return Copy(holder, "in", shown, draft.message_id, draft.at_s, one.key,
                    original=original, **truth)  # type: ignore[arg-type]  # fmt: skip

    def sent(self, one: Letter) -> Copy:
        """The copy in the sender's Sent folder."""
        name, mail = _NAMES[one.draft.sender.address], sent_copy(one)
        original = mail if name == OWNER else None
        draft = one.draft
        return Copy(name, "sent", mail, draft.message_id, draft.at_s, "none",
                    made_as="sent_copy", original=original)  # fmt: skip

    def both(self, one: Letter) -> Iterator[Copy]:
        """Every honest copy that mailboxes of the dump hold."""
        if one.draft.recipient.address in _NAMES:
            yield self.received(one, _NAMES[one.draft.recipient.address])
        if one.draft.sender.address in _NAMES:
            yield self.sent(one)

    def thread(self) -> Iterator[Copy]:
        """A conversation of one to five messages, some with a colleague in Cc."""
        _, person = self.holder()
        inside = self.dice.chance(0.3)
        other = self.other_holder(person)[1] if inside else self.dice.pick(self.people)
        at_s = self.time()
        also: tuple[Person, ...] = ()
        if self.dice.chance(0.15):
            third = self.other_holder(person)[1]
            also = (third,) if third is not other else ()
        one = self.letter((other, person), at_s, Wanted(also=also))
        yield from self.both(one)
        for extra in also:
            yield self.received(one, _NAMES[extra.address])
        for _ in range(self.dice.below(5)):
            at_s += self.dice.between(600, 90_000)
            one = answer(self.dice, self.seed, one, at_s)
            yield from self.both(one)

    # --- mass mail -------------------------------------------------------------------------

    def newsletter(self) -> Iterator[Copy]:
        """A newspaper's mailing to one holder."""
        name, reader = self.holder()
        domain = (
            "courrier-mirecombe.example" if self.dice.chance(0.4) else "revue-ostrevane.example"
        )
        at_s = self.time()
        signer, key = houses(self.seed)[domain].signs_at(at_s, self.seed)
        made = newsletter(self.dice, Provider(domain, signer, (), ""), reader, at_s)
        yield self._mass(made, name, key)

    def list_post(self) -> Iterator[Copy]:
        """A post of the volunteers' list to one holder."""
        name, reader = self.holder()
        at_s = self.time()
        signer, key = houses(self.seed)[LIST_DOMAIN].signs_at(at_s, self.seed)
        provider = Provider(LIST_DOMAIN, signer, (), "")
        made = list_post(self.dice, provider, self.dice.pick(self.people), reader, at_s)
        yield self._mass(made, name, key)

    def _mass(self, made: Made, holder: str, key: str) -> Copy:
        named = made.mail.get("Message-ID").strip("<>")
        original = made.mail if holder == OWNER else None
        return Copy(holder, "in", made.mail, named, made.at_s, key, made_as=made.made_as,
                    original=original)  # fmt: skip
