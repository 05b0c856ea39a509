"""From a file or an example to prepared data, as the settings say; what they leave open is suggested."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from engine.data.columns.kinds import Column
from engine.data.columns.suggestion import describe_columns, resolve_column, suggest
from engine.data.errors import DataError
from engine.data.examples.catalogue import example_data
from engine.data.import_spec import ImportSpec
from engine.data.preparation.prepare import prepare
from engine.data.prepared import PreparedData
from engine.data.table import Table, read_table
from engine.settings import Settings, SettingsError


def load_file(
    path: Path | str,
    settings: Settings,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    spec: ImportSpec | None = None,
) -> PreparedData:
    """Read a CSV file and prepare it; target and features that the settings leave open are suggested.

    Parameters
    ----------
    path : path or str
    settings : Settings
    progress : callable, optional
        Called with the share of the file that is read, 0 to 1.
    cancelled : callable, optional
        Asked now and then; reading stops when it returns True.
    spec : ImportSpec, optional
        How to read it; recognised from the file where not given. The roles it gives columns count where the settings name
        neither target nor features.

    Raises
    ------
    DataError
        When the file can't be read or nothing can be learned from it.
    ReadingCancelled
        When `cancelled` returned True.
    """
    table = read_table(path, spec, progress=progress, cancelled=cancelled)
    return prepare_columns(describe_columns(table), settings, name=table.name, table=table)


def prepare_columns(columns: Sequence[Column], settings: Settings, *, name: str, table: Table) -> PreparedData:
    """Prepare the described columns of a table as the settings say; target and features that they leave open are suggested.

    Parameters
    ----------
    columns : sequence of Column
    settings : Settings
    name : str
        Where the data come from.
    table : Table
        The table itself: what its columns are called and what was mended in it.

    Raises
    ------
    DataError
        When nothing can be learned from these columns.
    """
    target = None if settings.target is None else resolve_column(table, settings.target)
    suggestion = suggest(columns, target, table.spec)
    if suggestion.target is None:
        raise DataError(_phrase(suggestion.reason), path=name, remedy="choose a file with numbers or categories")
    notes = [repair.what for repair in table.repairs]
    left_out: dict[str, str] = {}
    if settings.features is None:
        features, left_out = suggestion.features, suggestion.ignored
        notes += [f"{column} is left out: {reason}." for column, reason in suggestion.ignored.items()]
        if not features:
            raise DataError(_phrase(suggestion.reason), path=name, remedy="choose them yourself or another file")
    else:
        features = tuple(resolve_column(table, feature) for feature in settings.features)
    return prepare(
        columns,
        name=name,
        target=suggestion.target,
        features=features,
        task=settings.task,
        seed=settings.seed,
        notes=notes,
        left_out=left_out,
        import_spec=table.spec,
        **_preparation_of(settings),
    )


def load_example(key: str, settings: Settings) -> PreparedData:
    """Generate and prepare a built-in example as the settings say.

    Raises
    ------
    SettingsError
        When the settings ask for another target, other features or another task than the example has.
    """
    data = example_data(
        key,
        seed=settings.seed,
        n_rows=settings.example_rows,
        noise=settings.example_noise,
        **_preparation_of(settings),
    )
    used = {
        "target": data.target.name,
        "features": tuple(feature.name for feature in data.features),
        "task": data.target.task,
    }
    for name, value in used.items():
        if getattr(settings, name) not in (None, "auto", value):
            raise SettingsError(f"{name}: the built-in example has {value!r} only; leave {name} out or name a file.")
    return data


def _preparation_of(settings: Settings) -> dict[str, Any]:
    """Return what the settings say of the preparation, whatever the data come from."""
    return {
        "validation": settings.validation,
        "test": settings.test,
        "scaling": settings.scaling,
        "target_scaling": settings.target_scaling,
        "missing_indicator": settings.missing_indicator,
    }


def _phrase(sentence: str) -> str:
    """Return a sentence as a part of another."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")
