"""What surrounds the invented vote: its rules of silence and the last polls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.simulate.people import COUNTRY, JURISDICTION

if TYPE_CHECKING:
    from pathlib import Path

_ZONE = "Etc/GMT-2"
RULES = f"""\
# The law of an invented country: campaign and polls are silent from the eve of the vote.
schema = 1

[[jurisdiction]]
code = "{JURISDICTION}"
name = "{COUNTRY}"
as_of = "2021-08-01"
zone = "{_ZONE}"
territories = [{{ name = "{COUNTRY}", zone = "{_ZONE}", opens = "08:00", closes = "20:00" }}]

[[jurisdiction.rule]]
id = "xo-campaign"
kind = "campaign"
covers = "any electoral message to the public"
start = {{ at = "day", days = -1, time = "00:00" }}
end = {{ at = "poll_close" }}
binds = ["everyone"]
article = "Invented electoral law, article 12"
online = "yes"
confidence = {{ covers = "A", start = "A", end = "A", binds = "A" }}
sources = ["https://law.example/12"]

[[jurisdiction.rule]]
id = "xo-polls"
kind = "polls"
covers = "publishing polls, and comment on them"
start = {{ at = "day", days = -1, time = "00:00" }}
end = {{ at = "poll_close" }}
binds = ["everyone"]
article = "Invented electoral law, article 13"
confidence = {{ covers = "A", start = "A", end = "A", binds = "A" }}
sources = ["https://law.example/13"]
"""
POLLS = """\
pollster,field_start,field_end,sample,azurine,ochre,undecided
Quayside Research,2021-08-18,2021-08-20,1004,49,42,9
Meridian Panel,2021-08-17,2021-08-19,1511,48.5,41.5,10
Halden Institute,2021-08-17,2021-08-19,987,50,43,7
Quayside Research,2021-08-11,2021-08-13,1010,51,40,9
"""


def write_context(folder: Path) -> None:
    """Write the rules of silence and the polls."""
    folder.mkdir()
    texts = {"silence.toml": RULES, "polls.csv": POLLS}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
