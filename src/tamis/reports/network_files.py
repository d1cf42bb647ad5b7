"""A network of pairs as GraphML and GEXF, written edge by edge, its posts on the edges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# What XML 1.0 cannot hold, escaped or not.
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GRAPHML = {"string": "string", "integer": "long", "double": "double"}
_GEXF = {"string": "string", "integer": "long", "double": "double"}


class Field(NamedTuple):
    """One attribute of edges: its name, and `string`, `integer` or `double`."""

    name: str
    kind: str


class Edge(NamedTuple):
    """One pair of accounts: from `source` to `target` where `is_directed`, between them else."""

    source: str
    target: str
    weight: float
    is_directed: bool
    values: Mapping[str, Any]


def write_graphml(
    out: TextIO, nodes: Iterable[str], edges: Iterable[Edge], fields: Sequence[Field]
) -> None:
    """Write GraphML 1.0; nodes must hold every end of an edge.

    Missing   a value that is None is left out
    """
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
    out.writelines(
        f'<key id={_attribute(field.name)} for="edge" attr.name={_attribute(field.name)} '
        f'attr.type="{_GRAPHML[field.kind]}"/>\n'
        for field in (Field("weight", "double"), *fields)
    )
    out.write('<graph edgedefault="undirected">\n')
    out.writelines(f"<node id={_attribute(node)}/>\n" for node in nodes)
    for number, edge in enumerate(edges):
        directed = ' directed="true"' if edge.is_directed else ""
        out.write(
            f'<edge id="e{number}" source={_attribute(edge.source)} '
            f"target={_attribute(edge.target)}{directed}>"
        )
        for name, value in (("weight", edge.weight), *edge.values.items()):
            if value is not None:
                out.write(f"<data key={_attribute(name)}>{_text(value)}</data>")
        out.write("</edge>\n")
    out.write("</graph>\n</graphml>\n")


def write_gexf(
    out: TextIO, nodes: Iterable[str], edges: Iterable[Edge], fields: Sequence[Field]
) -> None:
    """Write GEXF 1.3; nodes must hold every end of an edge.

    Missing   a value that is None is left out
    """
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write('<gexf xmlns="http://gexf.net/1.3" version="1.3">\n')
    out.write('<graph defaultedgetype="undirected" mode="static">\n<attributes class="edge">\n')
    for field in fields:
        name = _attribute(field.name)
        out.write(f'<attribute id={name} title={name} type="{_GEXF[field.kind]}"/>\n')
    out.write("</attributes>\n<nodes>\n")
    out.writelines(f"<node id={_attribute(node)} label={_attribute(node)}/>\n" for node in nodes)
    out.write("</nodes>\n<edges>\n")
    for number, edge in enumerate(edges):
        kind = "directed" if edge.is_directed else "undirected"
        out.write(
            f'<edge id="e{number}" source={_attribute(edge.source)} '
            f'target={_attribute(edge.target)} type="{kind}" weight="{edge.weight}"><attvalues>'
        )
        for name, value in edge.values.items():
            if value is not None:
                out.write(f"<attvalue for={_attribute(name)} value={_attribute(value)}/>")
        out.write("</attvalues></edge>\n")
    out.write("</edges>\n</graph>\n</gexf>\n")


def _fit(value: Any) -> str:
    return _UNFIT.sub("\ufffd", str(value))


def _attribute(value: Any) -> str:
    return quoteattr(_fit(value), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _text(value: Any) -> str:
    text = _fit(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")
