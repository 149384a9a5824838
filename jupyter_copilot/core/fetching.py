"""Fetching: whether a text, once it is drawn, may make a browser ask some host for something, and which.

The mere address of a picture can carry data away. So this errs on one side: a text passes only if nothing in it can
begin what fetches, in any syntax, whatever it would have become; everything else is for people to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from ..protocol import Preview
from .entities import decoded
from .visible_text import visible

MOST_HOSTS = 20
"""So many hosts are named."""

_LANGUAGES = """
    bash c console cpp css csv diff go html ini ipython java javascript js json julia latex markdown matlab md none
    plaintext pycon py python python3 r ruby rust scala sh shell sql tex text toml ts tsv txt typescript yaml yml
"""
"""What a fence may name: nothing that is known to draw anything but the code itself."""
_TEX_NAMES = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho
    sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    frac dfrac tfrac cfrac sqrt binom dbinom tbinom sum prod coprod int iint iiint oint bigcup bigcap bigoplus bigotimes
    lim limsup liminf sup inf max min arg argmax argmin det dim ker deg gcd hom log ln lg exp sin cos tan cot sec csc
    sinh cosh tanh coth arcsin arccos arctan Pr mod bmod pmod
    le leq ge geq ne neq lt gt ll gg approx sim simeq cong equiv propto prec succ subset supset subseteq supseteq in ni
    notin cup cap setminus emptyset varnothing forall exists nexists neg lnot land lor wedge vee oplus ominus otimes
    odot times div pm mp cdot ast star circ bullet dagger perp parallel mid nmid top bot vdash models angle triangle
    to gets mapsto leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow longrightarrow longleftarrow
    Longrightarrow Longleftarrow longmapsto uparrow downarrow updownarrow Uparrow Downarrow nearrow searrow
    rightharpoonup leftharpoonup hookrightarrow iff implies impliedby xrightarrow xleftarrow
    left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr langle rangle lvert rvert lVert rVert vert Vert
    lfloor rfloor lceil rceil lbrace rbrace lbrack rbrack
    hat widehat bar overline underline tilde widetilde vec dot ddot acute grave check breve overbrace underbrace
    overset underset stackrel overrightarrow
    mathbf mathrm mathit mathsf mathtt mathcal mathbb mathfrak mathscr boldsymbol bm text textbf textit textrm texttt
    operatorname displaystyle textstyle scriptstyle limits nolimits rm bf it sf tt cal
    quad qquad space thinspace enspace hspace vspace hfill phantom hphantom vphantom smash
    infty partial nabla ell hbar imath jmath Re Im aleph beth wp prime degree ldots cdots vdots ddots dots dotsc dotsb
    begin end hline cline label ref eqref tag notag nonumber
    not colon backslash checkmark blacksquare square diamond Box ss ae oe o aa
"""
"""TeX that sets formulas. What is not here could define, colour, link or style, and some of that fetches."""

_SAFE_FENCES = frozenset(["", *_LANGUAGES.split()])
_SAFE_TEX = frozenset(_TEX_NAMES.split())

_BEGINS_HTML = re.compile(r"<[A-Za-z/!?]")
_DESTINATION = re.compile(r"\]\s*\((?!#[\w-]+\))")
"""The destination of a link or picture, unless it is a heading of the same page."""
_BEGINS_FETCH = re.compile(r"!\[|\]\s*:|:\s*//|//\S|\bwww\.|:::|@@\d+@@|[\x00-\x08\x0b-\x1f\x7f-\x9f]", re.IGNORECASE)
_FENCE = re.compile(r"(?:`{3,}|~{3,})([^\n]*)")
"""What a fence names. It may stand behind anything: lists, tasks and quotations begin in many ways."""
_TEX = re.compile(r"\\([A-Za-z]+)")
_SETTINGS = re.compile(r"(?:\A\s*|\n[ \t]*\n[ \t]*)---[ \t]*\n[ \t]*\S")
"""Settings between dashes, by which publishing tools take in files, run filters and load styles."""
_BEGINS_ROLE = re.compile(r"`\{=|\{[A-Za-z][\w:.+-]*\}`|\{\{[<%]|\{%|(?<![\w\\^{}])\{\{\s*[A-Za-z]")
"""Roles, shortcodes and expressions of extensions and publishing tools: they look up, take in or run what they name."""
_DIRECTIVE = re.compile(r"::|\.\.\s|\[\[|\^\^|\b(?:audio|icon|image|include|link|video|xref):\S")
"""How other formats begin what fetches, for cells that an export takes as they are."""

