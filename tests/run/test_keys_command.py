"""`tamis keys` on a small case: wanted, fetched, added, exported; what each changes in verdicts."""

from __future__ import annotations

import base64
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization

import dkim_signer
from dns_server import answer, serving, txt
from tamis.analyses.leak.dkim import KeyRing, verify_message
from tamis.case import Case, audit
from tamis.case.settings import Settings
from tamis.cli import cli
from tamis.errors import InputError, SettingsError
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import Workers, add
from tamis.run.keys import export_keys, list_contradictory, list_wanted, providers, take_made
from tamis.run.stages import stages
from tamis.sources.context.keys import load_keys

TXT = f"v=DKIM1; k=rsa; p={dkim_signer.public_text(dkim_signer.rsa_key())}"
NAME = "s1._domainkey.example.org"
OTHER = "s2._domainkey.example.org"
LEAK_AT = datetime(2017, 5, 5, 18, 35, tzinfo=UTC)
SIGNED_AT = datetime(2017, 5, 4, 8, tzinfo=UTC)


def letter(number: int, selector: str = "s1", *, bulk: bool = False) -> bytes:
    fields = [
        (name, f"<{number}@example.org>" if name == "Message-ID" else text)
        for name, text in dkim_signer.LETTER
    ]
    if bulk:
        fields.append(("List-Unsubscribe", "<mailto:x@example.org>"))
    signed = "from:to:subject:date:message-id:mime-version:content-type"
    return dkim_signer.sign(
        fields,
        dkim_signer.BODY,
        signed=signed,
        extra=f" t={int(SIGNED_AT.timestamp())};",
        replace={"s": selector},
    )


def run_leak(case: Case) -> None:
    with case.writer() as writer:
        for stage in stages(("leak",)):
            if stage.name == "leak.signatures":
                run_stage(writer, stage, RunContext("r1", "duckdb", 1, Silent()))


def verdicts(case: Case) -> dict[str, set[str]]:
    """Verdicts by selector."""
    run_leak(case)
    found: dict[str, set[str]] = {}
    with case.view() as view:
        words = {
            row["item_id"]: row["verdict"] for row in view.table("signature_verdict").to_pylist()
        }
        for row in view.table("signature").to_pylist():
            found.setdefault(row["selector"], set()).add(words[row["item_id"]])
    return found


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("keys")
    (root / "in").mkdir()
    for number in range(3):
        (root / "in" / f"{number}.eml").write_bytes(letter(number))
    (root / "in" / "3.eml").write_bytes(letter(3, "s2", bulk=True))
    broken = letter(4, "s2").replace(b"weaves", b"wears")
    (root / "in" / "4.eml").write_bytes(broken)
    (root / "in" / "5.eml").write_bytes(letter(5, "$(reboot)"))
    case = Case.create(root / "case", title="x", leak_at=LEAK_AT.isoformat())
    add(case, (root / "in",), kind="leak", workers=Workers(jobs=1))
    run_leak(case)
    return root / "case"


@pytest.fixture
def case(original: Path, tmp_path: Path) -> Case:
    shutil.copytree(original, tmp_path / "case")
    return Case.open(tmp_path / "case")


def add_json(case: Case, tmp_path: Path, whole: Any) -> None:
    path = tmp_path / f"keys-{abs(hash(json.dumps(whole)))}.json"
    path.write_text(json.dumps(whole))
    add(case, [path], kind="keys", workers=Workers(jobs=1))


