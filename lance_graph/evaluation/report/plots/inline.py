"""matplotlib's SVG made fit for a page: its ids, fonts and colours are the page's own."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree

from lance_graph.evaluation.report.plots.sheet import LABEL
from lance_graph.evaluation.report.plots.style import VARIABLES

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_COLOUR = re.compile("#[0-9a-f]{6}")
_LOCAL_URL = re.compile(r"url\(#([^)]*)\)")
_FONT_FAMILY = re.compile(r"font-family: [^;]*;? ?")


def inline(svg: str, prefix: str, hints: Mapping[str, str], title: str) -> str:
    """The ``<svg>`` element for a page: named for screen readers, hints as tooltips.

    Ids that nothing refers to go, the others start with ``prefix``; so do not collide with those of
    the page's other plots. Metadata and the global style rule go; colours become CSS variables.
    """
    root = ElementTree.fromstring(svg)
    width, height = root.attrib["viewBox"].split()[2:]
    for child in list(root):
        if child.tag == f"{_SVG}metadata" or child.find(f"{_SVG}style") is not None:
            root.remove(child)
    for element in root.iter():
        _rewrite(element, prefix, hints)
    kept = {"viewBox": root.attrib["viewBox"], "width": width, "height": height}
    root.attrib.clear()
    root.attrib.update(kept)
    root.attrib.update({"role": "img", "aria-label": title, "stroke-linejoin": "round"})
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        element.tail = None
        if not (element.text or "").strip():
            element.text = None
    root.attrib["xmlns"] = "http://www.w3.org/2000/svg"
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def _rewrite(element: ElementTree.Element, prefix: str, hints: Mapping[str, str]) -> None:
    attributes = element.attrib
    name = attributes.pop("id", "")
    if element.tag in {f"{_SVG}path", f"{_SVG}clipPath"} and name:
        attributes["id"] = prefix + name
    if name.startswith(LABEL):
        attributes["class"] = "label"
    if name in hints:
        # First of all children, as SVG asks for.
        element.insert(0, ElementTree.Element(f"{_SVG}title"))
        element[0].text = hints[name]
    if _LINK in attributes:
        attributes["href"] = f"#{prefix}{attributes.pop(_LINK).removeprefix('#')}"
    if "d" in attributes:
        attributes["d"] = " ".join(attributes["d"].split())
    for key in ("style", "clip-path"):
        if key in attributes:
            value = _FONT_FAMILY.sub("", attributes[key])
            value = _LOCAL_URL.sub(rf"url(#{prefix}\1)", value)
            attributes[key] = _COLOUR.sub(_variable, value)


def _variable(match: re.Match[str]) -> str:
    name = VARIABLES.get(match.group())
    return f"var(--{name}, {match.group()})" if name else match.group()
