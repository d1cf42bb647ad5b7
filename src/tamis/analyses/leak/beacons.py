"""What reaches outside when it is opened: read from what the readers of files noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

# Relationships of an Office file that its program fetches by itself; a hyperlink waits for a click.
_FETCHED = (
    *("image", "attachedTemplate", "oleObject", "frame", "externalLinkPath", "subDocument"),
    *("video", "audio", "media", "stylesheet", "externalLink", "package", "xlExternalLinkPath"),
)
# Fields and templates, which a program fetches when they lie elsewhere; most lie beside the file.
_FETCHED_AFAR = ("includepicture", "includetext", "import", "template")
# Actions of a PDF file that leave it.
_ACTIONS = ("URI", "Launch", "GoToR", "GoToE", "SubmitForm", "ImportData", "external file")
_ASKED = r"""
    SELECT item_id, position, namespace, name, part_name, regexp_extract(value,
        '^[\s"]*(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://|\\\\)/?(?:[^/\\@?#]*@)?([^/\\:?#"]+)', 1) AS host
    FROM property
    WHERE (namespace = 'loads' AND name <> 'not listed')
        OR (namespace = 'link' AND list_contains($fetched, name))
        OR (namespace NOT IN ('loads', 'action') AND list_contains($afar, name)
            AND regexp_matches(value, '^[\s"]*(?:[A-Za-z][A-Za-z0-9+.-]{1,15}://|\\\\)'))
        OR (namespace = 'action' AND list_contains($actions, name))
"""
_OPENING = """
    SELECT DISTINCT item_id FROM property
    WHERE namespace = 'action' AND name IN ('on opening', 'automatic action')
"""
_BEACON = """
    SELECT asked.item_id AS item_id, asked.position AS position,
        CASE WHEN asked.namespace = 'loads' AND asked.name = 'img of one pixel' THEN 'tiny_image'
            WHEN asked.namespace = 'loads' AND asked.name = 'form' THEN 'form'
            WHEN asked.namespace = 'loads' THEN 'remote_load'
            WHEN asked.namespace <> 'action' THEN 'external_part'
            WHEN asked.name = 'external file' THEN 'remote_file'
            ELSE 'pdf_action' END AS kind,
        asked.name AS name, nullif(lower(asked.host), '') AS target_host,
        CASE WHEN asked.namespace = 'loads' THEN asked.name <> 'form'
            WHEN asked.namespace <> 'action' THEN true
            ELSE opening.item_id IS NOT NULL END AS is_on_opening,
        asked.part_name AS part_name, $run_id AS run_id, $analysis_version AS analysis_version
    FROM asked LEFT JOIN opening ON opening.item_id = asked.item_id
"""


def build(_params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `beacon`: every address that a document or an HTML body would ask.

    Source    HTML (what a browser fetches), ISO/IEC 29500-2 section 9.3 (external relationships),
              ISO 32000-1 section 12.6 (actions); read in the cell while files are added
    Limits    What a script or macro would ask is unknown. An ordinary image on a server is a
              beacon too if its owner looks at the log.
    """
    given = {
        "fetched": list(_FETCHED),
        "afar": list(_FETCHED_AFAR),
        "actions": list(_ACTIONS),
    }
    return (Query("asked", _ASKED, given), Query("opening", _OPENING), Query("beacon", _BEACON))


ANALYSIS = Analysis(
    name="beacons",
    version=3,
    question="leak",
    reads=("property",),
    writes=("beacon",),
    params={},
    build=build,
)
