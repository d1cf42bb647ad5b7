"""What runs inside the cell for decoys: texts become sketches or matches, tokens are judged."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, BinaryIO

from tamis.analyses.leak.decoys import Sketches, by_key
from tamis.errors import FormatError
from tamis.syntax import seal
from tamis.syntax.mail.certificates import Certificate, read_certificate
from tamis.syntax.pem import certificates_in
from tamis.syntax.seal import Commitment, sketch_in
from tamis.syntax.sketch import shingles
from tamis.syntax.timestamp_trust import Judged, judge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tamis.cell.output import Output

TASKS = "tamis.run.decoy_task"
_NO_CERTIFICATE = (
    "it holds no certificate that can be read; get it again from its authority, in PEM or DER"
)


def _texts(
    items: Sequence[Mapping[str, Any]], inputs: Sequence[BinaryIO]
) -> Iterator[tuple[str, str]]:
    """Item id and words, subject and text together."""
    import pyarrow as pa  # noqa: PLC0415  loads Arrow in the worker only

    table = pa.ipc.open_stream(inputs[0]).read_all()
    for item in items:
        (row,) = table.slice(item["row"], 1).to_pylist()
        yield row["item_id"], "\n".join(one for one in (row["subject"], row["text"]) if one)


def sketch_texts(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> dict[str, int]:
    """How many texts became hashes; rows of item_id and hash go to `out`."""
    import pyarrow as pa  # noqa: PLC0415

    key = bytes.fromhex(args["key"])
    schema = pa.schema([("item_id", pa.string()), ("run_hash", pa.uint64())])
    writer = out.arrow("runs", schema)
    for item_id, text in _texts(items, inputs):
        found = sorted(shingles(text, key))
        ids = pa.repeat(pa.scalar(item_id), len(found))
        writer.write(pa.table([ids, pa.array(found, pa.uint64())], schema=schema))
    return {"texts": len(items)}


def match_texts(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],  # noqa: ARG001 (the task's signature)
    out: Output,
) -> dict[str, int]:
    """How many texts were compared; rows of item_id, place and shared_count go to `out`.

    Input     `inputs[1]` is an Arrow stream of `decoy`: `place` is the rank of a row in it
    """
    import pyarrow as pa  # noqa: PLC0415

    known = _sketches(pa.ipc.open_stream(inputs[1]).read_all().to_pylist())
    names = ("item_id", "place", "shared_count")
    schema = pa.schema(
        [pa.field(names[0], pa.string()), *(pa.field(n, pa.int64()) for n in names[1:])]
    )
    rows: list[tuple[str, int, int]] = []
    for item_id, text in _texts(items, inputs):
        for places, sketches in known:
            rows += [
                (item_id, places[one.rank], one.shared_count) for one in sketches.shared_with(text)
            ]
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    out.arrow("matches", schema).write(
        pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
    )
    return {"texts": len(items)}


def background_hits(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],  # noqa: ARG001 (the task's signature)
    out: Output,
) -> dict[str, int]:
    """How many texts were looked through; hashes of sketches that stand in one go to `out`."""
    import pyarrow as pa  # noqa: PLC0415

    known = _sketches(pa.ipc.open_stream(inputs[1]).read_all().to_pylist())
    schema = pa.schema([("run_hash", pa.uint64())])
    found: set[int] = set()
    for _, text in _texts(items, inputs):
        for _, sketches in known:
            found.update(sketches.hits(text).tolist())
    out.arrow("runs", schema).write(pa.table([pa.array(sorted(found), pa.uint64())], schema=schema))
    return {"texts": len(items)}


def _sketches(rows: list[dict[str, Any]]) -> list[tuple[list[int], Sketches]]:
    return [
        (places, Sketches(key, [sketch_in("sketch", rows[at]["sketch"]) for at in places]))
        for key, places in by_key(rows).items()
    ]


def judge_seals(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],  # noqa: ARG001 (the task's signature)
    out: Output,  # noqa: ARG001
) -> list[dict[str, Any]]:
    """What the replies of each commitment are worth under the roots.

    Input     items hold root, leaf_count and replies; `inputs[0]` is an Arrow stream of `time_root`
    """
    import pyarrow as pa  # noqa: PLC0415

    given = pa.ipc.open_stream(inputs[0]).read_all().to_pylist()
    read = [read_certificate(base64.b64decode(one["material"])) for one in given]
    roots = [one for one in read if one is not None]
    told = []
    for item in items:
        commitment = Commitment(bytes.fromhex(item["root"]), item["leaf_count"])
        replies = [base64.b64decode(one) for one in item["replies"]]
        judged = [judge(one, commitment.digest, roots) for one in replies]
        told.append({"root": item["root"], "tokens": [_told(one) for one in judged]})
    return told


def check_proof(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,  # noqa: ARG001 (the task's signature)
) -> list[dict[str, Any]]:
    """One entry a thing checked: place, whether it holds, and why not.

    Input     `args` name the inputs: proof, commitment, replies, roots; and the nonces, if known
    """
    del items
    proof = commitment = None
    found: list[dict[str, Any]] = []
    for name in ("commitment", "proof"):
        if args.get(name) is None:
            continue
        data = inputs[args[name]].read()
        try:
            if name == "commitment":
                commitment = seal.checked(data, [seal.COMMITMENT], seal.commitment_of)
            else:
                proof = seal.checked(data, [seal.PROOF], seal.proof_of)
        except FormatError as error:
            found.append(_line(name, str(error)))
            return found
        found.append(_line(name, None))
    if proof is not None:
        problems = proof.problems()
        if commitment is not None and commitment != proof.commitment:
            problems = (*problems, "root, leaf_count: it is a proof for another commitment")
        found += [_line("proof", one) for one in problems]
        is_same = proof.entry.file_sha256.hex() == args.get("file_sha256")
        if args.get("file_sha256") is not None:
            why = "its SHA-256 is not the sealed one: it was changed, or is another file"
            found.append(_line("file", None if is_same else why))
        commitment = proof.commitment
    given = [_roots(inputs[at].read()) for at in args["roots"]]
    found += [_line(f"root {n}", _NO_CERTIFICATE) for n, one in enumerate(given, 1) if not one]
    roots = [one for some in given for one in some]
    replies = [(f"reply {n}", inputs[at].read()) for n, at in enumerate(args["replies"], 1)]
    inside = proof.replies if proof is not None else ()
    replies += [(f"proof: replies[{n}]", one) for n, one in enumerate(inside)]
    if commitment is not None:
        for place, data in replies:
            judged = judge(data, commitment.digest, roots, args.get("nonces"))
            found.append(
                {**_line(place, "; ".join(judged.problems) or None), "token": _told(judged)}
            )
    return found


def _line(place: str, problem: str | None) -> dict[str, Any]:
    return {"place": place, "problem": problem, "token": None}


def _roots(data: bytes) -> list[Certificate]:
    read = map(read_certificate, _certificates(data))
    return [one for one in read if one is not None]


def _certificates(data: bytes) -> list[bytes]:
    return list(certificates_in(data)) if b"-----BEGIN" in data else [data]


def _told(judged: Judged) -> dict[str, Any]:
    return {
        "problems": list(judged.problems),
        "authority": judged.authority,
        "root_sha256": judged.root_sha256,
        "stated_at": None if judged.stated_at is None else judged.stated_at.isoformat(),
        "latest_at": None if judged.latest_at is None else judged.latest_at.isoformat(),
        "is_accuracy_stated": judged.is_accuracy_stated,
    }
