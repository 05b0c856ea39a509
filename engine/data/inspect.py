"""What a file holds, as one JSON object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.data.columns.column import Column
from engine.data.columns.dates import date_text
from engine.data.columns.profile import cautions, class_balance, profile
from engine.data.columns.suggestion import Suggestion, describe_columns, suggest
from engine.data.import_spec import ImportSpec
from engine.data.recognition.dialect import recognise
from engine.data.table import Table, read_table

__all__ = ["inspect_file"]


def inspect_file(path: Path | str, spec: ImportSpec | None = None) -> dict[str, Any]:
    """Return what was recognised in a CSV file, ready for JSON.

    Parameters
    ----------
    path : path or str
    spec : ImportSpec, optional
        How to read it; recognised from the file, with the reasons, where not given.

    Raises
    ------
    DataError
        When the file is no table of text, or when `spec` does not fit it.
    """
    reasons: dict[str, str] = {}
    if spec is None:
        recognition = recognise(path)
        spec, reasons = recognition.spec, recognition.reasons
    table = read_table(path, spec)
    columns = describe_columns(table)
    suggestion = suggest(columns, spec=table.spec)
    return _contract(table, columns, suggestion) | _more(table, columns, suggestion, reasons)


def _contract(table: Table, columns: tuple[Column, ...], suggestion: Suggestion) -> dict[str, Any]:
    """Return the keys that every version prints, in their order."""
    found = cautions(columns, suggestion.target)
    return {
        "rows": table.n_rows,
        "columns": [_column(column, suggestion, found[column.name]) for column in columns],
        "header": table.spec.header,
        "delimiter": table.spec.delimiter,
        "encoding": table.spec.encoding,
        "decimal": table.spec.decimal,
        "thousands": table.spec.thousands,
        "repairs": [{"line": repair.line, "what": repair.what} for repair in table.repairs],
        "target": suggestion.target,
        "task": suggestion.task,
    }


def _more(table: Table, columns: tuple[Column, ...], suggestion: Suggestion, reasons: dict[str, str]) -> dict[str, Any]:
    target = next((column for column in columns if column.name == suggestion.target), None)
    balance = class_balance(target) if target is not None and suggestion.task == "classification" else ()
    return {
        "target_reason": suggestion.reason,
        "class_balance": [{"class": name, "rows": count} for name, count in balance],
        "date_order": table.spec.date_order,
        "spec": table.spec.as_dict(),
        "reasons": reasons,
    }


def _column(column: Column, suggestion: Suggestion, found: tuple[str, ...]) -> dict[str, Any]:
    """Return what is known of one column: the keys that every version prints, then its role, cautions and values."""
    return {
        "name": column.name,
        "kind": column.kind,
        "missing": column.missing,
        "distinct": column.distinct,
        "role": _role(column, suggestion),
        "left_out": suggestion.ignored.get(column.name),
        "cautions": list(found),
        **_values(column),
    }


def _role(column: Column, suggestion: Suggestion) -> str:
    if column.name == suggestion.target:
        return "target"
    return "feature" if column.name in suggestion.features else "ignore"


def _values(column: Column) -> dict[str, Any]:
    """Return range and mean of numbers and dates, or the most frequent values."""
    seen = profile(column)
    values: dict[str, Any] = {}
    if seen.smallest is not None and seen.largest is not None and seen.mean is not None:
        limits = {"smallest": seen.smallest, "largest": seen.largest, "mean": seen.mean}
        unit = column.unit
        values = {name: date_text(value, unit) if unit else value for name, value in limits.items()}
        values |= {"unit": unit} if unit else {}
    if seen.levels:
        values["levels"] = [{"value": name, "rows": count} for name, count in seen.levels]
    if column.date_order is not None:
        values["date_order"] = column.date_order
    return values
