"""How a CSV file is written: every guess a field that the reader obeys and a person can change, with its reason."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.data.import_spec import DateOrder, ImportSpec
from engine.data.numerals import Numerals, guess_numerals
from engine.data.reading.compression import detect_compression
from engine.data.reading.rows import cells_of
from engine.data.recognition.comments import comment_mark, preamble
from engine.data.recognition.delimiter import choose_delimiter, detect_escape, detect_quote, without_escapes
from engine.data.recognition.encoding import recognise_characters
from engine.data.recognition.footer import count_footer
from engine.data.recognition.header import explain_header, has_header, modal_width, width_without_empty_end
from engine.data.recognition.sample import SAMPLE_ROWS, Sample, first_lines, read_sample

__all__ = ["Recognition", "recognise", "sniff"]

MAX_PREAMBLE_ROWS = 50
_SHORT_DATE = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-](?:[0-9]{4}|[0-9]{2})(?:[ T].*)?")


@dataclass(frozen=True)
class Recognition:
    """How a file is written, as far as it can be recognised.

    Attributes
    ----------
    spec : ImportSpec
    reasons : dict of str to str
        Field of the spec -> why it was guessed so, one sentence.
    """

    spec: ImportSpec
    reasons: dict[str, str] = field(default_factory=dict)

    def with_guess(self, reasons: dict[str, str], **fields: object) -> Recognition:
        """Return the recognition with more fields known."""
        return Recognition(dataclasses.replace(self.spec, **fields), {**self.reasons, **reasons})  # type: ignore[arg-type]


def sniff(path: Path | str) -> ImportSpec:
    """Return how a CSV file is written; see :func:`recognise`."""
    return recognise(path).spec


def recognise(path: Path | str, *, encoding: str | None = None, cancelled: Callable[[], bool] | None = None) -> Recognition:
    """Recognise how a CSV file is written from its first 300 rows (its characters from all of it, its footer from its end).

    Parameters
    ----------
    path : path or str
    encoding : str, optional
        Which characters it is written in, where that is known.
    cancelled : callable, optional
        Asked now and then; recognition stops when it returns True.

    Raises
    ------
    DataError
        When the file is no table of text: empty, binary, undecodable, one huge line, too many columns, or a quotation mark that
        is never closed.
    ReadingCancelled
        When `cancelled` returned True.
    """
    path = Path(path)
    found = _characters(path, encoding, cancelled)
    lines = first_lines(path, found.spec)
    found = _marks(found, path, lines)
    found = _titles(found, path)
    found = _numbers_and_header(found, path, lines)
    found = _footer(found, path)
    return _missing_and_dates(found, read_sample(path, found.spec))


def _characters(path: Path, encoding: str | None, cancelled: Callable[[], bool] | None) -> Recognition:
    compression = detect_compression(path)
    packed = (
        "The first bytes are those of no archive."
        if compression == "none"
        else f"The first bytes are those of a {compression} archive."
    )
    if encoding is None:
        encoding, why = recognise_characters(path, compression, cancelled)
    else:
        why = "It was chosen."
    spec = ImportSpec(encoding=encoding, compression=compression)
    return Recognition(spec, {"encoding": why, "compression": packed})


def _marks(found: Recognition, path: Path, lines: list[str]) -> Recognition:
    """Recognise the lines before the table, comments, quotation marks and the delimiter."""
    separator, skipped, why_skipped = preamble(lines, path)
    body = lines[skipped:]
    quote, why_quote = detect_quote(body)
    escape = detect_escape(body, quote)
    body = [without_escapes(line, escape, quote) for line in body] if escape else body
    bare = [line for line in body if not line.startswith("#")]
    delimiter, why = choose_delimiter((bare or body)[:SAMPLE_ROWS], quote)
    if separator is not None:
        delimiter, why = separator, f'The first line says so: "sep={separator}".'
    spec = dataclasses.replace(found.spec, delimiter=delimiter, quote=quote, escape=escape)
    comment, why_comment = comment_mark(lines, skipped, spec)
    escaped = "" if escape is None else " Inside of cells they have a backslash before them."
    reasons = {
        "delimiter": why,
        "quote": why_quote + escaped,
        "skip_lines": why_skipped,
        "comment": why_comment,
    }
    return found.with_guess(reasons, delimiter=delimiter, quote=quote, escape=escape, skip_lines=skipped, comment=comment)


def _titles(found: Recognition, path: Path) -> Recognition:
    """Recognise rows above the table: much narrower than it, or filled in one cell only."""
    sample = read_sample(path, dataclasses.replace(found.spec, header=False))
    width = width_without_empty_end(sample.rows)
    if _counts_the_table(sample):
        why = "The first line counts the rows and the columns of the table."
        return found.with_guess({"skip_lines": why}, skip_lines=sample.lines[1] - 1)
    titles = next((index for index, row in enumerate(sample.rows) if not _is_title(row, width)), 0)
    if not 0 < titles <= min(MAX_PREAMBLE_ROWS, len(sample.rows) / 2):
        return found
    what = "row has" if titles == 1 else "rows have"
    why = f"The first {'' if titles == 1 else f'{titles} '}{what} fewer cells than the {width} of the table below."
    return found.with_guess({"skip_lines": why}, skip_lines=sample.lines[titles] - 1)


def _counts_the_table(sample: Sample) -> bool:
    """Say whether the first row has the number of rows below it and of the columns before the last ("150,4,...")."""
    numbers = [cell for cell in sample.rows[0][:2] if cell.isdecimal()]
    n_rows, width = len(sample.rows) - 1, modal_width([len(row) for row in sample.rows])
    return n_rows > 1 and len(sample.rows[0]) > 2 and numbers == [str(n_rows), str(width - 1)]


def _is_title(row: Sequence[str], width: int) -> bool:
    filled = [cell for cell in row if cell]
    alone = len(filled) == 1 and width >= 3 and Numerals().parse(filled[0]) is None
    return alone or len(row) < width - 1


def _numbers_and_header(found: Recognition, path: Path, lines: list[str]) -> Recognition:
    spec = found.spec
    rows = read_sample(path, dataclasses.replace(spec, header=False)).rows
    guess = guess_numerals((cell for row in rows for cell in row), spec.delimiter)
    spec = dataclasses.replace(spec, decimal=guess.numerals.decimal, thousands=guess.numerals.thousands)
    header, why = explain_header(rows, spec.numerals, spec.missing)
    named = None if "numbers" in why and header else _commented_header(spec, rows, lines)
    if named is not None:
        header, why = True, "The last comment before the table names as many columns as it has."
    found = Recognition(spec, {**found.reasons, "decimal": guess.decimal_reason, "thousands": guess.thousands_reason})
    if named is None:
        return found.with_guess({"header": why}, header=header)
    return found.with_guess({"header": why}, header=True, skip_lines=named)


def _commented_header(spec: ImportSpec, rows: Sequence[Sequence[str]], lines: Sequence[str]) -> int | None:
    """Return the number of lines before a comment that names the columns ("# x,y"), where the last comment does."""
    index = spec.skip_lines - 1
    if not 0 <= index < len(lines) or not lines[index].startswith("#"):
        return None
    names = cells_of(lines[index].removeprefix("#"), spec)
    is_prose = spec.delimiter == " " and re.search(r"[,;:.]", lines[index]) is not None
    alike = not is_prose and len(names) > 1 and len(names) == modal_width([len(row) for row in rows])
    return index if alike and has_header([names, *rows], spec.numerals, spec.missing) else None


def _footer(found: Recognition, path: Path) -> Recognition:
    sample = read_sample(path, found.spec)
    count, why = count_footer(path, found.spec, sample)
    return found.with_guess({"footer_lines": why}, footer_lines=count)


def _missing_and_dates(found: Recognition, sample: Sample) -> Recognition:
    spec = found.spec
    tokens = Counter(cell for row in sample.rows for cell in row if cell in spec.missing)
    shown = ", ".join("empty cells" if not token else repr(token) for token, _ in tokens.most_common(3))
    why = f"The usual signs; the first rows have {shown}." if shown else "The usual signs; the first rows have none of them."
    order, why_order = _date_order(sample, spec.decimal)
    return found.with_guess({"missing": why, "date_order": why_order}, date_order=order)


def _date_order(sample: Sample, decimal: str) -> tuple[DateOrder, str]:
    """Return what comes first in dates, where a number beyond 12 says so."""
    found = [match for row in sample.rows for cell in row if (match := _SHORT_DATE.fullmatch(cell)) is not None]
    day = next((match[0] for match in found if int(match[1]) > 12), None)
    month = next((match[0] for match in found if int(match[2]) > 12), None)
    if day is not None and month is None:
        return "day", f"{day!r} can only have the day first."
    if month is not None and day is None:
        return "month", f"{month!r} can only have the month first."
    if found:
        likely: DateOrder = "month" if decimal == "." and all("/" in match[0] for match in found) else "day"
        return (
            likely,
            f"Nothing says whether {found[0][0]!r} has the day or the month first; {likely} first is usual so written.",
        )
    return "year", "The first rows have no dates in which the order of day and month is open."