def invoke(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(cli, [str(word) for word in words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


def test_wanted_counts_what_each_key_would_decide(case: Case) -> None:
    with case.view() as view:
        rows = list_wanted(view).to_pylist()
    assert rows[0]["key_name"] == NAME
    counts = [(row["would_decide_count"], row["message_count"]) for row in rows]
    assert counts == sorted(counts, reverse=True)
    by_name = {row["key_name"]: row for row in rows}
    assert by_name[NAME]["lookup"] == f"dig +short TXT {NAME}"
    assert by_name[NAME]["person_count"] == 3
    assert (by_name[OTHER]["would_decide_count"], by_name[OTHER]["message_count"]) == (1, 2)
    assert by_name[OTHER]["person_count"] == 0
    assert by_name[NAME]["first_signed_at"] == SIGNED_AT
    hostile = [row for row in rows if "reboot" in row["key_name"]]
    assert all(row["lookup"] is None for row in hostile)


@pytest.mark.parametrize("form", ["table", "csv", "jsonl"])
def test_wanted_on_the_command_line(case: Case, form: str) -> None:
    code, shown = invoke("keys", "wanted", case.path, "--as", form, "--limit", 1)
    assert code == 0
    assert f"dig +short TXT {NAME}" in shown
    assert OTHER not in shown


def test_wanted_before_a_run_says_what_to_do(tmp_path: Path) -> None:
    made = Case.create(tmp_path / "c", title="x")
    with pytest.raises(InputError, match="--only leak"):
        invoke("keys", "wanted", made.path)


def test_fetch_needs_the_word_network(case: Case) -> None:
    with pytest.raises(InputError, match="--network"):
        invoke("keys", "fetch", case.path, "--resolver", "127.0.0.1:9")


def test_fetch_keeps_resolver_time_and_raw_answer(case: Case) -> None:
    def answers(query: bytes, _: str) -> list[bytes]:
        if b"\x02s1" in query:
            return [answer(query, txt(TXT[:200].encode(), TXT[200:].encode()), txt(b"v=spf1 -all"))]
        return [answer(query, flags=0x8183)]

    with serving(answers) as server:
        code, shown = invoke("keys", "fetch", case.path, "--network", "--resolver", server.resolver)
        resolver = server.resolver
        asked = {name for _, name in server.asked}
    assert code == 0
    assert asked == {NAME, OTHER}, "a name that is no name was asked"
    assert "no_such_name" in shown
    again = Case.open(case.path)
    with again.view() as view:
        (row,) = view.table("dkim_key").to_pylist()
        rejected = view.table("rejected").to_pylist()
        kept = view.read_item(row["source_item_id"])
    assert (row["key_name"], row["txt"], row["source"]) == (NAME, TXT, "dns")
    assert resolver in row["source_label"]
    assert datetime.now(UTC) - row["seen_from_at"] < timedelta(minutes=5)
    assert row["seen_from_at"] == row["seen_to_at"]
    assert {one["reason"] for one in rejected} == {
        "no record: no_such_name",
        "a TXT record of that name that is no key record",
    }
    lines = [one for one in again.custody() if one.event == "asked_dns"]
    assert {one.facts["name"] for one in lines} == {NAME, OTHER}
    (told,) = next(one for one in lines if one.facts["name"] == NAME).facts["answers"]
    assert told["resolver"] == resolver
    assert datetime.fromisoformat(told["asked_at"]).tzinfo is not None
    assert TXT[:200].encode() in base64.b64decode(told["answer"])
    assert orjson.loads(kept.split(b"\n")[0])["answers"][0]["answer"] == told["answer"]
    assert audit(case.path, None).ok
    # What the DNS shows today covers no message of 2017.
    assert verdicts(again)["s1"] == {"key_consistent"}


def test_an_interruption_loses_no_answer(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from tamis.run import keys_fetch
    from tamis.run.dns_lookup import Resolver, ask

    def ask_once(name: str, resolver: Resolver) -> Any:
        if name == OTHER:
            raise KeyboardInterrupt
        return ask(name, resolver)

    monkeypatch.setattr(keys_fetch, "ask", ask_once)
    with serving(lambda q, _: [answer(q, txt(TXT[:200].encode(), TXT[200:].encode()))]) as server:
        resolver = Resolver("127.0.0.1", server.port)
        with pytest.raises(KeyboardInterrupt):
            list(keys_fetch.fetch(case, [NAME, OTHER], resolver, Silent()))
    with Case.open(case.path).view() as view:
        assert view.row_count("dkim_key") == 1
    assert [line.facts["name"] for line in case.custody() if line.event == "asked_dns"] == [NAME]


def test_a_case_that_is_held_is_refused_before_anything_is_asked(case: Case) -> None:
    from tamis.errors import CaseLockedError
    from tamis.run.keys_fetch import Resolver, fetch

    with serving(lambda q, _: [answer(q)]) as server, case.writer():
        with pytest.raises(CaseLockedError):
            list(fetch(case, [NAME], Resolver("127.0.0.1", server.port), Silent()))
        assert server.asked == []


def test_fetch_that_finds_nothing_says_no(case: Case) -> None:
    with serving(lambda q, _: [answer(q, flags=0x8183)]) as server:
        code, _ = invoke(
            "keys", "fetch", case.path, NAME, "--network", "--resolver", server.resolver
        )
    assert code == 1


def entry(**other: Any) -> dict[str, Any]:
    return {"txt": TXT, "source": "archive", "src": "archive A"} | other


@pytest.mark.parametrize(
    ("stated", "word"),
    [
        (entry(seen_from="2017-01-01", seen_to="2017-12-31"), "verified"),
        (entry(), "verified"),
        (entry(seen_from="2018-01-01", seen_to="2018-12-31"), "key_consistent"),
        (entry(seen_from="2017-05-06", seen_to="2017-12-31"), "key_consistent"),
        (entry(submitted="2017-05-06"), "key_consistent"),
        (entry(submitted="2017-05-04"), "verified"),
        (entry(source="recovered"), "key_consistent"),
        (entry(src="archive A, public_key_gcd_batch"), "key_consistent"),
        (entry(private_published=True), "unverifiable"),
    ],
)
def test_what_a_source_attests(stated: dict[str, Any], word: str) -> None:
    rows = load_keys(json.dumps({NAME: [stated]}).encode()).rows
    assert str(verify_message(letter(0), KeyRing(rows, LEAK_AT)).verdict.word) == word


def test_the_setting_leak_at_reaches_the_verdicts(case: Case, tmp_path: Path) -> None:
    add_json(case, tmp_path, {NAME: [entry(submitted="2017-05-06")]})
    assert verdicts(case)["s1"] == {"key_consistent"}
    path = case.path / "case.toml"
    path.write_text(path.read_text().replace(f'"{LEAK_AT.isoformat()}"', '""'))
    assert verdicts(Case.open(case.path))["s1"] == {"verified"}


@pytest.mark.parametrize("text", ["yesterday", "2017-05-05T10:00:00", "2017-05-05"])
def test_leak_at_needs_its_offset(text: str) -> None:
    with pytest.raises(SettingsError, match="leak_at"):
        Settings(title="x", leak_at=text)


def test_a_published_private_key_takes_every_name_down(case: Case, tmp_path: Path) -> None:
    add_json(case, tmp_path, {NAME: [entry()], OTHER: [entry()]})
    assert verdicts(case)["s1"] == {"verified"}
    pem = dkim_signer.rsa_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    (tmp_path / "leaked.pem").write_bytes(pem)
    code, _ = invoke("keys", "add", case.path, tmp_path / "leaked.pem")
    assert code == 0
    found = verdicts(Case.open(case.path))
    assert found["s1"] == {"unverifiable"}
    assert "verified" not in found["s2"]
    with Case.open(case.path).view() as view:
        marked = {row["key_status"] for row in view.table("signature").to_pylist()}
    assert "private_published" in marked


def test_contradictory_sources_are_named_and_the_one_that_holds_decides(
    case: Case, tmp_path: Path
) -> None:
    false = dkim_signer.public_text(dkim_signer.rsa_key(1024))
    path = tmp_path / "two.json"
    path.write_text(json.dumps({NAME: [{"txt": f"p={false}", "src": "B"}, entry(), "p="]}))
    code, shown = invoke("keys", "add", case.path, path)
    assert code == 0
    assert f"different records are known for {NAME}" in shown
    case = Case.open(case.path)
    with case.view() as view:
        assert list_contradictory(view) == [NAME]
    assert verdicts(case)["s1"] == {"verified"}
    with case.view() as view:
        labels = {
            row["key_label"]
            for row in view.table("signature").to_pylist()
            if row["selector"] == "s1"
        }
    assert labels == {"archive A"}


def test_a_folder_of_key_files_is_taken_in_through_the_cell(case: Case, tmp_path: Path) -> None:
    import gzip

    folder = tmp_path / "files"
    folder.mkdir()
    quoted = f'"{TXT[:200]}" "{TXT[200:]}"'
    line = json.dumps({"selector": "s1", "domain": "example.org", "value": TXT})
    (folder / "example.zone").write_text(f"$ORIGIN example.org.\ns1._domainkey TXT ( {quoted} )\n")
    (folder / "short.txt").write_text(f"+ dig +short TXT {NAME}\n{quoted}\n")
    (folder / "windows.txt").write_text(f"{NAME}\ttext =\n\n\t{quoted}\n", encoding="utf-16")
    (folder / "archive.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    (folder / "table.csv").write_text(f"name,txt\n{NAME},{TXT}\n")
    (folder / "readme.txt").write_text("nothing of interest\n")
    code, shown = invoke("keys", "add", case.path, folder)
    assert code == 0, shown
    with Case.open(case.path).view() as view:
        rows = view.table("dkim_key").to_pylist()
        items = [row for row in view.table("item").to_pylist() if row["kind"] == "keys"]
    assert {row["txt"] for row in rows} == {TXT}
    assert sorted(row["source"] for row in rows) == ["archive", "dns", "dns", "party", "party"]
    statuses = {row["reader"]: row["status"] for row in items}
    assert statuses.pop(None) == "refused", "what holds no keys is refused, and said"
    assert set(statuses.values()) == {"read"}
    assert len(statuses) == 4, statuses


def test_verify_takes_any_key_file(tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(letter(1))
    (tmp_path / "z.zone").write_text(f'{NAME}. IN TXT "{TXT[:200]}" "{TXT[200:]}"\n')
    code, shown = invoke(
        "verify", tmp_path / "1.eml", "--keys", tmp_path / "z.zone", "--as", "jsonl"
    )
    assert code == 0
    assert json.loads(shown.splitlines()[0])["verdict"] == "verified"


def test_verify_tells_what_of_the_key_file_it_could_not_use(tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(letter(1))
    twice = f'"{NAME}": {{"txt": "p=", "txt": "{TXT}"}}, "{NAME}": "{TXT}", "{NAME}": "v=DKIM1; p="'
    (tmp_path / "keys.json").write_text(f'{{{twice}, "=1+1": "p="}}')
    words = ["verify", str(tmp_path / "1.eml"), "--keys", str(tmp_path / "keys.json")]
    shown = CliRunner().invoke(cli, words).stderr
    assert "1 names have more than one record; all are kept" in shown
    assert "2 entries cannot be used (the entry says more than once" in shown
    assert "the name is not of the form selector._domainkey.domain" in shown


def test_export_is_what_another_case_takes_in(case: Case, tmp_path: Path) -> None:
    whole = {
        NAME: [entry(seen_from="2017-01-01", seen_to="2017-12-31T10:00:00+02:00"), "p="],
        OTHER: [entry(submitted="2017-05-06", private_published=True), entry(source="recovered")],
    }
    add_json(case, tmp_path, whole)
    pem = dkim_signer.ed25519_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "k.pem").write_bytes(pem)
    add(case, [tmp_path / "k.pem"], kind="keys", workers=Workers(jobs=1))
    code, _ = invoke("keys", "export", case.path, "-o", tmp_path / "out.json")
    assert code == 0
    other = Case.create(tmp_path / "other", title="y")
    add(other, [tmp_path / "out.json"], kind="keys", workers=Workers(jobs=1))

    def known(one: Case) -> list[dict[str, Any]]:
        with one.view() as view:
            rows = view.table("dkim_key").to_pylist()
        return sorted(({**row, "source_item_id": ""} for row in rows), key=str)

    assert known(other) == known(case)
    assert len(known(other)) == 5
    with other.view() as view:
        assert export_keys(view) == (tmp_path / "out.json").read_bytes()


def test_the_shipped_keys_are_whole_and_sourced(case: Case) -> None:
    whole = orjson.loads(providers().content)
    for name, entries in whole.items():
        assert len({one["txt"] for one in entries}) == 1, "byte-identical in every source"
        assert len({one["src"] for one in entries}) >= 2, name
        assert all(one["source"] == "archive" for one in entries)
    code, _ = invoke("keys", "add", case.path, "--providers")
    assert code == 0
    with Case.open(case.path).view() as view:
        rows = view.table("dkim_key").to_pylist()
    assert {row["key_name"] for row in rows} == set(whole)
    assert all(row["key_bits"] == 2048 for row in rows)
    # Again changes nothing.
    take_made(Case.open(case.path), [providers()])
    with Case.open(case.path).view() as view:
        assert view.row_count("dkim_key") == len(rows)


@pytest.mark.shared_data
def test_a_shipped_key_verifies_real_mail(shared_data: Path, tmp_path: Path) -> None:
    from tamis.run.verify import verify

    names = orjson.loads(providers().content)
    (tmp_path / "k.json").write_bytes(providers().content)
    signed = shared_data / "leak" / "signed"
    found = verify([signed], keys=tmp_path / "k.json", jobs=2, progress=Silent())
    held = {
        f"{one['selector']}._domainkey.{one['domain']}"
        for row in found.rows
        for one in row["signatures"]
        if one["kind"] == "dkim" and one["header_verifies"]
    }
    assert held == set(names)
