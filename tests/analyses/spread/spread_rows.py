"""Rows of posts, of what they carry and of what accounts do, for tests by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def post(native: str, second: float | None, *, width: float = 0, **more: Any) -> dict[str, Any]:
    platform, _, _ = native.partition(":")
    known = second is not None
    row = {
        "post_id": native,
        "version": 1,
        "is_latest": True,
        "platform": platform,
        "native_id": native.partition(":")[2],
        "account_id": f"{platform}:author",
        "posted_at": at(second) if second is not None else None,
        "posted_low_at": at(second) if second is not None else None,
        "posted_high_at": at(second + width) if second is not None else None,
        "clock": "platform" if known else None,
        "precision_s": 1.0 if known else None,
        "sampling": "query",
        "source_item_id": "f1",
        "byte_start": 0,
        "byte_end": 9,
    }
    return {**row, **more}


def mark(native: str, object_id: str, role: str = "in_text", **more: Any) -> dict[str, Any]:
    row = {"post_id": native, "object_id": object_id, "role": role, "method": "entity"}
    return {**row, "source_item_id": "f1", "byte_start": 0, "byte_end": 9, **more}


def thing(object_id: str) -> dict[str, Any]:
    kind, _, canonical = object_id.partition(":")
    return {"object_id": object_id, "kind": kind, "canonical": canonical, "display": canonical}


def act(kind: str, post_id: str, target: str | None, account: str, second: float) -> dict[str, Any]:
    return {
        "action_id": f"{kind}-{post_id}-{target}",
        "type": kind,
        "account_id": account,
        "post_id": post_id,
        "target_post_id": target,
        "acted_at": at(second),
        "acted_low_at": at(second),
        "acted_high_at": at(second),
        "grade": "native",
        "sampling": "query",
        "source_item_id": "f1",
        "byte_start": 0,
        "byte_end": 9,
    }
