"""Our verdicts beside dkimpy's answers over real messages, written as a page of the reference.

    python benchmarks/dkim_oracle.py ../shared/data/leak -o docs/reference/dkim-oracle.md

Nothing in the page is written by hand but the explanations of `EXPLAINED`, which are looked up by
what the oracle says.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import logging
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from tamis.analyses.leak.arc import ArcFinding, judge_chain  # noqa: E402
from tamis.analyses.leak.dkim import KeyRing, MessageVerdict, verify_message  # noqa: E402
from tamis.syntax.mail.display import read_display  # noqa: E402
from tamis.syntax.mail.headers import split  # noqa: E402

FOLDERS = ("signed", "lists", "mime")
ARC_FOLDERS = (*FOLDERS, "mixed")
_VOIDS = "here a violation that voids, beside the arithmetic"
EXPLAINED = {
    "x= value is past": (
        "RFC 6376 section 3.5: x= is compared with t= only; a clock of today says nothing about "
        "mail in an archive"
    ),
    "body hash mismatch": (
        "RFC 6376 section 3.7: header signature and body hash are separate facts here; the oracle "
        "stops at the body hash and never computes the header signature"
    ),
    "NaClNotFoundError": "RFC 8463: the oracle lacks its Ed25519 library on this machine",
    "Unexpected characters in RFC822 header": (
        "RFC 5322 section 2.2: a line is no header field; the oracle reads nothing of the message"
    ),
    "v= ": f"RFC 6376 section 3.5: v= must be 1; {_VOIDS}",
    "i= domain": f"RFC 6376 section 3.5: i= must lie in d=; {_VOIDS}",
    "q= value": f"RFC 6376 section 3.5: the query method is unknown; {_VOIDS}",
    "Duplicate tag": f"RFC 6376 section 3.2: a tag may occur once; {_VOIDS}",
    "missing": f"RFC 6376 section 3.5: a required tag is missing; {_VOIDS}",
}


EXPLAINED_ARC = {
    ("fail", "unable"): (
        "RFC 8617 section 5.2: a check that cannot be made is no check that failed; the oracle "
        "knows two outcomes, and takes a key that it does not find for a failure"
    ),
    ("error", "fail"): (
        "RFC 5322 section 2.2: a line is no header field, and the oracle reads nothing of the "
        "message; here the sets are read, and the message signature does not hold"
    ),
    ("terminated", "fail"): (
        "RFC 8617 section 5.2, step 2: a chain whose latest seal states cv=fail has failed; the "
        "oracle answers nothing"
    ),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One message: where it lies, what the oracle says of each signature, our verdict."""

    path: str
    answers: tuple[str, ...]
    result: MessageVerdict

    @property
    def is_passed(self) -> bool:
        """Whether the oracle passes one of its signatures."""
        return "pass" in self.answers


@dataclass(frozen=True, slots=True)
class ArcCase:
    """One message with fields of ARC: where it lies, what the oracle says, our facts."""

    path: str
    answer: str
    detail: str
    finding: ArcFinding

    @property
    def agrees(self) -> bool:
        """Whether both come to the same state."""
        return self.answer == self.finding.chain.state


def compare_arc(folder: Path) -> list[ArcCase]:
    """Every distinct file of the folders whose first header block holds a field of ARC."""
    keys = read_keys(folder / "keys.json")
    ring = ring_of(keys)
    seen: set[str] = set()
    cases = []
    for path in sorted(
        p for name in ARC_FOLDERS for p in (folder / name).rglob("*") if p.is_file()
    ):
        raw = path.read_bytes()
        digest = hashlib.sha256(raw).hexdigest()
        headers = split(raw)
        finding = judge_chain(raw, headers, read_display(headers), ring)
        if finding is None or digest in seen:
            continue
        seen.add(digest)
        cases.append(ArcCase(str(path.relative_to(folder)), *ask_arc(raw, keys), finding))
    return cases


def ask_arc(raw: bytes, keys: dict[str, list[dict[str, str]]]) -> tuple[str, str]:
    """What dkimpy says of the chain (pass, fail, none, or terminated), and its sentence."""
    import dkim  # noqa: PLC0415 (the oracle; absent from the product)

    def find(name: Any, **_: Any) -> bytes | None:
        text = name.decode("latin-1") if isinstance(name, bytes) else str(name)
        entries = keys.get(text.rstrip(".").lower(), [])
        return entries[0]["txt"].encode() if entries else None

    quiet = logging.getLogger("dkimpy")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    try:
        state, _, detail = dkim.ARC(raw, logger=quiet).verify(dnsfunc=find)
    except Exception as error:  # noqa: BLE001 (whatever the oracle raises is its answer)
        return "error", type(error).__name__
    return ("terminated" if state is None else state.decode()), str(detail)


def read_keys(path: Path) -> dict[str, list[dict[str, str]]]:
    """The key file `{name: [{txt, src}]}`."""
    return dict(json.loads(path.read_text()))


def ring_of(keys: dict[str, list[dict[str, str]]]) -> KeyRing:
    """The keys as undated records of an archive, which is what the file states."""
    return KeyRing(
        {"key_name": name, "txt": one["txt"], "source": "archive", "source_label": one["src"]}
        for name, entries in keys.items()
        for one in entries
    )


