"""How the script of a run reads a file: as the file it learned from was read, with the constants at its top."""

from __future__ import annotations

from engine.data.import_spec import Compression, ImportSpec
from engine.export.script_text import lines, list_literal, text_literal

_REFUSED = '''class Refused(Exception):
    """A file that can't be read; the message says why."""'''

_OPENED = {
    "none": "open(path, encoding=ENCODING)",
    "gzip": 'gzip.open(path, "rt", encoding=ENCODING)',
    "bz2": 'bz2.open(path, "rt", encoding=ENCODING)',
    "xz": 'lzma.open(path, "rt", encoding=ENCODING)',
    "zip": "opened(path)",
}

_ZIPPED = '''def opened(path):
    """Open the only file of a zip archive as text."""
    archive = zipfile.ZipFile(path)
    names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
    if len(names) != 1:
        raise Refused(f"there are {len(names)} files in the archive, and only an archive of one can be read")
    return io.TextIOWrapper(archive.open(names[0]), encoding=ENCODING)'''

_UNESCAPED = '''def unescaped(line):
    """Return a line with doubled quotation marks in place of those behind a backslash or alike."""
    pairs = {ESCAPE + ESCAPE: ESCAPE, ESCAPE + QUOTE: QUOTE + QUOTE}
    return re.sub("|".join(map(re.escape, pairs)), lambda found: pairs[found[0]], line)'''

_ROWS = '''def cells_of(line, following):
    """Return the cells of a row, spaces around them removed; a quoted one may go on in the lines that follow."""
    if not QUOTE or QUOTE not in line:
        return [cell.strip() for cell in (line.split() if DELIMITER == " " else line.split(DELIMITER))]

    def needed():
        yield line.replace("\\t", " ") if DELIMITER == " " else line
        yield from following
        raise Refused("a quotation mark is opened and never closed")

    reader = csv.reader(needed(), delimiter=DELIMITER, quotechar=QUOTE, skipinitialspace=True)
    cells = [cell.strip() for cell in next(reader)]
    while DELIMITER == " " and cells and not cells[-1]:
        cells.pop()
    return cells


def rows_of(path, used):
    """Return the cells of every row with a value: of none before the table, of none after it, of no comment."""
    with <opened> as file:
        lines = iter([<line> for line in file][SKIP_LINES:])
    rows = []
    for line in lines:
        if COMMENT and line.startswith(COMMENT):
            if rows or not HEADER or not all(name in line for name in used):
                continue  # only the first line may name the columns in a comment
            line = line.removeprefix(COMMENT)
        if line.strip(DELIMITER + " \\t\\n\\f\\ufeff"):
            rows.append(cells_of(line, lines))
    return rows[: len(rows) - FOOTER_LINES]'''

_NAMES = '''def column_names(rows):
    """Return a name for every column, as training had them: one of its own for each, spaces tidied."""
    body = rows[1:] if HEADER else rows
    widths = [len(row) for row in body]
    width = max(set(widths), key=lambda width: (widths.count(width), width))
    while width > 1 and not any(row[width - 1] for row in body if len(row) >= width):
        width -= 1  # delimiters at the ends of the rows
    given = [" ".join(cell.split()) for cell in rows[0]] if HEADER else []
    if len(given) > 1 and given[0] == "#":
        given.pop(0)
    while len(given) > width and not given[-1]:
        given.pop()
    if HEADER and len(given) == width - 1:
        given.insert(0, "")  # names of the rows, as R writes them
    names = []
    for position, name in enumerate(given + [""] * (width - len(given)), start=1):
        name = (name.removeprefix("#").strip() if position == 1 else name) or f"column {position}"
        taken, copy = name, 2
        while name in names:
            name, copy = f"{taken} ({copy})", copy + 1
        names.append(name)
    return names'''

_COLUMNS = '''def fitted(rows, width):
    """Return rows of this width: what is too short is filled as missing, what is too long is cut, and both are told."""
    short, long = [row for row in rows if len(row) < width], [row for row in rows if any(row[width:])]
    if len(short) + len(long) > max(1, len(rows) / 2):
        raise Refused(f"{len(short) + len(long)} of {len(rows)} rows do not have {width} cells, as the others have")
    if short:
        print(f"{len(short)} row(s) with too few cells: the others count as missing.", file=sys.stderr)
    if long:
        print(f"{len(long)} row(s) with too many cells: the surplus is left out.", file=sys.stderr)
    return [(row + [None] * (width - len(row)))[:width] for row in rows]


def read_columns(path):
    """Return the cells of the columns that the network uses, as text, by name; None where a value is missing."""
    used = [name for name, constants in PREPARATION["columns"].items() if constants["encoding"] != "left out"]
    rows = rows_of(path, used)
    if len(rows) <= int(HEADER):
        raise Refused("there are no rows to predict")
    names = column_names(rows)
    for name in used:
        if name not in names:
            raise Refused(f"there is no column {name!r}; with the delimiter {DELIMITER!r} the columns are {names}")
    columns = dict(zip(names, zip(*fitted(rows[int(HEADER) :], len(names)))))
    return {name: [None if cell in MISSING else cell for cell in columns[name]] for name in used}'''


def imports_for(compression: Compression) -> tuple[str, ...]:
    """Return the modules that reading needs besides csv."""
    return {"none": (), "gzip": ("gzip",), "bz2": ("bz2",), "xz": ("lzma",), "zip": ("io", "zipfile")}[compression]


def dialect_constants(spec: ImportSpec, *, header: bool) -> str:
    """Return how a file is written: as the file that was learned from."""
    is_utf_8 = spec.encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig", "ascii")
    encoding = "utf-8-sig" if is_utf_8 else spec.encoding
    return lines(
        "# How the file is written.",
        f"ENCODING = {text_literal(encoding)}" + ("  # UTF-8, with or without a mark at the start" if is_utf_8 else ""),
        f"DELIMITER = {text_literal(spec.delimiter)}" + ("  # any run of spaces and tabs" if spec.delimiter == " " else ""),
        f"QUOTE = {text_literal(spec.quote)}  # None where quotation marks have no meaning",
        f"ESCAPE = {text_literal(spec.escape)}  # what stands before a quotation mark in a quoted cell" if spec.escape else "",
        f"DECIMAL = {text_literal(spec.decimal)}",
        f"THOUSANDS = {text_literal(spec.thousands)}  # the mark between groups of three digits, None for none",
        f"HEADER = {header}  # whether the first row names the columns",
        f"SKIP_LINES = {spec.skip_lines}  # lines before the table",
        f"FOOTER_LINES = {spec.footer_lines}  # rows after it",
        f"COMMENT = {text_literal(spec.comment)}  # what starts a line that is no row, None for none",
        "# What stands for a missing value:",
        f"MISSING = {_missing(spec.missing)}",
    )


def reading_functions(spec: ImportSpec) -> list[str]:
    """Return the functions that read a file, `read_columns` last."""
    line = 'unescaped(line.replace("\\0", ""))' if spec.escape else 'line.replace("\\0", "")'
    return [
        _REFUSED,
        _ZIPPED if spec.compression == "zip" else "",
        _UNESCAPED if spec.escape else "",
        _ROWS.replace("<opened>", _OPENED[spec.compression]).replace("<line>", line),
        _NAMES,
        _COLUMNS,
    ]


def _missing(tokens: tuple[str, ...]) -> str:
    """Return what stands for a missing value, an empty cell always among it."""
    written = [token for token in tokens if token]
    if any(len(token.split()) != 1 for token in written):
        return list_literal(["", *written])
    return f'["", *{text_literal(" ".join(written))}.split()]'
