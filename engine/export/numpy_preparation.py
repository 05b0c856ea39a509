"""The preparation of a run in NumPy: from the cells of a file to the inputs of the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.data.preparation.encoders import MISSING_LEVEL
from engine.export.numpy_dates import DATES
from engine.export.numpy_numbers import NUMBERS
from engine.export.script_text import text_literal

_SCALED = '''def scaled(name, cells, constants):
    """Return numbers as one input, (value - mean) / scale, with the median where there is none{indicated}."""
{choice}    values = [None if cell is None else {read} for cell in cells]
    wrong = [row for row, (cell, value) in enumerate(zip(cells, values)) if cell is not None and value is None]
    if wrong:
        what = f"column {{name!r}}: {{cells[wrong[0]]!r}} is no number{or_date}"
        if len(wrong) > sum(cell is not None for cell in cells) / 2:
            raise Refused(f"row {{wrong[0] + 1}}, {{what}}; mend it, or add it to MISSING")
        print(f"In {{len(wrong)}} row(s) the value is missing, {{what}}.", file=sys.stderr)
    numbers = np.array([constants["median"] if value is None else value for value in values])
    {result}'''

_ONE_INPUT = 'return (numbers[:, None] - constants["mean"]) / constants["scale"]'
_WITH_INDICATOR = """inputs = (numbers[:, None] - constants["mean"]) / constants["scale"]
    if not constants["indicator"]:
        return inputs
    return np.column_stack([inputs, [value is None for value in values]])"""

_YES_OR_NO = '''SPELLINGS = [{"yes", "true", "on", "1", "y", "t"}, {"no", "false", "off", "0", "n", "f"}]


def level(cell, constants):
    """Return the level of a cell: yes and no in any of their spellings, 0 and 1 in any that a number has."""
    if cell is None:
        return {missing}
    if constants["kind"] == "boolean" and constants["numbers"]:
        value = number(cell)
        return cell if value is None else str(int(value)) if value.is_integer() else repr(value)
    if constants["kind"] == "boolean":
        for known in constants["levels"]:
            if any({cell.casefold(), known.casefold()} <= spellings for spellings in SPELLINGS):
                return known
    return cell'''

_LEVELS = '''def one_input_per_level(name, cells, constants):
    """Return 1 for the level of each cell and 0 for the others; of two levels only the second has an input."""
    levels = constants["levels"]
    found = np.array({found}, dtype=object)
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

OF_LEVELS = ("one-hot", "binary")


def has_dates(columns: Mapping[str, Mapping[str, Any]]) -> bool:
    """Return whether any of these columns holds dates."""
    return any(constants["kind"] == "date" for constants in columns.values())


def preparation_functions(columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the functions that encode these columns, `prepared` last.

    Parameters
    ----------
    columns : mapping
        The constants of each column that the network uses, by its name.
    """
    of_levels = [constants for constants in columns.values() if constants["encoding"] in OF_LEVELS]
    numbers = [constants for constants in columns.values() if constants["encoding"] not in OF_LEVELS]
    yes_or_no = any(constants["kind"] == "boolean" for constants in of_levels)
    texts = (
        NUMBERS if numbers or yes_or_no else "",
        DATES if has_dates(columns) else "",
        _scaled(numbers) if numbers else "",
        _YES_OR_NO.replace("{missing}", text_literal(MISSING_LEVEL)) if yes_or_no else "",
        _LEVELS.format(found=_found(yes_or_no=yes_or_no)) if of_levels else "",
        _PREPARED.format(encode=_encode(of_numbers=bool(numbers), of_levels=bool(of_levels))),
    )
    return [paragraph for text in texts for paragraph in text.split("\n\n\n")]


def _scaled(numbers: Sequence[Mapping[str, Any]]) -> str:
    """Return the function for columns of numbers, of dates or of both."""
    dates = [constants["kind"] == "date" for constants in numbers]
    marked = any(constants.get("indicator") for constants in numbers)
    choice = '    is_date = constants["kind"] == "date"\n' if any(dates) and not all(dates) else ""
    read = "days(cell, constants) if is_date else number(cell)" if choice else "days(cell, constants)" if any(dates) else ""
    return _SCALED.format(
        choice=choice,
        read=read or "number(cell)",
        or_date=" and no date" if any(dates) else "",
        result=_WITH_INDICATOR if marked else _ONE_INPUT,
        indicated=", and where asked for a second one, 1 there" if marked else "",
    )


def _found(*, yes_or_no: bool) -> str:
    if yes_or_no:
        return "[level(cell, constants) for cell in cells]"
    return f"[{text_literal(MISSING_LEVEL)} if cell is None else cell for cell in cells]"


def _encode(*, of_numbers: bool, of_levels: bool) -> str:
    """Return the expression for the function that encodes a column."""
    if of_numbers and of_levels:
        return 'one_input_per_level if "levels" in constants else scaled'
    return "one_input_per_level" if of_levels else "scaled"
