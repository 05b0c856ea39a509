"""What a file holds, as one JSON object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.data.columns import describe_columns, suggest
from engine.data.table import read_table


def inspect_file(path: Path | str) -> dict[str, Any]:
    """Return what was recognised in a CSV file, ready for JSON.

    Raises
    ------
    DataError
        When the file is no table of text.
    """
    table = read_table(path)
    columns = describe_columns(table)
    suggestion = suggest(columns)
    return {
        "rows": table.n_rows,
        "columns": [
            {"name": column.name, "kind": column.kind, "missing": column.missing, "distinct": column.distinct}
            for column in columns
        ],
        "header": table.spec.header,
        "delimiter": table.spec.delimiter,
        "encoding": table.spec.encoding,
        "decimal": table.spec.decimal,
        "thousands": table.spec.thousands,
        "repairs": [{"line": repair.line, "what": repair.what} for repair in table.repairs],
        "target": suggestion.target,
        "task": suggestion.task,
    }
