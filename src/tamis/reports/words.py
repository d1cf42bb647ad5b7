"""The words of a report: what each verdict says, and what a report never claims."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One verdict of the scale, in plain words."""

    verdict: str
    roll_up: str
    says: str
    does_not_say: str


# In order of precedence: where several would apply, the first decides.
_PRECEDENCE = (
    Word(
        "decoy",
        "decoy",
        "It matches a trap document that the defenders had sealed before the leak.",
        "That what it says is invented. Nothing is ever called a decoy by inference.",
    ),
    Word(
        "display_conflict",
        "disputed",
        "It has more than one From, Subject, Date, To or Content-Type, so two programs may show "
        "two different messages.",
        "Which of them a reader saw.",
    ),
    Word(
        "verified",
        "verified",
        "A cryptographic signature by the sender's mail domain covers who it is from, the "
        "subject, the date and the whole body: these are as they were signed.",
        "That a human wrote it; that the holder of the mailbox and no intruder sent it; that what "
        "it says is true; that the date is right; that the dump is complete.",
    ),
    Word(
        "altered_copy",
        "disputed",
        "Its text, an attachment, or its From, To, Subject or Date differ from what was signed, "
        "from a verified copy or answer, or from the owner's original.",
        "Who altered it, and why.",
    ),
    Word(
        "contradicted",
        "disputed",
        "Independent oddities of its headers go together more rarely than in one of a thousand "
        "verified messages of its kind, or two of its fields exclude each other.",
        "That it is forged, or by whom.",
    ),
    Word(
        "verified_partly",
        "supported",
        "A valid signature covers part of it, or was made by a mailing list or a provider, or with "
        "a weak key or algorithm.",
        "Anything about the parts that are not covered.",
    ),
    Word(
        "arc_attested",
        "supported",
        "A known mail system on its way states that mail of the From domain passed its check "
        "there, and its seal holds.",
        "Anything about what came before that system.",
    ),
    Word(
        "key_consistent",
        "supported",
        "A signature holds, but only under a key that is itself not attested from outside.",
        "The sender's domain.",
    ),
    Word(
        "consistent",
        "supported",
        "Its own signatures do not hold or are absent; other evidence agrees with it: the same "
        "message in verified mail or among the owner's originals, or verified answers.",
        "Proof.",
    ),
    Word(
        "damaged",
        "unknown",
        "After a listed, reversible repair its signature holds; the repaired bytes carry their "
        "own verdict.",
        "The bytes as found.",
    ),
    Word(
        "body_differs",
        "unknown",
        "The signature over its headers holds, the one over its body does not; the cause is "
        "unknown.",
        "Alteration: mail stores, lists and gateways change bodies every day.",
    ),
    Word(
        "decoy_asserted",
        "unknown",
        "Its owner says that it is a decoy; nothing shows that this was said before the leak.",
        "That it is a decoy.",
    ),
    Word(
        "unverifiable",
        "unknown",
        "What is known decides nothing, for it or against it. This is the default and no sign of "
        "anything: most honest mail is unverifiable.",
        "Anything at all.",
    ),
)

_ORDER = ("verified", "supported", "disputed", "decoy", "unknown")

# As people read it: what is established comes first.
SCALE = tuple(sorted(_PRECEDENCE, key=lambda word: _ORDER.index(word.roll_up)))

ROLL_UPS = {
    "verified": "signature by the sender's domain, whole message covered",
    "supported": "some evidence stands behind it, short of verified",
    "disputed": "something about it does not fit; says nothing about who or why",
    "decoy": "a sealed trap of the defenders",
    "unknown": "nothing either way",
}

SHARES = (
    "These are counts of this dump, not estimates. They may not be used to say how much of the "
    "rest is real: the verified part never speaks for the unverified part. Person-to-person and "
    "bulk mail stand apart because newsletters and automatic mail are signed far more often than "
    "letters between people; adding them up would flatter the dump."
)

NOT_CLAIMED = (
    (
        "No person, group or state is named as the author of anything, and no account is called "
        "fake, automated or coordinated on purpose."
    ),
    (
        "Accounts in a pair acted on the same things within the window. No significance test has "
        "been made yet: push alerts, news, popular accounts and plain chance produce such pairs "
        "too."
    ),
    (
        "“Earliest” always means earliest in this collection. What was not collected, was deleted "
        "or was posted elsewhere can be earlier."
    ),
    (
        "A message without a usable signature is not suspicious; a message with a valid one is "
        "not thereby true, complete or harmless."
    ),
    "Dates of messages are what the sender's computer stated.",
    "Nothing here says that publishing is lawful, or right.",
)

LAYERS = {
    "co_repost": "reposted the same post",
    "co_link": "shared the same link",
    "co_domain": "shared links to the same site",
    "co_hashtag": "used the same hashtag",
    "co_text": "posted the same text",
    "co_media": "posted the same picture or video",
    "co_reply": "replied to the same post",
    "co_hashtag_sequence": "used the same hashtags in the same order",
    "co_mention": "mentioned the same account",
    "co_presence": "posted in the same thread or channel",
    "merged": "several layers together",
    "fast_repost": "one reposted the other within seconds",
    "co_object": "used the same thing",
}

WEIGHTS = {
    "distinct_objects": "different things that both used",
    "co_pairs": "pairs of actions, repetitions counted",
    "distinct_messages": "different posts involved",
}

CLOCKS = {
    "platform": "the platform's clock",
    "id_derived": "derived from the post's number",
    "client_claimed": "claimed by the sender's program",
    "exporter_local": "the exporter's local clock",
    "archive": "an archive's clock",
}
