"""Mathematics for the page and the terminal: LaTeX to MathML that is safe to embed, and to one line of Unicode."""

import html
import itertools
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
# Words, then a formula with the bracket before it and the punctuation after it, which no line break parts from it.
_KEPT = re.compile(r"((?:[^$]|\$(?![^$]+\$))*?)(?:([(\[“]*)\$([^$]+)\$([.,;:!?)\]”]*)|\Z)", re.DOTALL)
_THIN = "0.167em"
_SIGNS = ("−", "-", "+", "±", "∓")
_PRIMES = ("′", "″", "‴", "'")


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
    parts = []
    for words, before, formula, after in _KEPT.findall(text):
        parts.append(escape(words))
        if formula:
            parts.append(Markup('<span class="keep">{}{}{}</span>').format(before, mathml(formula), after))
    return Markup("").join(parts)


def prose(text: str) -> Markup:
    """A docstring: text with formulas, and code between double backticks."""
    pieces = re.split(r"``(.+?)``", text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else paragraph(p) for i, p in enumerate(pieces))


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
    elements = list(tree.iter())
    for element in elements:
        _refine(element)
    for element in elements:
        if element.tag in ("mrow", "math", "mtd", "msqrt", "mstyle"):
            _space(element)
    return tree


def _refine(element: Element) -> None:
    """Set what browsers set badly: function names as names with space around, primes, upright Greek capitals."""
    text = element.text or ""
    if element.tag == "mo" and (text == "∞" or (len(text) > 1 and text.isalpha())):
        element.tag = "mi"
        element.attrib.clear()
    if element.tag == "mi" and len(text) == 1 and "Α" <= text <= "Ω":
        element.set("mathvariant", "normal")
    if element.tag == "msup" and (element[1].text or "") in _PRIMES:
        # The glyph is raised already; as a superscript it would be raised twice.
        element.tag, element[1].tag = "mrow", "mo"
        element[1].attrib = {"lspace": "0", "rspace": "0"}
    if element.tag == "mrow" and len(element) and element[0].get("fence") and not any(map(_is_tall, element.iter())):
        # Brackets around one line keep the size of the line; a stretched one stands too far off.
        for bracket in (element[0], element[-1]):
            bracket.set("stretchy", "false")


def _is_tall(element: Element) -> bool:
    return element.tag in ("mfrac", "mtable", "msqrt", "mroot", "munderover", "munder", "mover")


def _space(row: Element) -> None:
    """Thin space around names of functions, and no space after a sign that belongs to what follows."""
    children = list(row)
    for before, after in itertools.pairwise(children):
        first = after
        while first.tag == "mrow" and len(first):
            first = first[0]
        opens = first.tag == "mo" and first.text in ("(", "[", "{", "|")
        closes = before.get("form") == "postfix" or (before.text or "") in (")", "]", "}", "|", "!", "‖", "⟩")
        if after.tag == before.tag == "mo" and after.text in _SIGNS and not closes:
            after.set("form", "prefix")
        ends_name, starts_name = _is_name(before) and not opens, _is_name(after) and before.tag not in ("mo", "mspace")
        if (ends_name and after.tag not in ("mo", "mspace")) or starts_name:
            row.insert(list(row).index(after), Element("mspace", {"width": _THIN}))


def _is_name(element: Element) -> bool:
    base = element[0] if element.tag in ("msup", "msub") and len(element) else element
    return base.tag == "mi" and len(base.text or "") > 1 and (base.text or "").isalpha()


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
