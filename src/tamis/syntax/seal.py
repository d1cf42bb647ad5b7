"""What a sealed file's entry, the commitment and a proof say, in one form of bytes each.

entry        salt, hash of the file, hash of its sketch; only its salted hash is in the tree
commitment   root and number of entries: public, and what authorities stamp
proof        one entry, its way to the root, and the replies of the authorities
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.errors import FormatError
from tamis.syntax import merkle, sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

COMMITMENT, PROOF = "tamis decoy commitment 1", "tamis decoy proof 1"
REGISTRY, SKETCHES, KEY = "tamis decoy registry 1", "tamis decoy sketches 1", "tamis decoy key 1"
FORMATS = (COMMITMENT, PROOF, REGISTRY, SKETCHES, KEY)
SALT_BYTES = 32
MAX_BYTES = 256 << 20
MAX_LEAVES = 1 << 20
MAX_REPLIES = 16
_ENTRY, _STATEMENT = b"tamis decoy entry 1\0", b"tamis decoy commitment 1\0"
_OF_NOTHING = hashlib.sha256(b"").digest()
_HEX64 = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"d-[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is sealed of one file; without the salt its hash tells nothing about the file."""

    salt: bytes
    file_sha256: bytes
    sketch_sha256: bytes

    @property
    def leaf(self) -> bytes:
        """The hash that stands in the tree."""
        return merkle.leaf_hash(_ENTRY + self.salt + self.file_sha256 + self.sketch_sha256)

    @property
    def decoy_id(self) -> str:
        """The name of the sealed file outside the registry; it follows from the leaf."""
        return f"d-{self.leaf.hex()[:24]}"


@dataclass(frozen=True, slots=True)
class Commitment:
    """The root over all entries, and how many they are."""

    root: bytes
    leaf_count: int

    @property
    def digest(self) -> bytes:
        """What time-stamp authorities stamp."""
        count = self.leaf_count.to_bytes(8, "big")
        return hashlib.sha256(_STATEMENT + self.root + count).digest()

    def to_json(self) -> dict[str, Any]:
        """The members of its file."""
        return {"format": COMMITMENT, "leaf_count": self.leaf_count, "root": self.root.hex()}


@dataclass(frozen=True, slots=True)
class Proof:
    """One sealed file, shown without the others.

    `sketch` and `sketch_key` are there only where the owner chose to show them.
    """

    entry: Entry
    commitment: Commitment
    leaf_index: int
    path: tuple[bytes, ...]
    replies: tuple[bytes, ...]
    sketch: tuple[int, ...] | None = None
    sketch_key: bytes | None = None

    def to_json(self) -> dict[str, Any]:
        """The members of its file."""
        told: dict[str, Any] = {
            **self.commitment.to_json(),
            "format": PROOF,
            "decoy_id": self.entry.decoy_id,
            "leaf_index": self.leaf_index,
            "path": [one.hex() for one in self.path],
            "replies": [base64.b64encode(one).decode() for one in self.replies],
            "salt": self.entry.salt.hex(),
            "sha256": self.entry.file_sha256.hex(),
            "sketch_sha256": self.entry.sketch_sha256.hex(),
        }
        if self.sketch is not None and self.sketch_key is not None:
            told["sketch"] = base64.b64encode(sketch.packed(self.sketch)).decode()
            told["sketch_key"] = self.sketch_key.hex()
        return told

    def problems(self) -> tuple[str, ...]:
        """What does not fit together inside the proof, each with its place; empty when it holds."""
        if self.entry.file_sha256 == _OF_NOTHING:
            return ("sha256: it is that of an empty file, whose bytes everybody has",)
        root = merkle.root_from(
            self.entry.leaf, self.leaf_index, self.commitment.leaf_count, self.path
        )
        if root != self.commitment.root:
            return ("leaf_index, leaf_count, path, root: the path does not lead to the root",)
        if self.sketch is not None and self.sketch_key is not None:
            packed = sketch.packed(self.sketch)
            if sketch.sketch_digest(self.sketch_key, packed) != self.entry.sketch_sha256:
                return ("sketch, sketch_key: they are not the sealed ones",)
        return ()


def written(members: Mapping[str, Any]) -> bytes:
    """A file of this family: sorted members, and last the hash of all of it."""
    body = {name: value for name, value in members.items() if name != "checksum"}
    return _canonical({**body, "checksum": _checksum(body)})


def _canonical(members: Mapping[str, Any]) -> bytes:
    return (json.dumps(members, indent=1, sort_keys=True) + "\n").encode()


def _checksum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(body)).hexdigest()


