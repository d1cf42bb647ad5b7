"""Header forensics: measures by hand, a slow comparison, and what its p-values promise."""

from __future__ import annotations

import hashlib
import math
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from forensic_rows import STAMP, judge, tables, verdict

from tamis import records
from tamis.analyses.leak import forensics
from tamis.analyses.leak.forensics_signals import SIGNALS
from tamis.simulate.habits import correspondence
from tamis.sources.leak import message as reader

LOOSE = {"rate": 0.02, "least_verified": 40, "least_sender_verified": 3,
         "least_period_verified": 5, "most_sender_gap_days": 150}  # fmt: skip
OUTLOOK_AT = datetime(2017, 5, 5, 12, 0, tzinfo=UTC)


def raw(**changed: str | None) -> bytes:
    """One message with three relays, whose clocks and grammars agree."""
    fields: dict[str, str | None] = {
        "r3": "by store.b.example; Fri, 5 May 2017 12:00:09 +0000",
        "r2": "from x by mx.b.example; Fri, 5 May 2017 14:00:07 +0200",
        "r1": "from x by smtp.a.example; Fri, 5 May 2017 12:00:04 +0000",
        "From": "P <p@a.example>",
        "To": "q@b.example",
        "Subject": "s",
        "Date": "Fri, 5 May 2017 14:00:00 +0200",
        "Message-ID": "<590C6940.3050103@a.example>",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/mixed; boundary="x"',
        **changed,
    }
    names = {"r1": "Received", "r2": "Received", "r3": "Received"}
    head = "".join(f"{names.get(k, k)}: {v}\r\n" for k, v in fields.items() if v is not None)
    return f"{head}\r\n--x\r\n\r\nhello\r\n--x--\r\n".encode()


def measures(tmp_path: Path, *posted: bytes) -> list[dict[str, float]]:
    """The measures of each message, none of them verified."""
    out = judge(tmp_path, tables([(one, False) for one in posted]), ("measure",))
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for row in out["measure"].to_pylist():
        found[row["item_id"]][row["signal"]] = row["measured"]
    return [found[hashlib.sha256(one).hexdigest()] for one in posted]


def test_clocks_that_agree_measure_nothing(tmp_path: Path) -> None:
    (found,) = measures(tmp_path, raw())
    assert found == {
        "date_after_relay": 0, "date_before_relay": 4, "id_time_off": 0, "weekday_wrong": 0,
        "relays_backwards": 0, "relay_delay": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"Date": "Fri, 5 May 2017 15:00:00 +0200"},
         {"date_after_relay": 3596, "date_before_relay": 0, "id_time_off": 3600}),
        ({"Date": "Thu, 5 May 2017 14:00:00 +0200"}, {"weekday_wrong": 1}),
        ({"r2": "from x by mx.b.example; Fri, 5 May 2017 11:58:04 +0000"},
         {"relays_backwards": 120, "relay_delay": 125}),
        ({"X-Mailer": "iPhone Mail (15A372)"}, {"software_newer": 136.5}),
        ({"In-Reply-To": "<590C7750.1@a.example>"}, {"answered_id_later": 3600}),
        ({"Content-Type": 'multipart/mixed; boundary="----=_Part_1_2.1493985610000"'},
         {"boundary_time_off": 10}),
        ({"Date": None, "Message-ID": None, "r1": None, "r2": None, "r3": None}, {}),
        ({"Date": "soon", "r1": "by x; soon", "r2": "by;;;", "r3": ";"}, {}),
    ],
)  # fmt: skip
def test_each_clock_by_hand(
    tmp_path: Path, changed: dict[str, str | None], expected: dict[str, float]
) -> None:
    (found,) = measures(tmp_path, raw(**changed))
    assert {name: found.get(name) for name in expected} == expected
    if not expected:
        assert set(found) <= {"id_time_off"}


