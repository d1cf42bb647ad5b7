"""Mutants of signed mail through the pipeline, operators by verdicts, written as a reference page.

    python benchmarks/mail_mutations.py ../shared/data -o docs/reference/mail-mutations.md

Exit code 1 when a mutant that shows something else counts as verified or supported, or when a
changed field that nobody signed is not named.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from mail_mutations import OPERATORS  # noqa: E402
from mutation_case import Found, generated, judge_alone, judge_settings, make, real, ring  # noqa: E402

HEAD = """\
# What an attacker's changes to signed mail end as

Made by `benchmarks/mail_mutations.py`; do not edit. {operator_count} operators
(`tests/mail_mutations.py`) change {real_count} real signed messages (all of `leak/signed` that are
verified or supported under `keys.json`) and {made_count} messages of the invented incident. What a
reader sees is judged by the two mail readers of Python's standard library
(`tests/mail_readers.py`): From, To, Subject, Date, every text, page and attachment; where the
verdict is `consistent`, Cc as well. A mutant is wrong if one of them shows something else beyond
white space and it counts as verified or supported, or if a field that readers show was changed,
is not signed, and `does_not_claim` does not name it.

| setting | mutants | of these show something else | wrong |
|---|--:|--:|--:|
{settings}

*Alone*: one file and the keys. *With the original*: in the same dump as the untouched message and
other mail, in another mailbox. *With the owner's original*: the untouched message was added as a
reference. *Signatures taken out*: the mutant carries none. In the folder settings each invented
message gets {share} of the operators that apply, another share for each; real ones get all.
`damaged` is followed by the group in which it is counted; *no message* is a file that holds none.
"""


def main(argv: list[str] | None = None) -> int:
    """Measure all settings and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--count", type=int, default=200, help="invented messages")
    parser.add_argument("--every", type=int, default=10)
    chosen = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        found, counts = measure(Path(scratch), chosen.shared, chosen.count, chosen.every)
    page = render(found, counts, chosen.every)
    if chosen.output is not None:
        chosen.output.write_text(page, encoding="utf-8")
    print(page)
    wrong = [one for told in found.values() for one in told.wrong]
    print("\n".join(wrong), file=sys.stderr)
    return int(bool(wrong))


def measure(
    scratch: Path, shared: Path, count: int, every: int
) -> tuple[dict[str, Found], tuple[int, int]]:
    """What each setting found, and how many real and invented messages there were."""
    found: dict[str, Found] = {"alone": Found()}
    bases, keys = real(shared)
    made, made_keys, others = generated(scratch, count)
    for name, some, of, more, share in (
        ("real", bases, keys, (), 1),
        ("invented", made, made_keys, others[:60], every),
    ):
        started = time.monotonic()
        found["alone"].add(judge_alone(make(some), ring(of)))
        print(f"{name}, alone: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        settings = judge_settings(scratch / name, some, of, more, every=share, batch=40)
        for told, one in settings.items():
            found.setdefault(told, Found()).add(one)
        print(f"{name}, folders: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return found, (len(bases), len(made))


def render(found: dict[str, Found], counts: tuple[int, int], every: int) -> str:
    """The page."""
    rows = [
        f"| {name} | {one.mutant_count:,} | {one.changed_count:,} | {len(one.wrong)} |"
        for name, one in found.items()
    ]
    head = HEAD.format(
        operator_count=len(OPERATORS),
        real_count=counts[0],
        made_count=counts[1],
        settings="\n".join(rows),
        share=f"one in {every}",
    )
    tables = [f"## {name.capitalize()}\n\n" + "\n".join(one.lines()) for name, one in found.items()]
    return "\n\n".join([head.rstrip(), *tables]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
