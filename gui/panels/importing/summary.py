"""What a file holds, in one line."""

from __future__ import annotations

from gui.session.import_session import ImportSession


def summary(session: ImportSession, name: str) -> str:
    """Return name, rows, columns, missing cells and repairs; of a file still being read what is known of it."""
    read = session.table
    if read is None:
        return name if session.failure is not None else f"Reading {name}"
    table = read.table
    columns = counted(len(table.names), "column")
    if not session.is_whole:
        return f"{name} · first {counted(table.n_rows, 'row')} · {columns}"
    missing = sum(column.missing for column in read.columns)
    facts = (
        counted(table.n_rows, "row"),
        columns,
        counted(missing, "missing value") if missing else "no missing value",
        counted(len(table.repairs), "repair") if table.repairs else "nothing repaired",
    )
    return " · ".join((name, *facts))


def counted(count: int, noun: str) -> str:
    """Return a number and its noun, in the plural where it takes one."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