def test_a_reply_before_its_original(tmp_path: Path) -> None:
    original = raw(**{"Date": "Fri, 5 May 2017 13:00:00 +0000", "Message-ID": "<one@a.example>"})
    reply = raw(**{"Message-ID": "<two@a.example>", "In-Reply-To": "<one@a.example>"})
    assert measures(tmp_path, original, reply)[1]["reply_before_original"] == 3600


def test_the_rarity_of_a_habit_by_hand(tmp_path: Path) -> None:
    ids = [f"<{n:032x}@a.example>" for n in range(40)]
    posted = [(raw(**{"Message-ID": one}), True) for one in ids]
    odd = raw(**{"Message-ID": "<weird/../id@a.example>"})
    out = judge(tmp_path, tables([*posted, (odd, False)]), ("measure", "chosen"))
    learnt = Counter(row["fold"] for row in out["chosen"].to_pylist())["learn"]
    shapes = [grammar for grammar in out["chosen"].to_pylist() if grammar["fold"] == "learn"]
    assert 0 < learnt < 40
    item_id = hashlib.sha256(odd).hexdigest()
    rows = {r["signal"]: r["measured"] for r in out["measure"].to_pylist()
            if r["item_id"] == item_id}  # fmt: skip
    assert rows["id_of_sender"] == pytest.approx(-math.log(0.5 / (learnt + 1)))
    assert rows["order_of_sender"] == pytest.approx(-math.log((learnt + 0.5) / (learnt + 1)))
    assert len(shapes) == learnt


def test_hostile_fields_are_measured_or_left_out(tmp_path: Path) -> None:
    many = b"".join(b"Received: by " + b"a." * 200 + b"x;;; 99\r\n" for _ in range(300))
    hostile = [
        many + b"From: <@>\r\nMessage-ID: <@@@>\r\n\r\n",
        b"From: x@" + b"\xff\xfe" * 50 + b"\r\nDate: Xyz, 99 Foo 20177 99:99:99 +9999\r\n\r\n",
        b'Content-Type: multipart/mixed; boundary="' + b"=" * 5000 + b'"\r\n\r\n',
        b"Thread-Index: " + b"A" * 20000 + b"\r\nX-Mailer: " + b"\x00" * 400 + b"\r\n\r\n",
    ]
    out = judge(tmp_path, tables([(one, False) for one in hostile]))
    assert out["header_score"].num_rows == 4
    assert not any(out["header_score"]["is_contradicted"].to_pylist())


@pytest.fixture(scope="module")
def posted() -> list[Any]:
    return list(correspondence(5, 1_500, forged=25))


@pytest.fixture(scope="module")
def corpus(posted: list[Any]) -> dict[str, pa.Table]:
    return tables([(one.raw, one.is_verified) for one in posted])


def test_the_joint_rule_equals_a_slow_obvious_one(
    tmp_path: Path, corpus: dict[str, pa.Table]
) -> None:
    out = judge(tmp_path, corpus, ("measure", "chosen", "level", "basis", "standing"), **LOOSE)
    chosen = {row["item_id"]: row for row in out["chosen"].to_pylist()}
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for row in out["measure"].to_pylist():
        found[row["item_id"]][row["signal"]] = row["measured"]
    members: dict[str, dict[str, str]] = defaultdict(dict)
    for row in out["level"].to_pylist():
        if row["fold"] != "judged":
            members[row["stratum_id"]][row["item_id"]] = row["fold"]
    scores = {row["item_id"]: row for row in out["header_score"].to_pylist()}
    compared = 0
    for stratum_id in {row["stratum_id"] for row in scores.values()}:
        learn = [found[k] for k, fold in members[stratum_id].items() if fold == "learn"]
        calibrate = [k for k, fold in members[stratum_id].items() if fold == "calibrate"]
        if len(members[stratum_id]) < LOOSE["least_verified"]:
            continue
        known = [slow_score(found[one], learn) for one in calibrate]
        for row in scores.values():
            if row["stratum_id"] != stratum_id:
                continue
            score = slow_score(found[row["item_id"]], learn)
            higher = sum(one >= score for one in known)
            assert row["score"] == pytest.approx(score, abs=1e-8)
            assert row["p_value"] == pytest.approx((higher + 1) / (len(known) + 1))
            own = [s for s, one in zip(known, calibrate, strict=True)
                   if chosen[one]["sender"] == chosen[row["item_id"]]["sender"]]  # fmt: skip
            is_joint = (
                row["why_not"] is None
                and row["p_value"] <= LOOSE["rate"]
                and row["independent_count"] >= 2
                and not any(one >= score for one in own)
            )
            assert row["is_contradicted"] == is_joint
            if row["threshold"] is not None:
                assert (row["p_value"] <= LOOSE["rate"]) == (row["score"] > row["threshold"])
            compared += 1
    assert compared > 200
    assert any(row["is_contradicted"] for row in scores.values())


