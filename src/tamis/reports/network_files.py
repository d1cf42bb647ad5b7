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


class Fields(NamedTuple):
    """The attributes of nodes and of edges."""

    nodes: Sequence[Field]
    edges: Sequence[Field]


def write_graphml(
    out: TextIO, nodes: Mapping[str, Mapping[str, Any]], edges: Iterable[Edge], fields: Fields
) -> None:
    """Write GraphML 1.0; nodes, with their attributes, must hold every end of an edge.

    Missing   a value that is None is left out
    """
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
    for side, named in (
        ("node", fields.nodes),
        ("edge", (Field("weight", "double"), *fields.edges)),
    ):
        out.writelines(
            f'<key id={_attribute(field.name)} for="{side}" attr.name={_attribute(field.name)} '
            f'attr.type="{_GRAPHML[field.kind]}"/>\n'
            for field in named
        )
    out.write('<graph edgedefault="undirected">\n')
    for node, values in nodes.items():
        held = "".join(
            f"<data key={_attribute(name)}>{_text(value)}</data>"
            for name, value in values.items()
            if value is not None
        )
        out.write(f"<node id={_attribute(node)}>{held}</node>\n")
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
    out: TextIO, nodes: Mapping[str, Mapping[str, Any]], edges: Iterable[Edge], fields: Fields
) -> None:
    """Write GEXF 1.3; nodes, with their attributes, must hold every end of an edge.

    Missing   a value that is None is left out
    """
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write('<gexf xmlns="http://gexf.net/1.3" version="1.3">\n')
    out.write('<graph defaultedgetype="undirected" mode="static">\n')
    for side, named in (("node", fields.nodes), ("edge", fields.edges)):
        out.write(f'<attributes class="{side}">\n')
        for field in named:
            name = _attribute(field.name)
            out.write(f'<attribute id={name} title={name} type="{_GEXF[field.kind]}"/>\n')
        out.write("</attributes>\n")
    out.write("<nodes>\n")
    out.writelines(
        f"<node id={_attribute(node)} label={_attribute(node)}>{_held(values)}</node>\n"
        for node, values in nodes.items()
    )
    out.write("</nodes>\n<edges>\n")
    for number, edge in enumerate(edges):
        kind = "directed" if edge.is_directed else "undirected"
        out.write(
            f'<edge id="e{number}" source={_attribute(edge.source)} '
            f'target={_attribute(edge.target)} type="{kind}" weight="{edge.weight}">'
        )
        out.write(f"{_held(edge.values)}</edge>\n")
    out.write("</edges>\n</graph>\n</gexf>\n")


def _held(values: Mapping[str, Any]) -> str:
    shown = "".join(
        f"<attvalue for={_attribute(name)} value={_attribute(value)}/>"
        for name, value in values.items()
        if value is not None
    )
    return f"<attvalues>{shown}</attvalues>"


def _fit(value: Any) -> str:
    return _UNFIT.sub("\ufffd", str(value))


def _attribute(value: Any) -> str:
    return quoteattr(_fit(value), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _text(value: Any) -> str:
    text = _fit(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")
