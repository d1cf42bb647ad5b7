"""`make bench`: each benchmark is a ratio measured in one run; exit 1 when a budget is missed."""

from __future__ import annotations

import argparse
import os
import platform
import sys

import co_action
import decoys
import dkim_facts
import document_kinds
import hawkes
import intake
import personal_data
import posts
import search
import spread_17m
import text_clusters
import verdict_truth
import verdicts


def _toolkit(_: list[str]) -> int:
    """The co-action network against the toolkit, in its own window and at a size it can bear."""
    return co_action.main(["--window", "10", "--pairs", "3", "--sides", "toolkit"])


def _influence(_: list[str]) -> int:
    """Influence on fewer sets than the page is made of, which take half an hour."""
    return hawkes.main(["--sets", "20", "--others", "10"])


SUITES = {
    "dkim": dkim_facts.main,
    "intake": intake.main,
    "co_action": co_action.main,
    "co_action_toolkit": _toolkit,
    "personal_data": personal_data.main,
    "posts": posts.main,
    "search": search.main,
    "spread": spread_17m.main,
    "decoys": decoys.main,
    "document_kinds": document_kinds.main,
    "text_clusters": text_clusters.main,
    "hawkes": _influence,
    "verdict_truth": verdict_truth.main,
    "verdicts": verdicts.main,
}


def main() -> int:
    """Run the chosen suites in turn; the sum of their exit codes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", choices=[[], *SUITES], help="all if left out")
    chosen = parser.parse_args().suites or list(SUITES)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    failed = 0
    for name in chosen:
        print(f"\n== {name}", flush=True)
        failed += bool(SUITES[name]([]))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