def slow_score(one: dict[str, float], learn: list[dict[str, float]]) -> float:
    tails: dict[str, list[float]] = defaultdict(list)
    for name, value in one.items():
        others = [other[name] for other in learn if name in other]
        odder = sum(other >= value for other in others)
        if SIGNALS[name].group != "transport":
            tails[SIGNALS[name].group].append((odder + 1) / (len(others) + 1))
    logs = [-math.log(min(1.0, len(group) * min(group))) for group in tails.values()]
    return round(sum(logs) - max(logs), 9) if logs else 0.0


def test_the_order_of_rows_changes_nothing(tmp_path: Path, corpus: dict[str, pa.Table]) -> None:
    rng = random.Random(1)
    shuffled = {}
    for name, table in corpus.items():
        order = list(range(table.num_rows))
        rng.shuffle(order)
        shuffled[name] = table.take(pa.array(order, pa.int64()))
    one = judge(tmp_path / "a", corpus, **LOOSE)
    other = judge(tmp_path / "b", shuffled, **LOOSE)
    for name in forensics.ANALYSIS.writes:
        keys = [(key, "ascending") for key in records.table(name).key]
        assert one[name].sort_by(keys).equals(other[name].sort_by(keys)), name


def test_each_group_counts_once_and_expectations_add_up(
    tmp_path: Path, corpus: dict[str, pa.Table]
) -> None:
    out = judge(tmp_path, corpus, **LOOSE)
    groups: dict[str, set[str]] = defaultdict(set)
    for row in out["header_anomaly"].to_pylist():
        groups[row["item_id"]].add(row["clock_group"])
        if row["tail_share"] is not None:
            assert row["tail_share"] < row["false_alarm_rate"] <= forensics.PARAMS["shown_share"]
    contradicted = judged = 0
    for row in out["header_score"].to_pylist():
        contradicted += row["is_contradicted"]
        judged += row["is_judged"]
        if row["independent_count"] is not None:
            assert row["independent_count"] <= len(groups[row["item_id"]])
    strata = out["stratum"].to_pylist()
    assert sum(row["contradicted_count"] for row in strata) == contradicted
    assert sum(row["judged_count"] for row in strata) == judged > 100
    for row in strata:
        if row["attained_rate"] is None:
            assert row["contradicted_count"] == row["expected_false"] == 0
        else:
            expected = row["judged_count"] * row["attained_rate"]
            assert row["expected_false"] == pytest.approx(expected)
            assert row["attained_rate"] <= LOOSE["rate"]


def test_few_verified_messages_contradict_nothing(
    tmp_path: Path, corpus: dict[str, pa.Table]
) -> None:
    out = judge(tmp_path, corpus)
    assert not any(out["header_score"]["is_contradicted"].to_pylist())
    for row in out["stratum"].to_pylist():
        assert row["why_not"] is not None
        assert row["is_calibrated"] == (row["verified_count"] >= 200)
    shown = [row for row in out["header_anomaly"].to_pylist() if row["tail_share"] is None]
    assert shown, "oddities are shown, without a rate"


STRATA = 25