def members_of(data: bytes, formats: Sequence[str]) -> dict[str, Any]:
    """The members of a file of this family, which is written in one way only.

    Errors    FormatError naming the place where it is another file than was written.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(f"larger than {MAX_BYTES:,} bytes")
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"it is no JSON file ({error}); get it again from its owner") from None
    named = found.get("format") if isinstance(found, dict) else None
    if named not in formats:
        raise FormatError(f"format: expected {' or '.join(formats)}, got {str(named)[:60]!r}")
    whole = _canonical(found)
    if whole != data:
        at = next((i for i, (a, b) in enumerate(zip(whole, data, strict=False)) if a != b), None)
        at = min(len(whole), len(data)) if at is None else at
        raise FormatError(f"byte {at}: it is not as it was written; get it again from its owner")
    return dict(found)


def check_sum(members: Mapping[str, Any]) -> str | None:
    """What is wrong with the hash of the whole file; None when it is right.

    Limits    It shows accidents. Whoever changes a file on purpose writes a fitting one.
    """
    body = {name: value for name, value in members.items() if name != "checksum"}
    if members.get("checksum") == _checksum(body):
        return None
    return "checksum: a byte of the file was changed, at a place that nothing else covers"


def commitment_of(members: Mapping[str, Any]) -> Commitment:
    """The commitment that a file states.

    Errors    FormatError naming the member.
    """
    count = members.get("leaf_count")
    if type(count) is not int or not 1 <= count <= MAX_LEAVES:
        raise FormatError(f"leaf_count: expected a number from 1 to {MAX_LEAVES:,}")
    return Commitment(digest_in(members, "root"), count)


def proof_of(members: Mapping[str, Any]) -> Proof:
    """The proof that a file states; whether it holds is `Proof.problems`.

    Errors    FormatError naming the member.
    """
    entry = Entry(*(digest_in(members, name) for name in ("salt", "sha256", "sketch_sha256")))
    if members.get("decoy_id") != entry.decoy_id:
        raise FormatError(
            "decoy_id, salt, sha256, sketch_sha256: they do not belong together; one was changed"
        )
    index, path = members.get("leaf_index"), members.get("path")
    if type(index) is not int or index < 0:
        raise FormatError("leaf_index: expected a number")
    is_path = isinstance(path, list) and len(path) <= merkle.MAX_PATH and all(map(_is_hex, path))
    if not isinstance(path, list) or not is_path:
        raise FormatError("path: expected hashes of 64 hex digits")
    replies = members.get("replies")
    if not isinstance(replies, list) or len(replies) > MAX_REPLIES:
        raise FormatError(f"replies: expected at most {MAX_REPLIES} replies in base64")
    has_sketch = "sketch" in members or "sketch_key" in members
    return Proof(
        entry=entry,
        commitment=commitment_of(members),
        leaf_index=index,
        path=tuple(map(bytes.fromhex, path)),
        replies=tuple(_base64(f"replies[{at}]", one) for at, one in enumerate(replies)),
        sketch=sketch_in("sketch", members.get("sketch")) if has_sketch else None,
        sketch_key=digest_in(members, "sketch_key") if has_sketch else None,
    )


def _is_hex(value: Any) -> bool:
    return isinstance(value, str) and _HEX64.fullmatch(value) is not None


def is_id(value: Any) -> bool:
    """Whether a value is the name of a sealed file."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def digest_in(members: Mapping[str, Any], name: str) -> bytes:
    """32 bytes written as hex digits.

    Errors    FormatError naming the member.
    """
    value = members.get(name)
    if not _is_hex(value):
        raise FormatError(f"{name}: expected 64 hex digits")
    return bytes.fromhex(str(value))


def sketch_in(place: str, value: Any) -> tuple[int, ...]:
    """The hashes of a sketch in base64.

    Errors    FormatError naming the place.
    """
    found = sketch.unpacked(_base64(place, value))
    if found is None:
        raise FormatError(f"{place}: expected hashes of eight bytes in ascending order")
    return found


def _base64(place: str, value: Any) -> bytes:
    try:
        found = base64.b64decode(value, validate=True)
    except (ValueError, TypeError):
        raise FormatError(f"{place}: expected base64") from None
    if base64.b64encode(found).decode() != value:
        raise FormatError(f"{place}: expected base64 in its usual form")
    return found


def checked(data: bytes, formats: Sequence[str], read: Callable[[dict[str, Any]], Any]) -> Any:
    """What `read` makes of a file's members, once nothing in the file was changed.

    Errors    FormatError naming the place.
    """
    members = members_of(data, formats)
    found = read(members)
    if told := check_sum(members):
        raise FormatError(told)
    return found