def compare(folder: Path) -> list[Case]:
    """Every distinct file of the three folders that holds a DKIM signature, in path order."""
    keys = read_keys(folder / "keys.json")
    ring = ring_of(keys)
    seen: set[str] = set()
    cases = []
    for path in sorted(p for name in FOLDERS for p in (folder / name).rglob("*") if p.is_file()):
        raw = path.read_bytes()
        digest = hashlib.sha256(raw).hexdigest()
        count = len(split(raw).named(b"DKIM-Signature"))
        if not count or digest in seen:
            continue
        seen.add(digest)
        answers = tuple(ask(raw, rank, keys) for rank in range(count))
        cases.append(Case(str(path.relative_to(folder)), answers, verify_message(raw, ring)))
    return cases


def ask(raw: bytes, rank: int, keys: dict[str, list[dict[str, str]]]) -> str:
    """What dkimpy says of one signature under any of the keys: pass, fail, or its error."""
    said = "fail"
    for choice in range(3):

        def find(name: Any, choice: int = choice, **_: Any) -> bytes | None:
            text = name.decode("latin-1") if isinstance(name, bytes) else str(name)
            entries = keys.get(text.rstrip(".").lower(), [])
            return entries[choice]["txt"].encode() if choice < len(entries) else None

        answer = _ask_once(raw, rank, find)
        if answer == "pass":
            return answer
        said = answer if choice == 0 else said
    return said


def _ask_once(raw: bytes, rank: int, find: Any) -> str:
    import dkim  # noqa: PLC0415 (the oracle; absent from the product)

    quiet = logging.getLogger("dkimpy")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    try:
        held = dkim.DKIM(raw, logger=quiet).verify(idx=rank, dnsfunc=find)
    except Exception as error:  # noqa: BLE001 (whatever the oracle raises is its answer)
        text = re.sub(r"b?'[^']*'|b\"[^\"]*\"", "…", str(error))
        text = re.sub(r"\(got .*", "", text).split(": …")[0]
        return f"{type(error).__name__}: {text[:70].strip()}"
    return "pass" if held else "fail"


def disagreements(cases: list[Case]) -> list[tuple[str, str, str, str, str]]:
    """Signatures on which the arithmetic and the oracle differ: place, both answers, why."""
    found = []
    for case in cases:
        for facts, answer in zip(case.result.signatures, case.answers, strict=True):
            ours = bool(facts.header_verifies and facts.body_matches)
            is_same = (answer == "pass") == (ours and not facts.is_voided)
            if is_same and (answer == "pass" or not facts.header_verifies):
                continue
            told = [str(one) for one in facts.violations]
            fact = _say(facts.header_verifies, facts.body_matches)
            why = next(
                (text for mark, text in EXPLAINED.items() if mark in answer), "; ".join(told)
            )
            place = f"{case.path} #{facts.position}"
            found.append((place, answer, fact, "; ".join(told) or "none", why or "unexplained"))
    return found


def _say(header: bool | None, body: bool | None) -> str:  # noqa: FBT001 (two facts, as stored)
    words = {True: "holds", False: "fails", None: "not computed"}
    return f"header {words[header]}, body {words[body]}"


def arc_lines(cases: list[ArcCase]) -> list[str]:
    """The part of the page about ARC."""
    table = Counter((case.answer, case.finding.chain.state) for case in cases)
    lines = [
        "",
        "## ARC chains beside dkimpy",
        "",
        f"{len(cases)} files, `leak/mixed` counted in, carry ARC in their first header block.",
        f"On {sum(case.agrees for case in cases)} of them both come to the same state.",
        "",
        "| dkimpy | here | files | why they differ |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {said} | {ours} | {count} | "
        + ("(agree)" if said == ours else EXPLAINED_ARC.get((said, ours), "unexplained"))
        + " |"
        for (said, ours), count in sorted(table.items())
    ]
    lines += [
        "",
        "| message | dkimpy | here | what it attests |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {case.path} | {case.answer}: {case.detail} | {case.finding.chain.state} | "
        f"{case.finding.describe()} |"
        for case in cases
    ]
    return lines


def render(cases: list[Case], chains: list[ArcCase]) -> str:
    """The page."""
    passed = [case for case in cases if case.is_passed]
    words = Counter(str(case.result.verdict.word) for case in cases)
    version = importlib.metadata.version("dkimpy")
    lines = [
        "# Verdicts beside dkimpy",
        "",
        "Made by `benchmarks/dkim_oracle.py` from the messages in `leak/signed`, `leak/lists` and",
        "`leak/mime` of the shared data with the keys of its `keys.json`, all undated. dkimpy",
        f"{version} is the oracle; it is used in tests only. Files that hold several messages",
        "(mbox) are read as one here; the case splits them first. Equal bytes are listed once.",
        "",
        f"{len(cases)} files carry a signature in their first header block, dkimpy passes",
        f"{len(passed)}. Our verdicts on all of them: "
        + ", ".join(f"{count} {word}" for word, count in sorted(words.items()))
        + ".",
        "",
        "## Each message that dkimpy passes",
        "",
        "| message | verdict | rule | what kept it from `verified` |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {case.path} | {case.result.verdict.word} | {case.result.verdict.rule_id} | "
        f"{case.result.verdict.kept_from or '(nothing)'} |"
        for case in passed
    ]
    lines += [
        "",
        "## Each signature on which the arithmetic and dkimpy differ",
        "",
        "| signature | dkimpy | arithmetic here | violations here | why |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(row)} |" for row in disagreements(cases)]
    lines += arc_lines(chains)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def main(argv: list[str] | None = None) -> int:
    """Write the page, or with --check say whether it is up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(argv)
    page = render(compare(options.folder), compare_arc(options.folder))
    if options.check:
        return int(options.output.read_text() != page)
    if options.output:
        options.output.write_text(page)
    else:
        print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
