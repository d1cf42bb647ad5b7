from __future__ import annotations

import random
import stat
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from signed_case import FULL, letter

from dkim_signer import BODY, key_row, sign
from tamis.case import Case
from tamis.errors import InputError
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.decoy_check import Checked, Handed, Matching, match, verify
from tamis.run.decoy_seal import Sealing, load, reveal, seal_files
from tamis.run.decoy_task import check_proof
from tamis.run.intake import add
from tamis.run.stages import stages_for
from tamis.syntax import seal
from time_authority import OPENSSL, WHY_NOT, Authority

needs_openssl = pytest.mark.skipif(OPENSSL is None, reason=WHY_NOT)
NOW = datetime.now(UTC)
COMMON = "the meeting of the board takes place in the usual room and all members are invited to it"


def words(number: int, count: int = 80) -> str:
    dice = random.Random(number)
    return " ".join("".join(dice.choices("abdegiklmnoprstu", k=6)) for _ in range(count))


class World:
    """Sealed decoys, two authorities that stamped them, and what was shown of one."""

    def __init__(self, folder: Path) -> None:
        self.folder, decoys = folder, folder / "decoys"
        decoys.mkdir()
        for number in range(5):
            (decoys / f"note{number}.txt").write_text(f"{COMMON}\n{words(number)}\n")
        self.mail = sign(letter(1), BODY, signed=FULL)
        (decoys / "planted.eml").write_bytes(self.mail)
        plain = folder / "plain"
        plain.mkdir()
        (plain / "ordinary.txt").write_text(f"{COMMON}\n{words(99)}\n")
        self.registry = folder / "registry"
        self.sealed = seal_files([decoys], self.registry, Sealing((plain,)), Silent())
        self.authorities = [Authority(folder / name, name) for name in ("first", "second")]
        self.replies = tuple(
            one.answer(request)
            for one, request in zip(self.authorities, self.sealed.requests, strict=True)
        )
        self.proof = self.reveal("planted.eml")

    def reveal(self, name: str, *, replies: bool = True, shows_sketch: bool = False) -> Path:
        folder = self.folder / f"shown-{name}-{replies}-{shows_sketch}"
        (path,) = reveal(
            self.registry / "registry.json",
            [name],
            self.replies if replies else (),
            folder,
            shows_sketch=shows_sketch,
        )
        return path

    def check(self, **given: object) -> Checked:
        handed = {
            "proof": self.proof,
            "file": self.folder / "decoys" / "planted.eml",
            "commitment": self.registry / "commitment.json",
            "roots": tuple(one.roots for one in self.authorities),
            **given,
        }
        return verify(Handed(**handed), 1, Silent())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    if OPENSSL is None:
        pytest.skip(WHY_NOT)
    return World(tmp_path_factory.mktemp("decoys"))


def test_a_proof_holds_with_its_file_commitment_and_two_authorities(world: World) -> None:
    checked = world.check(registry=world.registry / "registry.json")
    assert [one for one in checked.lines if one[1]] == []
    assert checked.ok
    assert checked.authorities == ("first root", "second root")
    assert checked.sealed_at is not None
    assert abs(checked.sealed_at - NOW) < timedelta(minutes=30)


def test_the_replies_alone_can_be_checked_when_they_come(world: World) -> None:
    told = {"proof": None, "file": None, "replies": world.replies}
    assert world.check(**told, registry=world.registry / "registry.json").ok
    assert not world.check(**told, roots=()).ok


