"""The preparation of a run in NumPy: from a CSV file to the inputs of the network, with the constants of preparation.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.data.encoders import MISSING_LEVEL

_REFUSED = '''class Refused(Exception):
    """A file that can't be read; the message says why."""'''

_READ = '''def column_names(first_row):
    """Return a name for every column, as training had them: one of its own for each, spaces tidied."""
    names = []
    for position, cell in enumerate(first_row, start=1):
        name = " ".join(cell.split()) if HEADER else ""
        name = (name.removeprefix("#").strip() if position == 1 else name) or f"column {position}"
        taken, copy = name, 2
        while name in names:
            name, copy = f"{taken} ({copy})", copy + 1
        names.append(name)
    return names


def read_columns(path):
    """Return the cells of the columns that the network uses, as text, by name."""
    with open(path, encoding=ENCODING, newline="") as file:
        reader = csv.reader(file, delimiter=DELIMITER, skipinitialspace=True, strict=True)
        rows = [[cell.strip() for cell in row] for row in reader]
    rows = [row for row in rows if any(row)]
    if len(rows) <= int(HEADER):
        raise Refused("there are no rows to predict")
    names = column_names(rows[0])
    rows = rows[1:] if HEADER else rows
    for position, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise Refused(f"row {position} has {len(row)} cells, and the first row of the file has {len(names)}")
    columns = dict(zip(names, zip(*rows)))
    used = [name for name, constants in PREPARATION["columns"].items() if constants["encoding"] != "left out"]
    for name in used:
        if name not in columns:
            raise Refused(f"there is no column {name!r}; with the delimiter {DELIMITER!r} the columns are {names}")
    return {name: columns[name] for name in used}'''

_NUMBERS = '''def number(cell):
    """Return the number that a cell writes; None where it writes none."""
    point = re.escape(DECIMAL)
    if not re.fullmatch(rf"[+-]?([0-9]+({point}[0-9]*)?|{point}[0-9]+)([eE][+-]?[0-9]+)?", cell, re.ASCII):
        return None
    value = float(cell.replace(DECIMAL, "."))
    return value if np.isfinite(value) else None'''

_DATES = '''def days(cell):
    """Return a date, as 2024-05-31 or 2024/05/31, as days since 1970; a number, such as a year, as it is."""
    if number(cell) is not None:
        return number(cell)
    try:
        moment = np.datetime64(cell.replace("/", "-").removesuffix("Z"), "ms")
    except ValueError:
        return None
    return float(moment.astype(np.int64)) / 86_400_000'''

_STANDARDISED = '''def standardised(name, cells, constants):
    """Return numbers as one input: the median where there is no value, then (value - mean) / scale."""
{choice}    values = []
    for row, cell in enumerate(cells, start=1):
        value = constants["median"] if cell in MISSING else {read}(cell)
        if value is None:
            raise Refused(f"row {{row}}, column {{name!r}}: {{cell!r}} is no number{or_date}; mend it, or add it to MISSING")
        values.append(value)
    return (np.array(values)[:, None] - constants["mean"]) / constants["scale"]'''

_WITHOUT_DATES = {"choice": "", "read": "number", "or_date": ""}
_WITH_DATES = {
    "choice": '    read = days if constants["kind"] == "date" else number\n',
    "read": "read",
    "or_date": " and no date",
}

_LEVELS = f'''def level(cell, constants):
    """Return the level of a cell; 0 and 1 may be written 0.0 and 1.0, too."""
    if cell in MISSING:
        return {MISSING_LEVEL!r}
    value = number(cell) if constants["kind"] == "boolean" else None
    return cell if value is None or not value.is_integer() else str(int(value))


def one_input_per_level(name, cells, constants):
    """Return 1 for the level of each cell and 0 for the others; yes or no has a single input, 1 for the second level."""
    levels = constants["levels"]
    found = np.array([level(cell, constants) for cell in cells], dtype=object)
    inputs = np.array([found == known for known in levels], dtype=np.float64).T
    unknown = inputs.sum(axis=1) == 0
    if constants["other"]:
        return np.column_stack([inputs, unknown])
    if unknown.any():
        example, count = found[unknown][0], unknown.sum()
        print(f"Column {{name!r}}: training knew no {{example!r}}; inputs are 0 in {{count}} row(s).", file=sys.stderr)
    return inputs[:, 1:] if constants["encoding"] == "binary" else inputs'''

_PREPARED = '''def prepared(columns):
    """Return the inputs of the network for the cells of its columns, shape (n_rows, n_inputs)."""
    parts = []
    for name, cells in columns.items():
        constants = PREPARATION["columns"][name]
        encode = {encode}
        parts.append(encode(name, cells, constants))
    return np.concatenate(parts, axis=1)'''


def preparation_functions(columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the functions that read a file and encode these columns, `prepared` last.

    Parameters
    ----------
    columns : mapping
        The constants of each column that the network uses, by its name.
    """
    has_dates = any(constants["kind"] == "date" for constants in columns.values())
    encodings = _by_encoding(constants["encoding"] for constants in columns.values())
    numbers = _STANDARDISED.format(**(_WITH_DATES if has_dates else _WITHOUT_DATES))
    return [
        _REFUSED,
        _READ,
        _NUMBERS,
        _DATES if has_dates else "",
        numbers if "standardised" in encodings else "",
        _LEVELS if "one_input_per_level" in encodings else "",
        _PREPARED.format(encode=_encode(encodings)),
    ]


def _by_encoding(encodings: Iterable[str]) -> list[str]:
    """Return the functions that these encodings need."""
    return sorted({"standardised" if encoding == "standardise" else "one_input_per_level" for encoding in encodings})


def _encode(functions: list[str]) -> str:
    """Return the expression for the function that encodes a column."""
    if len(functions) == 1:
        return functions[0]
    return 'standardised if constants["encoding"] == "standardise" else one_input_per_level'
