"""The rows of the panel: what each window measures, or why it is refused, beside the base."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tamis import records
from tamis.analyses.spread.flow_figures import Classes, interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.plan import Partition

LEAST_POSTS = 1_000
LEVEL = 0.95
LIMITS = (
    "Campaigns, fan communities, live events and programs reach high values alike: the figure "
    "says how traffic is made up, not who made it or why. F counts 50 accounts however many there "
    "are, so values of different N are not comparable; compare with stretches of the same N."
)
_REASONS = {
    "no_accounts": "the export hides who posted",
    "thread_accounts": "accounts of this platform hold for one thread only",
    "too_few_posts": f"fewer than {LEAST_POSTS:,} posts with a known account",
    "reposts_only": "it holds reposts alone, so that R is 100 % by construction",
    "no_reposts": "no repost of this platform is in the collection, so that R is not known",
    "sampled": "posts come from a sample of a stream or from a screen, which thins out F and U",
}
_KEY = ("object_id", "platform", "window_kind", "window_rank")
SCHEMA = pa.schema(
    [
        *(
            field
            for field in records.table("manipulation").schema
            if field.name not in {"run_id", "analysis_version"}
        )
    ]
)


@dataclass(frozen=True, slots=True)
class Window:
    """One window: its key, the classes of its accounts, and what else is known of its posts."""

    key: tuple[str, str, str, int]
    classes: Classes
    told: dict[str, Any]

    @property
    def reason(self) -> str | None:
        """Why no figure may be made of it; None when one may."""
        if self.classes.post_count == 0:
            return "no_accounts"
        if self.told["is_thread_bound"]:
            return "thread_accounts"
        if self.classes.post_count < LEAST_POSTS:
            return "too_few_posts"
        if self.repost_count == self.classes.post_count:
            return "reposts_only"
        if self.told["sampled_count"]:
            return "sampled"
        return "no_reposts" if self.told["has_no_reposts"] else None

    @property
    def repost_count(self) -> int:
        """Reposts among its posts."""
        return int((self.classes.reposts * self.classes.accounts).sum())


def panel(table: pa.Table, params: Mapping[str, Any], _: Partition) -> pa.Table:
    """The rows of `manipulation` from those of `window_class`.

    An object that was refused as a whole has no rows for its parts; stretches of all posts are the
    base and have no rows of their own.
    """
    windows = _windows(table)
    for whole in windows:
        if whole.key[0] == "*" and whole.key[2] == "all" and not whole.repost_count:
            for one in windows:
                if one.key[1] == whole.key[1]:
                    one.told["has_no_reposts"] = True
    refused = {w.key[:2] for w in windows if w.key[2] == "all" and w.reason is not None}
    base = _base([w for w in windows if w.key[0] == "*" and w.key[2].startswith("posts_")])
    rows = []
    for window in windows:
        is_base = window.key[0] == "*" and window.key[2] != "all"
        if is_base or (window.key[2] != "all" and window.key[:2] in refused):
            continue
        rows.append(_row(window, base, int(params["draws"])))
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _windows(table: pa.Table) -> list[Window]:
    table = table.sort_by([(name, "ascending") for name in _KEY])
    keys = list(zip(*(table.column(name).to_pylist() for name in _KEY), strict=True))
    starts = [at for at in range(len(keys)) if at == 0 or keys[at] != keys[at - 1]]
    names = ("posts", "reposts", "accounts", "sampled")
    numbers = {name: table.column(name).to_numpy() for name in names}
    hidden = table.column("is_hidden").to_numpy(zero_copy_only=False).astype(bool)
    bound = table.column("is_thread_bound").to_numpy()
    times = {name: table.column(name).to_pylist() for name in ("from_at", "to_at")}
    found = []
    for start, end in pairwise([*starts, len(keys)]):
        inside = slice(start, end)
        seen = ~hidden[inside]
        told = {
            "has_no_reposts": False,
            "is_thread_bound": bool(bound[inside].any()),
            "sampled_count": int(numbers["sampled"][inside].sum()),
            "no_account_count": int((numbers["posts"][inside] * ~seen).sum()),
            "from_at": min(filter(None, times["from_at"][inside]), default=None),
            "to_at": max(filter(None, times["to_at"][inside]), default=None),
        }
        three = (numbers[name][inside][seen] for name in names[:3])
        found.append(Window(keys[start], Classes.of(*three), told))
    return found


def _base(windows: Sequence[Window]) -> dict[tuple[str, str], tuple[Any, Any]]:
    """C and Gini of the stretches of all posts, by platform and kind of stretch."""
    gathered: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for one in windows:
        told = (one.classes.figures()["ctm"], one.classes.gini())
        gathered.setdefault((one.key[1], one.key[2]), []).append(told)
    return {
        key: tuple(np.asarray(part) for part in zip(*values, strict=True))  # type: ignore[misc]
        for key, values in gathered.items()
    }


def _row(window: Window, base: Mapping[Any, Any], draws: int) -> dict[str, Any]:
    classes, reason = window.classes, window.reason
    row: dict[str, Any] = dict(zip(_KEY, window.key, strict=True))
    row |= {name: window.told[name] for name in ("from_at", "to_at", "sampled_count")}
    begin, end = row["from_at"], row["to_at"]
    row |= {
        "no_account_count": window.told["no_account_count"],
        "duration_s": None if begin is None else (end - begin).total_seconds(),
        "post_count": classes.post_count,
        "account_count": classes.account_count,
        "outcome": "measured" if reason is None else "refused",
        "reason": reason,
        "base_count": 0,
        "limits": LIMITS,
    }
    if classes.post_count:
        figures = classes.figures()
        raw = figures.pop("ctm")
        row |= {**figures, **_concentration(classes)}
        if reason is None:
            row |= _measured(window, raw, draws) | _compared(window, raw, base)
        elif reason in {"reposts_only", "no_reposts", "sampled"}:
            row["floor_ctm"] = raw
    return {**row, "detail": _sentence(row)}


def _concentration(classes: Classes) -> dict[str, float]:
    many = classes.account_count
    return {
        "gini": classes.gini(),
        "top1_share": classes.top_share(1),
        "top5_share": classes.top_share(5),
        "top1pct_share": classes.top_share(max(1, round(many / 100))),
        "top5pct_share": classes.top_share(max(1, round(many / 20))),
    }


def _measured(window: Window, raw: float, draws: int) -> dict[str, float]:
    # The same draws whenever and wherever the window is computed.
    name = "\n".join(map(str, window.key)).encode()
    seed = int.from_bytes(hashlib.sha256(name).digest()[:8], "little")
    low, high, bias = interval(window.classes, draws, LEVEL, np.random.default_rng(seed))
    return {"ctm": raw, "ctm_low": low, "ctm_high": high, "ctm_bias": bias}


def _compared(window: Window, raw: float, base: Mapping[Any, Any]) -> dict[str, Any]:
    found = base.get((window.key[1], window.key[2]))
    if found is None:
        return {}
    values, ginis = found
    return {
        "base_count": len(values),
        "base_median": float(np.median(values)),
        "base_share": float((values >= raw).mean()),
        "base_gini": float(np.median(ginis)),
    }


def _sentence(row: Mapping[str, Any]) -> str:
    size = f"{_counted(row['post_count'], 'post')} of {_counted(row['account_count'], 'account')}"
    size = f"N {size}"
    if row["duration_s"] is not None:
        size += f" in {row['duration_s'] / 3600:,.2f} h"
    if row["outcome"] == "refused":
        told = f"No coefficient: {_REASONS[row['reason']]} ({size})."
        if row.get("floor_ctm") is not None:
            told += (
                f" Sampling floor: the raw sum is {row['floor_ctm']:.2f}, which is compared with "
                "nothing."
            )
        return told
    told = (
        f"C = {row['ctm']:.2f} (95 % interval {row['ctm_low']:.2f} to {row['ctm_high']:.2f}): "
        f"R {row['repost_share']:.1%}, F {row['top50_share']:.1%}, "
        f"U {row['posts_per_account']:.2f}; {size}."
    )
    if row["base_count"]:
        told += (
            f" Of {row['base_count']:,} stretches of as many posts of the whole collection, "
            f"{row['base_share']:.1%} are as high (median {row['base_median']:.2f})."
        )
    return told


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
