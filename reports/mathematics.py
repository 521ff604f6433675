"""Mathematics for the page and the terminal: LaTeX to MathML that is safe to embed, and to one line of Unicode."""

import html
import re
from functools import cache
from xml.etree.ElementTree import Element, tostring

import latex2mathml.converter
from markupsafe import Markup, escape

# What the converter may set; anything else that a formula smuggles in (href, style, class, id) is dropped.
_ATTRIBUTES = {
    "xmlns", "display", "stretchy", "fence", "form", "separator", "largeop", "movablelimits", "minsize", "maxsize", "width",
    "height", "depth", "lspace", "rspace", "linethickness", "displaystyle", "scriptlevel", "mathvariant", "accent",
    "columnalign", "rowspacing", "columnspacing", "columnlines", "rowlines", "accentunder", "symmetric", "notation",
}  # fmt: skip
_SPACES = {
    "negativethinmathspace": "-0.167em",
    "negativemediummathspace": "-0.222em",
    "negativethickmathspace": "-0.278em",
    "thinmathspace": "0.167em",
    "mediummathspace": "0.222em",
    "thickmathspace": "0.278em",
}
_UP = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_DOWN = str.maketrans("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")
_FORMULA = re.compile(r"\$([^$]+)\$")


@cache
def mathml(latex: str, display: bool = False) -> Markup:
    """A formula as a MathML element; one that cannot be converted is shown as its LaTeX source.

    Unlike the converter's own text output this escapes what stands between tags and keeps harmless attributes only.
    """
    tree = _tree(latex, "block" if display else "inline")
    if tree is None:
        return Markup("<code>{}</code>").format(latex)
    return Markup(tostring(tree, encoding="unicode", short_empty_elements=False))


def paragraph(text: str) -> Markup:
    """Text with formulas between dollar signs, as HTML; a formula that is a paragraph of its own is displayed."""
    alone = re.fullmatch(r"\s*\$([^$]+)\$\s*([.,;]?)\s*", text)
    if alone:
        return mathml(alone[1], display=True)
    pieces = _FORMULA.split(text)
    return Markup("").join(mathml(piece) if index % 2 else escape(piece) for index, piece in enumerate(pieces))


def plain(text: str) -> str:
    """Text with formulas between dollar signs, as plain Unicode text."""
    pieces = _FORMULA.split(text)
    return "".join(line(piece) if index % 2 else piece for index, piece in enumerate(pieces))


@cache
def line(latex: str) -> str:
    """A formula as one line of Unicode, fractions as quotients and matrices in brackets."""
    tree = _tree(latex, "inline")
    if tree is None:
        return latex
    text = re.sub(r"\s+", " ", _linear(tree)).strip()
    text = re.sub(r"(^|[=<>≤≥≠≈→(\[{,;/] ?)([−+]) ", r"\1\2", text)
    return re.sub(r" (?=[),;\]])|(?<=[(\[]) |(?<=\w) (?=\()", "", text)


def _tree(latex: str, display: str) -> Element | None:
    try:
        tree = latex2mathml.converter.convert_to_element(latex, display=display)
    except Exception:  # the converter raises bare subclasses of Exception, IndexError and StopIteration on bad input
        return None
    for element in tree.iter():
        element.text = _text(element.text)
        element.tail = _text(element.tail)
        for name in list(element.attrib):
            value = _SPACES.get(element.attrib[name], element.attrib[name])
            if name in _ATTRIBUTES:
                element.attrib[name] = value
            else:
                del element.attrib[name]
    return tree


def _text(text: str | None) -> str | None:
    return html.unescape(text) if text else text


def _linear(element: Element) -> str:
    parts = [_linear(child) for child in element]
    match element.tag:
        case "mfrac":
            return f" {_grouped(parts[0])}/{_grouped(parts[1])} "
        case "msqrt":
            return f"√{_grouped(''.join(parts))}"
        case "mroot":
            return f"{_grouped(parts[0])}^(1/{parts[1]})"
        case "msup" | "mover":
            return _script(parts[0], parts[1], _UP, "^")
        case "msub" | "munder":
            return _script(parts[0], parts[1], _DOWN, "_")
        case "msubsup" | "munderover":
            return _script(_script(parts[0], parts[1], _DOWN, "_"), parts[2], _UP, "^")
        case "mtable":
            return "; ".join(parts)
        case "mtr":
            return ", ".join(parts)
        case "mspace":
            return " " if not element.get("width", "").startswith("-") else ""
        case "mo":
            return _operator(element)
        case "mi" if len(element.text or "") > 1 and (element.text or "").isalpha():
            return f" {element.text} "
        case "mtext" | "mi" | "mn":
            return (element.text or "").replace("\u00a0", " ")
    return "".join(parts) if parts else (element.text or "")


def _operator(element: Element) -> str:
    text = element.text or ""
    if text in "=<>≤≥≠≈→∈≡∼∥" or (text in "+−-±" and element.get("form") != "prefix"):
        return f" {text} "
    return f" {text} " if text.isalpha() and len(text) > 1 else text


def _script(base: str, script: str, table: dict[int, int], mark: str) -> str:
    if script in ("′", "″", "‴"):
        return base + script
    if base and script in ("˙", "¨"):
        return base + {"˙": "\u0307", "¨": "\u0308"}[script]
    compact = script.replace(" ", "")
    moved = compact.translate(table)
    if compact and all(ord(c) in table for c in compact):
        return base + moved
    return f"{base}{mark}{script if len(script) == 1 else '{' + compact + '}'}"


def _grouped(text: str) -> str:
    text = text.strip()
    return text if re.fullmatch(r"(\d+|[^\W\d])[⁰¹²³⁴⁵⁶⁷⁸⁹′₀-₉]*", text) else f"({text})"
