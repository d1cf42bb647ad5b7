"""A file of rules of silence for an invented country."""

OWN = """
schema = 1
[[jurisdiction]]
code = "XO"
name = "Ostrevane"
as_of = "2021-08-01"
zone = "Etc/GMT-2"
territories = [{ name = "Ostrevane", zone = "Etc/GMT-2", opens = "08:00", closes = "20:00" }]
[[jurisdiction.rule]]
id = "xo-campaign"
kind = "campaign"
covers = "any electoral message"
start = { at = "day", days = -1, time = "00:00" }
end = { at = "poll_close" }
binds = ["everyone"]
confidence = { covers = "A", start = "A", end = "A" }
sources = ["https://law.example/12"]
"""