def synthetic(seed: int, *, shift: float = 0.0) -> dict[str, pa.Table]:
    """Strata of exchangeable messages; a share `shift` of the judged is odd in two ways."""
    rng = random.Random(seed)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in forensics.ANALYSIS.reads}
    for stratum in range(STRATA):
        off = rng.expovariate(1) * 100
        for rank in range(100):
            is_verified = rank < 80
            is_odd = not is_verified and rng.random() < shift
            first = datetime(2017, 5, 5, 12, tzinfo=UTC).timestamp()
            wrong = rng.paretovariate(1) * off * (1e4 if is_odd else 1)
            zone = 14 if is_odd else min(13, int(rng.paretovariate(1.5)))
            item_id = hashlib.sha256(f"{seed} {stratum} {rank}".encode()).hexdigest()
            mark = rng.choices(("", "$", "$$"), (90, 7, 3))[0]
            sent = datetime.fromtimestamp(first + min(wrong, 1e7), UTC).replace(microsecond=0)
            found["message"].append({
                "item_id": item_id, "message_id": f"{mark}{item_id}@x", "reference_ids": [],
                "from_address": f"p{rank % 3}@d{stratum}.example", "to_addresses": [],
                "cc_addresses": [], "bcc_addresses": [], "sent_at": sent,
                "sent_offset_s": 3600 * zone, "received_count": 1, "is_bulk": False,
                "body_raw_bytes": 1, "line_ends": "lf",
            })  # fmt: skip
            stated = datetime.fromtimestamp(first, UTC).strftime("%d %b %Y %H:%M:%S +0000")
            found["header"].append({
                "item_id": item_id, "position": 0, "name": "Received",
                "value": f"by r.d{stratum}.example; {stated}", "byte_start": 0, "byte_end": 1,
            })  # fmt: skip
            found["signature_verdict"].append(
                verdict(item_id, "verified" if is_verified else "damaged")
            )
    return {name: records.table(name).build(rows) for name, rows in found.items()}


def test_p_values_of_exchangeable_messages_are_super_uniform(tmp_path: Path) -> None:
    """Vovk 2005: the probability of a p-value of at most u is at most u."""
    p_values = [
        p
        for seed in range(4)
        for p in judge(tmp_path, synthetic(seed), least_verified=50, rate=0.05)["header_score"][
            "p_value"
        ].to_pylist()
    ]
    assert len(p_values) == 4 * STRATA * 20
    for level in (0.02, 0.05, 0.1, 0.2, 0.5):
        share = sum(p <= level for p in p_values) / len(p_values)
        # The 20 messages of a stratum share its calibration: 100 independent draws of a mean.
        slack = 4 * math.sqrt(level * (1 - level) * (1 / 100 / 50 + 1 / len(p_values)) * 2)
        assert share <= level + slack, level


def test_oddness_in_two_groups_lowers_p_values(tmp_path: Path) -> None:
    def smallest(shift: float) -> float:
        odd = synthetic(9, shift=shift)
        out = judge(tmp_path, odd, least_verified=50, rate=0.05)
        found = out["header_score"]["p_value"].to_pylist()
        return sum(p <= 0.05 for p in found) / len(found)

    assert smallest(0.0) < 0.1
    assert smallest(1.0) > 0.4


def test_a_clock_alone_contradicts_nothing(tmp_path: Path) -> None:
    """One cause, however far off: the score is that of the other groups."""
    plain = synthetic(3)
    wild = plain["message"].to_pylist()
    for row, word in zip(wild, plain["signature_verdict"].to_pylist(), strict=True):
        if word["verdict"] != "verified":
            row["sent_at"] += timedelta(days=200)
    wrong = {**plain, "message": records.table("message").build(wild)}
    keys = [("item_id", "ascending")]
    loose = {"least_verified": 50, "rate": 0.05, "least_sender_verified": 0}
    one = judge(tmp_path, plain, **loose)["header_score"].sort_by(keys).to_pylist()
    other = judge(tmp_path, wrong, **loose)["header_score"].sort_by(keys).to_pylist()
    for calm, odd in zip(one, other, strict=True):
        assert odd["score"] >= calm["score"], "monotone: a larger measure lowers no score"
    assert sum(row["is_contradicted"] for row in other) <= len(other) * 0.1
    assert any(odd["score"] == 0 for odd in other)


