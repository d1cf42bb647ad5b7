from __future__ import annotations

import pytest
from post_reading import glimpse, read
from tables import START, kinds

from tamis.sources.posts.feed import READER, feed_time
from tamis.syntax.clock import UnreadableTimeError

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>A paper</title><link>https://paper.example/</link>
<pubDate>Fri, 05 May 2017 20:00:00 GMT</pubDate>
{items}</channel></rss>""".replace("\n", "\r\n")
ITEM = """<item><title>Words &amp; more</title><link>https://www.paper.example/a?utm_source=f</link>
<guid isPermaLink="false">77</guid><pubDate>{date}</pubDate>
<description>&lt;p&gt;Look &lt;a href="https://dump.example/x"&gt;here&lt;/a&gt;&lt;/p&gt;</description>
<enclosure url="https://files.example/a.zip" type="application/zip"/></item>"""


def rss(*dates: str, items: str = "") -> bytes:
    made = "".join(ITEM.format(date=date).replace("/a?", f"/a{n}?") for n, date in enumerate(dates))
    return RSS.format(items=made + items).encode()


def test_an_article_with_its_links_and_bytes() -> None:
    data = rss("Fri, 05 May 2017 18:49:00 GMT")
    found = read(READER, data)
    (post,) = found["post"]
    assert post["post_id"] == "web:https://paper.example/a0"
    assert post["account_id"] == "web:paper.example"
    assert post["posted_at"] == START
    assert (post["clock"], post["precision_s"]) == ("client_claimed", 1.0)
    assert post["text"] == "Words & more\nLook here"
    assert kinds(found, post["post_id"]) == {
        "url:https://paper.example/a0": "card",
        "domain:paper.example": "card",
        "url:https://dump.example/x": "in_text",
        "domain:dump.example": "in_text",
        "url:https://files.example/a.zip": "in_text",
        "domain:files.example": "in_text",
    }
    span = data[post["byte_start"] : post["byte_end"]]
    assert span.startswith(b"<item>")
    assert span.endswith(b"</item>")
    assert found["account"][0]["scope"] == "instance"


@pytest.mark.parametrize(
    "text",
    ["Fri, 05 May 2017 14:49:00 EDT", "5 May 17 18:49 UT", "Fri, 5 May 2017 20:49:00 +0200",
     "2017-05-05T18:49:00Z", "Friday, 05 May 2017 11:49:00 PDT"],
)  # fmt: skip
def test_forms_of_time(text: str) -> None:
    assert feed_time(text, None).at_us == int(START.timestamp()) * 1_000_000


@pytest.mark.parametrize("text", ["Fri, 05 May 2017 18:49:00", "Fri, 05 Foo 2017 18:49:00 GMT",
                                  "Fri, 05 May 2017 18:49:00 CEST", "yesterday"])  # fmt: skip
def test_times_that_are_not_known(text: str) -> None:
    with pytest.raises(UnreadableTimeError):
        feed_time(text, None)


def test_an_article_without_zone_is_rejected_with_the_remedy_and_one_without_date_kept() -> None:
    bare = ITEM.format(date="").replace("/a?", "/b?")
    data = rss("Fri, 05 May 2017 18:49:00", items=bare)
    found = read(READER, data)
    assert "--assume-zone" in found["rejected"][0]["reason"]
    assert [p["posted_at"] for p in found["post"]] == [None]
    assert "1 articles name no date" in found["intake_count"][0]["note"]
    found = read(READER, data, assume_zone="UTC")
    assert found["post"][0]["posted_at"] == START


def test_atom_and_rdf() -> None:
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><updated>2017-01-01T00:00:00Z
</updated><entry><id>tag:1</id><title>T</title><link rel="self" href="https://p.example/self"/>
<link href="https://p.example/a"/><updated>2017-06-01T00:00:00Z</updated>
<published>2017-05-05T18:49:00Z</published>
<content type="html">&lt;b&gt;W&lt;/b&gt;</content></entry></feed>"""
    (post,) = read(READER, atom)["post"]
    assert (post["post_id"], post["posted_at"]) == ("web:https://p.example/a", START)
    assert post["text"] == "T\nW"
    rdf = b"""<rdf:RDF xmlns:rdf="x"><channel/><item rdf:about="u"><title>T</title>
<link>https://p.example/b</link>
<dc:date xmlns:dc="y">2017-05-05T18:49:00Z</dc:date></item></rdf:RDF>"""
    assert read(READER, rdf)["post"][0]["posted_at"] == START
    for data in (atom, rdf, rss("Fri, 05 May 2017 18:49:00 GMT")):
        assert READER.recognises(glimpse(data)) >= 60


def test_broken_and_hostile_feeds() -> None:
    whole = rss("Fri, 05 May 2017 18:49:00 GMT", "Fri, 05 May 2017 18:50:00 GMT")
    cut = whole[: whole.index(b"/a1")]
    found = read(READER, cut)
    assert len(found["post"]) == 1
    assert "no XML" in found["rejected"][0]["reason"]
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel>&b;</channel></rss>'
    found = read(READER, bomb)
    assert "entities" in found["rejected"][0]["reason"]
    deep = rss(items="<item>" + "<x>" * 500 + "</x>" * 500 + "</item>")
    assert "deeply" in read(READER, deep)["rejected"][0]["reason"]
    assert READER.recognises(glimpse(b"<html><body>rss</body></html>")) == 0


def test_the_feed_s_own_date_is_no_article_s() -> None:
    bare = ITEM.format(date="").replace("/a?", "/b?")
    (post,) = read(READER, rss(items=bare))["post"]
    assert (post["posted_at"], post["posted_low_at"]) == (None, None)


def test_charsets_raw_sections_and_relative_addresses() -> None:
    data = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><rss><channel><item><title>Été</title>'
        '<guid isPermaLink="true">https://p.example/é</guid><pubDate>Fri, 05 May 2017 18:49:00 GMT'
        '</pubDate><description><![CDATA[<a href="/x">Là</a>]]></description>'
        "</item></channel></rss>"
    ).encode("latin-1")
    found = read(READER, data)
    (post,) = found["post"]
    assert post["text"] == "Été\nLà"
    assert post["posted_at"] == START
    assert "url:https://p.example/x" in kinds(found, post["post_id"])


def test_an_update_is_no_publication_where_both_are_told() -> None:
    entry = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="https://p.example/a"/>'
        b"%s<updated>2017-06-01T00:00:00Z</updated></entry></feed>"
    )
    told = b"<published>2017-05-05T18:49:00Z</published>"
    assert read(READER, entry % told)["post"][0]["posted_at"] == START
    (post,) = read(READER, entry % b"")["post"]
    assert post["posted_at"].isoformat() == "2017-06-01T00:00:00+00:00"


def test_an_article_that_comes_again_with_other_words_is_a_further_version() -> None:
    date = "Fri, 05 May 2017 18:49:00 GMT"
    once = ITEM.format(date=date)
    found = read(READER, rss(items=once + once + once.replace("Words", "Changed")))
    assert [p["version"] for p in found["post"]] == [1, 2]