_BLANKS = re.compile(r"&(?:tab|newline);?|&#(?:0*(?:9|10|13)|x0*[9ad]);?", re.IGNORECASE)
_QUOTED = re.compile(r"([\"'])(.{1,4000}?)\1", re.DOTALL)
_CSS_ESCAPE = re.compile(r"\\([0-9A-Fa-f]{1,6})\s?")
_HOST = re.compile(
    r"(?:\b(?=www\.)|\b[A-Za-z][A-Za-z0-9+.-]{0,40}:[/\\]{0,8}|/[/\\]{1,8}|\\[/\\]{1,8}(?=[^\s/\\]{0,255}\.))"
    r"([^/\\?#\s\"'<>()\[\]{}|`^,;&]*(?:\[[0-9A-Fa-f:.]+\](?::\d+)?|[^/\\?#\s\"'<>()\[\]{}|`^,;&]))"
)
_NO_HOSTS = ("data", "javascript", "blob", "attachment", "mailto", "cid", "about")


class Fetching(Struct, frozen=True):
    """That something may be fetched; `hosts` are those that could be made out, written so that they can be judged."""

    hosts: list[str]

    @property
    def warning(self) -> str:
        """What people are told before they decide."""
        if not self.hosts:
            return (
                "Showing this can make browsers fetch something. From where could not be made out; it may be this "
                "Jupyter server itself."
            )
        named = ", ".join(f"`{host}`" for host in self.hosts[:MOST_HOSTS])
        more = f" and {len(self.hosts) - MOST_HOSTS} more" if len(self.hosts) > MOST_HOSTS else ""
        return (
            f"Showing this can make browsers fetch from {named}{more}, at once and without a click: whatever stands in "
            "the address is sent there."
        )


def fetched_by_call(preview: Preview, args: dict[str, Any]) -> Fetching | None:
    """What is drawn by the cells that a call writes, or where it shows no cells, by any of its arguments."""
    if preview.cells:
        written = [
            (cell.cell_type, cell.after)
            for cell in preview.cells
            if cell.after is not None and cell.action in ("insert", "edit", "retype")
        ]
    else:
        written = [("markdown", text) for text in _texts(args)]
    return _joined([fetched(cell_type, text) for cell_type, text in written])


def fetched(cell_type: str, source: str) -> Fetching | None:
    """What drawing a cell may fetch; None only when it provably fetches nothing, as code, which is drawn as it is."""
    if cell_type == "code":
        return None
    variants = _variants(source)
    if all(_is_harmless(text) for text in variants) and not (cell_type == "raw" and _DIRECTIVE.search(source)):
        return None
    return Fetching(hosts=_hosts(variants))


def _is_harmless(text: str) -> bool:
    return (
        _BEGINS_HTML.search(text) is None
        and _DESTINATION.search(text) is None
        and _BEGINS_FETCH.search(text) is None
        and _BEGINS_ROLE.search(text) is None
        and not _has_settings(text)
        and all(fence[1].strip(" `~").lower() in _SAFE_FENCES for fence in _FENCE.finditer(text))
        and all(command[1] in _SAFE_TEX for command in _TEX.finditer(text))
    )


def _has_settings(text: str) -> bool:
    begin = _SETTINGS.search(text)
    return begin is not None and ":" in text[begin.end() :]


def _variants(source: str) -> list[str]:
    """The text as it stands, and as a browser may come to read it: entities decoded, up to four times."""
    variants = [source]
    while len(variants) < 5 and (further := decoded(variants[-1])) != variants[-1]:
        variants.append(further)
    return variants


def _hosts(variants: Sequence[str]) -> list[str]:
    """The hosts that any reading of the text names, in order."""
    named: list[str] = []
    for text in variants:
        for whole in (text, decoded(_BLANKS.sub("", text)), _QUOTED.sub(_without_blanks, text)):
            reading = _CSS_ESCAPE.sub(_css_character, whole)
            named += [*_named(reading), *_named(unquote(reading))]
    return list(dict.fromkeys(named))


def _named(text: str) -> Iterator[str]:
    for found in _HOST.finditer(text):
        scheme = found[0].partition(":")[0].lower()
        host = found[1].rpartition("@")[2].strip(".:*_!&").lower()
        is_word = ":" in found[0] and not re.search(r":[/\\]{2}", found[0])
        if scheme in _NO_HOSTS or not host or (is_word and scheme not in ("http", "https", "ftp", "ws", "wss")):
            continue
        yield visible(host)


def _without_blanks(found: re.Match[str]) -> str:
    """An attribute's value as a browser reads an address: without tabs and line ends."""
    return re.sub(r"[\t\r\n]", "", found[0])


def _css_character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number < 0x110000 else ""


def _texts(value: Any) -> Iterator[str]:
    """Every text in arguments, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield str(name)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _joined(found: Sequence[Fetching | None]) -> Fetching | None:
    some = [each for each in found if each is not None]
    return Fetching(hosts=list(dict.fromkeys(host for each in some for host in each.hosts))) if some else None