def test_nobody_is_judged_where_the_sender_has_no_verified_mail_around(
    tmp_path: Path, posted: list[Any], corpus: dict[str, pa.Table]
) -> None:
    """A key that is missing for half a year: nothing shows what the habits were in it."""
    begin, end = datetime(2016, 3, 1, tzinfo=UTC), datetime(2016, 9, 1, tzinfo=UTC)
    dates = {row["item_id"]: row["sent_at"] for row in corpus["message"].to_pylist()}
    inside = {one for one, when in dates.items() if when and begin <= when < end}
    words = corpus["signature_verdict"].to_pylist()
    for row in words:
        if row["item_id"] in inside:
            row["verdict"] = "unverifiable"
    out = judge(
        tmp_path,
        {**corpus, "signature_verdict": records.table("signature_verdict").build(words)},
        **LOOSE,
    )
    rows = out["header_score"].to_pylist()
    assert not any(row["is_judged"] for row in rows if row["item_id"] in inside)
    assert sum(row["is_judged"] for row in rows) > 30
    told = [row["why_not"] for row in rows if row["item_id"] in inside]
    assert sum("days apart" in one for one in told) > 20


def counted(posted: list[Any], out: dict[str, pa.Table]) -> tuple[Counter[str], float]:
    """Contradicted messages by true class, and what honest ones alone let expect."""
    truth = {hashlib.sha256(one.raw).hexdigest(): one.true_class for one in posted}
    rate = {row["stratum_id"]: row["attained_rate"] for row in out["stratum"].to_pylist()}
    rows = out["header_score"].to_pylist()
    honest = [row for row in rows if truth[row["item_id"]] == "honest" and row["is_judged"]]
    found = Counter(truth[row["item_id"]] for row in rows if row["is_contradicted"])
    return found, sum(rate[row["stratum_id"]] for row in honest)


def test_honest_mail_stays_within_its_expectation_and_forged_mail_does_not(
    tmp_path: Path, posted: list[Any], corpus: dict[str, pa.Table]
) -> None:
    """One honest message in twenty went through a gateway that rebuilt it and broke its seal."""
    found, expected = counted(posted, judge(tmp_path, corpus, **LOOSE))
    assert found["honest"] <= expected + 3 * math.sqrt(expected)
    assert found["pretender"] >= 3, "does not know the habits"
    assert found["stranger"] == found["own_route"] == 0, "nothing verified is like them"
    assert found["copycat"] <= 1, "knows the habits: not found"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [41, 42])
def test_the_stated_rate_holds_on_large_correspondence(tmp_path: Path, seed: int) -> None:
    posted = list(correspondence(seed, 16_000, forged=40))
    found, expected = counted(
        posted, judge(tmp_path, tables([(one.raw, one.is_verified) for one in posted]))
    )
    assert 0 < expected < 10
    assert found["honest"] <= expected + 3 * math.sqrt(expected)
    assert found["pretender"] >= 8


def ham(folder: Path) -> dict[bytes, str]:
    """Real honest mail of 2002, before DKIM: bytes and sending domain."""
    found = {}
    for path in sorted((folder / "leak/lists/spamassassin-corpus").glob("*-ham-*")):
        data = path.read_bytes()
        data = data.partition(b"\n")[2] if data.startswith(b"From ") else data
        sender = reader.read(data).message["from_address"] or "@?"
        found[data] = sender.rpartition("@")[2].lower()
    return found


