"""Single lines of a file as they stand in it, for a look at where something was mended."""

from __future__ import annotations

from pathlib import Path

from engine.data.import_spec import ImportSpec
from engine.data.reading.text_blocks import open_text

MAX_CHARACTERS = 500


def raw_lines(path: Path | str, spec: ImportSpec, first: int, count: int) -> list[tuple[int, str]]:
    """Return lines of the decoded, decompressed file.

    Parameters
    ----------
    path : path or str
    spec : ImportSpec
        Its encoding and compression are used.
    first : int
        1-based number of the first line wanted, counted as in repairs and errors.
    count : int
        How many; fewer come where the file ends.

    Returns
    -------
    list of (int, str)
        Number and text of each line, without its line end, cut at 500 characters.

    Raises
    ------
    DataError
        When the file can't be read so.
    """
    path = Path(path)
    wanted: list[bytes] = []
    skip = max(first, 1) - 1
    with open_text(path, spec, as_it_stands=True) as blocks:
        rest = b""
        while len(wanted) < count and (text := blocks.read()):
            n_ends = text.count(b"\n")
            if n_ends < skip:
                skip -= n_ends
                continue
            if skip:
                text = text[_after_line_ends(text, skip) :]
                skip = 0
            lines = (rest + text).split(b"\n", count - len(wanted))
            rest = lines.pop()[: 8 * MAX_CHARACTERS]
            wanted += [line[: 8 * MAX_CHARACTERS] for line in lines]
        if len(wanted) < count and rest and not skip:
            wanted.append(rest)
    return [
        (number, line.decode("utf-8", errors="ignore")[:MAX_CHARACTERS]) for number, line in enumerate(wanted, max(first, 1))
    ]


def _after_line_ends(text: bytes, count: int) -> int:
    """Return the offset behind the `count`-th line feed."""
    offset = 0
    for _ in range(count):
        offset = text.index(b"\n", offset) + 1
    return offset
