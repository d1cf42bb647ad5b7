"""`tamis explain`: the rule, every fact, what kept a message from better, what would change it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from signed_case import make, messages

from tamis.case import Case
from tamis.cli import cli
from tamis.errors import InputError
from tamis.run.explain import explain

Signed = tuple[Case, dict[str, str]]


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    return make(tmp_path_factory.mktemp("signed"), messages())


def told(signed: Signed, name: str) -> str:
    case, ids = signed
    with case.view() as view:
        return "\n".join(explain(view, ids[name]).lines())


@pytest.mark.parametrize(
    ("name", "verdict", "rule", "kept"),
    [
        ("rsa", "verified", "dkim.verified", "nothing did"),
        ("ed25519", "verified", "dkim.verified", "nothing did"),
        ("sha1", "verified_partly", "dkim.partly", "rsa-sha1"),
        ("length", "unverifiable", "dkim.unsigned_tail", "l= signs the first 10 bytes"),
        ("unsigned", "unverifiable", "dkim.none", "it carries no DKIM signature"),
        ("changed", "altered_copy", "repair.edit", "the body is not the one that was signed"),
        ("damaged", "damaged", "repair.damage", "the body is not the one that was signed"),
        (
            "no_key",
            "unverifiable",
            "dkim.no_key",
            "gone._domainkey.example.org is not known",
        ),
    ],
)
def test_verdict_rule_and_what_kept_it_from_better(
    signed: Signed, name: str, verdict: str, rule: str, kept: str
) -> None:
    text = told(signed, name)
    assert f"Verdict: {verdict} (counted as " in text
    assert f"Decided by rule {rule}, version " in text
    section = text.partition("What kept it from verified:\n")[2].partition("\n\n")[0]
    assert kept in section
    changes = text.partition("What would change it:\n")[2].strip()
    assert changes
    if name == "no_key":
        assert changes.startswith(
            "the key gone._domainkey.example.org, from DNS or a dated archive"
        )


def test_every_fact_and_every_limit_is_told_once(signed: Signed) -> None:
    case, ids = signed
    for name, item_id in ids.items():
        text = told(signed, name)
        with case.view() as view:
            shown = explain(view, item_id)
        assert len(shown.evidence) == len(shown.verdict["evidence_ids"])
        facts = text.partition("Facts, ")[2].partition("What it does not say")[0]
        for row in shown.evidence:
            assert facts.count(row["detail"]) == 1, (name, row["detail"])
        for one in shown.verdict["does_not_claim"]:
            if name != "hostile":
                assert f"\n  {one}\n" in text


def test_what_is_said_is_not_said_again_as_what_kept_it(signed: Signed) -> None:
    text = told(signed, "changed")
    said = text.partition("What it says of this message:\n")[2].partition("\n")[0].strip()
    kept = text.partition("What kept it from verified:\n")[2].partition("By its own")[0]
    assert said
    assert said not in kept
    assert "By its own signatures alone it is body_differs (dkim.body_differs)" in text


def test_any_name_of_a_message_is_understood(signed: Signed) -> None:
    case, ids = signed
    with case.view() as view:
        for name in (ids["rsa"], ids["rsa"][:6].upper(), "<1@example.org>", "1@example.org",
                     "box/rsa.eml"):  # fmt: skip
            assert explain(view, name).message["item_id"] == ids["rsa"]
        for name in ("", "abc", "_" * 6, "%", "nowhere.eml", "0" * 64):
            with pytest.raises(InputError, match="names no message"):
                explain(view, name)


def test_two_messages_of_one_name_are_both_named(tmp_path: Path) -> None:
    given = messages()
    case, ids = make(tmp_path, {"one": given["rsa"], "two": b"X-New: 1\r\n" + given["rsa"]})
    with case.view() as view, pytest.raises(InputError, match="several messages") as caught:
        explain(view, "1@example.org")
    assert all(one in str(caught.value) for one in ids.values())


def test_a_hostile_subject_does_nothing_to_a_terminal(signed: Signed) -> None:
    case, ids = signed
    for form in ("table", "jsonl"):
        done = CliRunner().invoke(cli, ["explain", str(case.path), ids["hostile"], "--as", form])
        assert done.exit_code == 0, done.output
        assert not {"\x1b", "\u202e", "\u2028"} & set(done.output), form
        if form == "jsonl":
            assert json.loads(done.output)["message"]["subject"]
    assert "It says: verified" not in {line.strip() for line in done.output.splitlines()}


def test_without_a_verdict_it_says_what_to_do(tmp_path: Path) -> None:
    from tamis.run.intake import add

    (tmp_path / "a.eml").write_bytes(messages()["rsa"])
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / "a.eml"])
    with case.view() as view, pytest.raises(InputError, match="tamis run"):
        explain(view, "1@example.org")


def test_the_words_that_differ_are_shown(signed: Signed) -> None:
    lines = told(signed, "changed").splitlines()
    assert any(line.startswith("    - ") and "weaves" in line for line in lines)
    assert any(line.startswith("    + ") and "leaves" in line for line in lines)
    assert "  To: charles@example.net" in lines