@pytest.mark.shared_data
@pytest.mark.parametrize("split_by", ["domain", "message"])
def test_real_mail_without_signatures_stays_within_the_stated_rate(
    tmp_path: Path, shared_data: Path, split_by: str
) -> None:
    """Half of the mail stands in for verified mail, the other half is judged; and vice versa.

    Split by domain no habit of a judged sender is known, which is the safe case.

    The one-sided 95 % bound of the excess includes 0: so many or more small p-values have a
    binomial probability of at least 5 %.
    """
    mails = ham(shared_data)
    pooled = {"poolings": ["kind"], "rate": 0.05, "least_verified": 30, "most_sender_share": 1.0,
              "least_sender_verified": 0, "least_period_verified": 0}  # fmt: skip
    p_values: list[float] = []
    for side in (0, 1):
        keys = {one: name.encode() if split_by == "domain" else one for one, name in mails.items()}
        chosen = [(one, hashlib.sha256(key).digest()[0] % 2 == side) for one, key in keys.items()]
        out = judge(tmp_path / str(side), tables(chosen), **pooled)
        rows = out["header_score"].to_pylist()
        assert not any(row["is_contradicted"] for row in rows)
        p_values += [row["p_value"] for row in rows if row["is_judged"]]
    assert len(p_values) > 150
    for level in (0.05, 0.1, 0.2):
        hits, n = sum(p <= level for p in p_values), len(p_values)
        tail = sum(math.comb(n, k) * level**k * (1 - level) ** (n - k) for k in range(hits, n + 1))
        assert tail >= 0.05, (level, hits, n)


def test_what_breaks_signatures_counts_for_nothing() -> None:
    """Verified messages cannot show what a gateway, a list or a store does to honest ones."""
    groups = {name: one.group for name, one in SIGNALS.items()}
    for name in (
        "relays_backwards", "relay_delay", "date_before_relay", "boundary_time_off",
        "boundary_of_sender", "order_of_sender", "charset_of_sender", "encoding_of_sender",
        "language_of_sender",
    ):  # fmt: skip
        assert groups[name] == "transport"
    assert set(groups.values()) == {"transport", "sender_clock", "zone", "program"}


def circle(*, is_signed: bool, names_back: bool = True) -> dict[str, pa.Table]:
    origin = raw(**{"Message-ID": "<a1@a.example>",
                    "In-Reply-To": "<b1@a.example>" if names_back else None})  # fmt: skip
    answer = raw(**{"Message-ID": "<b1@a.example>", "In-Reply-To": "<a1@a.example>",
                    "Date": "Fri, 5 May 2017 15:00:00 +0200"})  # fmt: skip
    found = tables([(origin, False), (answer, True)])
    item_id = hashlib.sha256(answer).hexdigest()
    words = found["signature_verdict"].to_pylist()
    for row in words:
        row["signature_position"] = 0 if row["item_id"] == item_id else None
    names = ["from", "message-id", *(["in-reply-to"] if is_signed else [])]
    signature = {"item_id": item_id, "position": 0, "kind": "dkim", "canonicalization": "x/x",
                 "signed_headers": names, "key_status": "found", "conforms": True,
                 "violations": [], "detail": "d", **STAMP}  # fmt: skip
    found["signature_verdict"] = records.table("signature_verdict").build(words)
    found["signature"] = records.table("signature").build([signature])
    return found


def test_a_message_that_answers_its_own_verified_answer_cannot_be(tmp_path: Path) -> None:
    out = judge(tmp_path, circle(is_signed=True))
    (score,) = out["header_score"].to_pylist()
    assert (score["is_impossible"], score["is_contradicted"]) == (True, True)
    told = [row for row in out["header_anomaly"].to_pylist() if row["is_impossible"]]
    assert [row["anomaly"] for row in told] == [forensics.CIRCLE]
    assert told[0]["byte_start"] > 0
    for other in (circle(is_signed=False), circle(is_signed=True, names_back=False)):
        (score,) = judge(tmp_path, other)["header_score"].to_pylist()
        assert not score["is_contradicted"]