def test_a_token_for_another_root_is_refused_with_the_remedy(world: World, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other", "first")
    checked = world.check(roots=(other.roots,))
    assert not checked.ok
    problems = [problem for _, problem in checked.lines if problem]
    assert len(problems) == 2
    assert "give it with --roots" in problems[0]


def test_any_changed_byte_of_the_proof_is_named(world: World) -> None:
    """The task of the cell itself: a worker for each byte would take minutes."""
    whole, dice = world.proof.read_bytes(), random.Random(3)
    others = [world.registry / "commitment.json", *(one.roots for one in world.authorities)]
    args = {"proof": 0, "commitment": 1, "roots": [2, 3], "replies": []}

    def problems(data: bytes) -> list[str]:
        streams = [BytesIO(data), *(BytesIO(one.read_bytes()) for one in others)]
        return [one["problem"] for one in check_proof([{}], streams, args, None) if one["problem"]]  # type: ignore[arg-type]

    assert problems(whole) == []
    for at in sorted({0, len(whole) - 1, *dice.sample(range(len(whole)), 400)}):
        changed = bytearray(whole)
        changed[at] ^= 1 << dice.randrange(8)
        assert problems(bytes(changed)), at
    assert problems(whole[:-1])
    assert problems(whole + b" ")


@pytest.mark.parametrize(
    ("member", "value", "told"),
    [
        ("salt", "00" * 32, "decoy_id, salt, sha256, sketch_sha256"),
        ("sha256", "00" * 32, "decoy_id, salt, sha256, sketch_sha256"),
        ("leaf_index", 77, "the path does not lead to the root"),
        ("leaf_count", 7, "it is a proof for another commitment"),
        ("root", "11" * 32, "the path does not lead to the root"),
        ("path", [], "the path does not lead to the root"),
    ],
)
def test_a_proof_written_anew_with_another_member_fails_there(
    world: World, tmp_path: Path, member: str, value: object, told: str
) -> None:
    members = load(world.proof, (seal.PROOF,))
    (tmp_path / "p.json").write_bytes(seal.written({**members, member: value}))
    checked = world.check(proof=tmp_path / "p.json")
    assert not checked.ok
    assert any(told in (problem or "") for _, problem in checked.lines), checked.lines


def test_a_changed_file_and_a_proof_for_another_commitment_are_told(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "f.eml").write_bytes(world.mail + b"\n")
    assert ("file", "its SHA-256 is not the sealed one: it was changed, or is another file") in (
        world.check(file=tmp_path / "f.eml").lines
    )
    sealed = seal_files([tmp_path / "f.eml"], tmp_path / "r", Sealing(), Silent())
    assert any("no background" in note for note in sealed.notes)
    checked = world.check(commitment=tmp_path / "r" / "commitment.json")
    assert "root, leaf_count: it is a proof for another commitment" in dict(checked.lines).values()


def test_one_is_shown_without_the_others(world: World) -> None:
    members = load(world.registry / "registry.json", (seal.REGISTRY,))
    shown = world.proof.read_text()
    own = load(world.proof, (seal.PROOF,))
    for leaf in members["leaves"]:
        if leaf["decoy_id"] == own["decoy_id"]:
            continue
        for name in ("decoy_id", "name", "salt", "sha256", "sketch"):
            assert leaf[name] not in shown, name
    assert "sketch_key" not in own
    assert members["sketch_key"] not in shown
    public = (world.registry / "sketches.json").read_text()
    assert members["sketch_key"] not in public
    assert not any(leaf["name"] in public or leaf["sha256"] in public for leaf in members["leaves"])
    for name in ("registry.json", "sketch-key.json"):
        assert stat.S_IMODE((world.registry / name).stat().st_mode) == 0o600


def test_a_registry_that_was_changed_or_a_name_it_has_not_is_refused(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "registry.json"
    path.write_bytes(
        (world.registry / "registry.json").read_bytes().replace(b"planted", b"plantEd")
    )
    with pytest.raises(InputError, match="checksum"):
        reveal(path, ["planted.eml"], (), tmp_path / "o", shows_sketch=False)
    with pytest.raises(InputError, match="no sealed file of the name 'gone'"):
        reveal(world.registry / "registry.json", ["gone"], (), tmp_path / "o", shows_sketch=False)
    with pytest.raises(InputError, match="two authorities"):
        seal_files([path], tmp_path / "n", Sealing(authority_count=1), Silent())


def test_pieces_are_matched_and_boilerplate_is_not(world: World, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    piece = " ".join(words(2).split()[10:30])
    (corpus / "pasted.txt").write_text(f"{words(50)} {piece.upper()} {words(51)}")
    (corpus / "boilerplate.txt").write_text(COMMON)
    (corpus / "other.txt").write_text(words(77))
    how = Matching(world.registry / "sketches.json", world.registry / "sketch-key.json")
    rows, notes = match(how, [corpus], Silent())
    leaves = load(world.registry / "registry.json", (seal.REGISTRY,))["leaves"]
    wanted = next(one["decoy_id"] for one in leaves if one["name"] == "note2.txt")
    assert [(one["path"], one["decoy_id"], one["shared_count"]) for one in rows] == [
        ("pasted.txt", wanted, 16)
    ]
    assert notes == []
    with pytest.raises(InputError, match="give --key"):
        match(Matching(how.sketches), [corpus], Silent())
    other = seal_files([corpus], tmp_path / "r", Sealing(), Silent())
    with pytest.raises(InputError, match="key of another registry"):
        match(Matching(how.sketches, other.folder / "sketch-key.json"), [corpus], Silent())


def judged(
    world: World, folder: Path, leak_at: datetime | None, *shown: Path, whole: bool = True
) -> Case:
    """A case whose dump holds a planted mail, a copy of a note and a piece of another."""
    leak = folder / "leak"
    leak.mkdir(parents=True)
    (leak / "planted.eml").write_bytes(world.mail)
    (leak / "note0.txt").write_bytes((world.folder / "decoys" / "note0.txt").read_bytes())
    (leak / "piece.txt").write_text(" ".join(words(1).split()[:40]))
    told = "" if leak_at is None else leak_at.isoformat()
    case = Case.create(folder / "case", title="decoys", leak_at=told)
    add(case, [leak], kind="leak")
    (folder / "keys.json").write_text(f'{{"{key_row()["key_name"]}": "{key_row()["txt"]}"}}')
    add(case, [folder / "keys.json"], kind="keys")
    add(case, shown, kind="decoys")
    with case.view() as view:
        states = view.table("item", ["status"])["status"].to_pylist()
    assert set(states) == {"read"}
    with case.writer() as writer:
        for stage in stages_for("verdict" if whole else "decoy_match"):
            run_stage(writer, stage, RunContext("r1", "duckdb", 2, Silent()))
    return case


SAID = {
    "later": "not before the leak of",
    "no leak": "the case does not say when the leak was (leak_at in case.toml)",
    "no root": "no certificate that you trust vouches for its signer",
    "no reply": "no reply of an authority was shown",
}


def verdict_of(case: Case) -> dict[str, object]:
    with case.view() as view:
        (row,) = view.table("verdict").to_pylist()
    return dict(row)


def test_sealed_before_the_leak_is_a_decoy(world: World, tmp_path: Path) -> None:
    roots = [one.roots for one in world.authorities]
    shown = (
        world.proof,
        *roots,
        world.registry / "sketches.json",
        world.registry / "sketch-key.json",
    )
    case = judged(world, tmp_path, NOW + timedelta(days=1), *shown)
    row = verdict_of(case)
    assert (row["verdict"], row["roll_up"], row["rule_id"]) == ("decoy", "decoy", "decoy.sealed")
    said = " ".join(str(one) for one in row["does_not_claim"])  # type: ignore[attr-defined]
    assert "that it is no decoy" not in said
    assert "that what it says is invented" in said
    assert "first root, second root" in said
    assert row["granted"][1].startswith("verified")  # type: ignore[index]
    with case.view() as view:
        rows = view.table("decoy_match").to_pylist()
    told = sorted(
        (one["relation"], one["standing"], (one["shared_count"] or 0) > 20) for one in rows
    )
    # The text of the planted letter is too short to have runs of its own.
    assert sorted(told, key=str) == [
        ("same_bytes", "decoy", False),
        ("shares_text", None, True),
        ("shares_text", None, True),
    ]


@pytest.mark.parametrize("why", ["later", "no leak", "no root", "no reply"])
def test_without_a_trusted_time_before_the_leak_it_is_only_asserted(
    world: World, tmp_path: Path, why: str
) -> None:
    leak_at = {"later": NOW - timedelta(days=1), "no leak": None}.get(why, NOW + timedelta(days=1))
    roots = () if why == "no root" else tuple(one.roots for one in world.authorities)
    proof = world.reveal("planted.eml", replies=False) if why == "no reply" else world.proof
    case = judged(world, tmp_path, leak_at, proof, *roots, whole=why == "later")
    with case.view() as view:
        (row,) = view.table("decoy_match").to_pylist()
    assert (row["relation"], row["standing"]) == ("same_bytes", "decoy_asserted")
    assert (row["sealed_at"] is None) == (why in {"no root", "no reply"})
    assert SAID[why] in row["detail"]
    if why == "later":
        # The mail is verified, and a later word of anybody takes nothing away from that.
        judgement = verdict_of(case)
        assert (judgement["verdict"], judgement["roll_up"]) == ("verified", "verified")
        assert judgement["granted"] == [
            "verified (dkim.verified)",
            "decoy_asserted (decoy.asserted)",
        ]
        assert "that it is no decoy" in judgement["does_not_claim"]  # type: ignore[operator]


def test_what_was_changed_is_not_taken_into_a_case(world: World, tmp_path: Path) -> None:
    whole = world.proof.read_bytes()
    (tmp_path / "p.json").write_bytes(whole.replace(b'"leaf_index": ', b'"leaf_index":  '))
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / "p.json", world.registry / "registry.json"], kind="decoys")
    with case.view() as view:
        reasons = sorted(row["reason"] or "" for row in view.table("item").to_pylist())
        assert view.row_count("decoy") == 0
    assert "it is not as it was written" in reasons[0]
    assert "private registry" in reasons[1]
