"""Random tables in random dialects, written with Python's own csv module.

What a table may hold, so that its file means one thing only: outer spaces are no part of a cell, and white space in a name is
one space; a line break inside a cell is a line feed; a row has a value; text is no sign for missing; no cell begins with a hash
sign where lines of comment may stand; where spaces stand between the cells, no cell holds a tab.

Where the dialect has to be recognised, too: there are 30 rows and two columns at least; one column has numbers with a fraction,
in the thousands where these are marked, so that the marks can be told; names are words; text begins with letters and is no
number; lines before the table are comments or "sep="; a file in Windows-1252 has a column with characters beyond ASCII; UTF-16
without a mark is mostly Latin; single quotes enclose every cell, and no double quotes occur.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from engine.data.import_spec import MISSING_TOKENS, ColumnSpec, ImportSpec
from tests.engine.data.whole_files.random_columns import (
    BEYOND_ASCII,
    Random,
    RandomColumn,
    Style,
    beyond_ascii,
    boolean,
    can_stand,
    category,
    chance,
    codes,
    currency,
    dates,
    exact,
    fraction,
    one_of,
    percent,
    scientific,
    text_cell,
    texts,
    whole,
)

BYTE_ORDER_MARKS = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
NAMES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa")


@dataclass(frozen=True)
class RandomFile:
    """A file and what has to be read from it.

    Attributes
    ----------
    plain : str
        The file's text, before it is encoded and compressed.
    content : bytes
    spec : ImportSpec
        How it is written, all columns and their kinds included.
    columns : dict of str to RandomColumn
    told : dict of str to tuple of int
        What has to be told: a pattern of the sentence, and the lines (empty: whichever).
    """

    plain: str
    content: bytes
    spec: ImportSpec
    columns: dict[str, RandomColumn]
    told: dict[str, tuple[int, ...]] = field(default_factory=dict)


def random_file(random: Random, *, recognisable: bool) -> RandomFile:
    """Return a random table in a random dialect."""
    style = _style(random, recognisable)
    n_rows = int(random.integers(30, 60) if recognisable else random.integers(1, 40))
    columns = [maker(random, style, n_rows) for maker in _makers(random, style)]
    _take_away(random, style, columns)
    names = _names(random, style, len(columns))
    told: dict[str, tuple[int, ...]] = {
        f"{re.escape(repr(name))}: (percent|currency)": () for name, column in zip(names, columns, strict=True) if column.signs
    }
    plain = _text(random, style, names, columns, told)
    kinds = tuple(ColumnSpec(name, column.kind) for name, column in zip(names, columns, strict=True))
    spec = replace(style.spec, columns=kinds)
    return RandomFile(plain, _encoded(style, plain), spec, dict(zip(names, columns, strict=True)), told)


def _style(random: Random, recognisable: bool) -> Style:
    delimiters = [",", ";", "\t", "|", " "] if recognisable else [",", ";", "\t", "|", " ", ":", "^", "~"]
    delimiter = one_of(random, delimiters)
    quote = one_of(random, ['"', '"', '"', "'"] if recognisable else ['"', '"', "'", None])
    decimal = one_of(random, [".", ".", ","])
    thousands = one_of(random, [None, None, "," if decimal == "." else ".", " ", "'", "\u00a0"])
    if thousands == quote or (quote is None and thousands == delimiter):
        thousands = None
    if quote is None and delimiter in {decimal, " "}:
        delimiter = "|"
    encodings = [*UNICODE, "utf-8", "utf-8", "cp1252"] if recognisable else [*UNICODE, *BEYOND_ASCII, "utf-32"]
    encoding = one_of(random, encodings)
    if thousands == "\u00a0" and encoding in {"shift_jis", "gb18030"}:
        encoding = "utf-8"
    sep_line = chance(random, 0.1) and delimiter != " " and encoding != "utf-32"
    preamble = 0 if sep_line or chance(random, 0.7) else int(random.integers(1, 5))
    footer = 0 if recognisable or chance(random, 0.8) else int(random.integers(1, 3))
    comments_amid = not recognisable and chance(random, 0.2)
    missing = MISSING_TOKENS if recognisable or chance(random, 0.7) else ("", "k.A.", "-999", "(none)")
    spec = ImportSpec(
        encoding=encoding,
        compression=one_of(random, ["none", "none", "none", "none", "gzip", "zip", "bz2", "xz"]),  # type: ignore[arg-type]
        delimiter=delimiter,
        quote=quote,
        decimal=decimal,
        thousands=thousands,
        header=chance(random, 0.75),
        skip_lines=preamble + sep_line,
        comment="#" if comments_amid else None,
        footer_lines=footer,
        missing=missing,
        date_order=one_of(random, ["year", "day", "month"]),  # type: ignore[arg-type]
    )
    trailing = "none" if delimiter == " " or chance(random, 0.7) else one_of(random, ["all rows", "data rows"])
    return Style(
        spec=spec,
        line_end=one_of(random, ["\n", "\r\n", "\r"]),
        quote_all=quote is not None and (chance(random, 0.25) or (recognisable and quote == "'")),
        sep_line=sep_line,
        preamble=preamble,
        trailing="none" if trailing == "data rows" and not spec.header else trailing,
        comments_amid=comments_amid,
        blank_lines=chance(random, 0.2),
        recognisable=recognisable,
    )


def _makers(random: Random, style: Style) -> list[Callable[[Random, Style, int], RandomColumn]]:
    every = [whole, fraction, scientific, exact, percent, currency, category, boolean, dates, codes, texts]
    n_columns = int(random.integers(1, 7))
    chosen = [one_of(random, every) for _ in range(n_columns)]
    if not style.recognisable:
        return chosen
    chosen += [fraction, category]
    if style.spec.encoding == "cp1252":
        chosen.append(beyond_ascii)
    return [chosen[index] for index in random.permutation(len(chosen))]


def _take_away(random: Random, style: Style, columns: list[RandomColumn]) -> None:
    """Write a sign for missing into some cells, never into all cells of a row or into the first row."""
    tokens = [token for token in style.spec.missing if token or style.spec.delimiter != " "]
    tokens = [token for token in tokens if style.spec.quote is not None or style.spec.delimiter not in token]
    tokens = [token for token in tokens if not (style.comments_amid and token.startswith("#"))]
    share = one_of(random, [0.0, 0.0, 0.05, 0.2])
    for row in range(1, len(columns[0].cells)):
        kept = int(random.integers(len(columns)))
        for index, column in enumerate(columns):
            if index != kept and chance(random, share):
                column.written[row], column.cells[row] = one_of(random, tokens), None
                if column.days is not None:
                    column.days[row] = None


def _names(random: Random, style: Style, n_columns: int) -> list[str]:
    if not style.spec.header:
        return [f"column {number}" for number in range(1, n_columns + 1)]
    if style.recognisable:
        return [NAMES[index] for index in random.permutation(len(NAMES))[:n_columns]]
    names: list[str] = []
    while len(names) < n_columns:
        name = " ".join(text_cell(random, style).split())
        if name not in names and can_stand(name, style) and not name.startswith("#"):
            names.append(name)
    return names


def _text(random: Random, style: Style, names: list[str], columns: list[RandomColumn], told: dict[str, tuple[int, ...]]) -> str:
    """Return the file's text; what has to be told about its lines goes into `told`."""
    lines = _Lines()
    spec = style.spec
    if style.sep_line:
        lines.add(f"sep={spec.delimiter}")
    for number in range(style.preamble):
        lines.add(f"# made by hand, part {number}; see below")
    if spec.skip_lines:
        told["before the table|comment|sep="] = tuple(range(1, spec.skip_lines + 1))
    if spec.header:
        lines.add(_row(style, names) + (spec.delimiter if style.trailing == "all rows" else ""))
    surplus, blank, comments = [], [], []
    for row in range(len(columns[0].cells)):
        if row and style.blank_lines and chance(random, 0.1):
            blank.append(lines.add(""))
        if row and style.comments_amid and chance(random, 0.2):
            comments.append(lines.add("# checked, twice; all well"))
        written = _row(style, [column.written[row] for column in columns])
        line = lines.add(written + (spec.delimiter if style.trailing != "none" else ""))
        if style.trailing == "data rows":
            surplus.append(line)
    if surplus:
        told["delimiter"] = tuple(surplus)
    if style.trailing == "all rows":
        told["delimiter"] = ()
    if blank:
        told["without any value|blank|empty"] = tuple(blank)
    if comments:
        told["comment"] = tuple(comments)
    if spec.footer_lines:
        told["after the table|below|foot"] = tuple(lines.add(f"Source {n}: the office, 2020") for n in range(spec.footer_lines))
    return "\r\n".join(lines.texts).replace("\r\n", style.line_end) + (style.line_end if chance(random, 0.8) else "")


class _Lines:
    """Rows of text, and the line where the next one starts."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.next = 1

    def add(self, text: str) -> int:
        line = self.next
        self.texts.append(text)
        self.next += 1 + text.count("\n")
        return line


def _row(style: Style, cells: Sequence[str]) -> str:
    spec, out = style.spec, io.StringIO()
    if spec.quote is None:
        return spec.delimiter.join(cells)
    quoting = csv.QUOTE_ALL if style.quote_all else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=spec.delimiter, quotechar=spec.quote, quoting=quoting, lineterminator="\r\n").writerow(cells)
    return out.getvalue().removesuffix("\r\n")


def _encoded(style: Style, text: str) -> bytes:
    spec = style.spec
    encoding = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(spec.encoding, spec.encoding)
    plain = BYTE_ORDER_MARKS.get(spec.encoding, b"") + text.encode(encoding)
    if spec.compression == "zip":
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("table.csv", plain)
        return archive.getvalue()
    compress = {"none": bytes, "gzip": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[spec.compression]
    return compress(plain)
