"""Writes everything a run leaves behind into one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.branch import Change
from engine.export.numpy_script import numpy_script
from engine.export.pytorch import pytorch_script
from engine.landscape.headless import landscape_arrays
from engine.landscape.path import MAX_BYTES, MAX_POINTS
from engine.network_choice import spec_for
from engine.results.atomic import replacing, write_text
from engine.results.json_text import json_text
from engine.results.summary import summary
from engine.results.tables import data_arrays, history_csv, model_arrays, parameter_order
from engine.run_result import RunResult
from engine.settings import LIVE_SETTINGS, Settings, shown

RESULT_FILES = (
    "history.csv",
    "data.npz",
    "model.npz",
    "landscape.npz",
    "parameters.json",
    "preparation.json",
    "train_torch.py",
    "predict.py",
    "summary.json",
)
"""The files of a run but its pictures, in the order they are written."""


def write_results(result: RunResult, folder: Path) -> None:
    """Write every file of a run but its pictures; the summary comes last, so that it stands for complete results.

    Raises
    ------
    OSError
        When a file can't be written; files of an earlier run are then whole, old or new.
    """
    write_text(folder / "history.csv", history_csv(result))
    write_arrays(folder / "data.npz", data_arrays(result))
    write_arrays(folder / "model.npz", model_arrays(result))
    write_arrays(folder / "landscape.npz", _landscape(result))
    write_text(folder / "parameters.json", json_text(parameter_order(result)))
    write_text(folder / "preparation.json", json_text(result.data.preparation))
    write_text(folder / "train_torch.py", _pytorch(result))
    write_text(folder / "predict.py", numpy_script(result.settings, result.spec, result.data))
    write_text(folder / "summary.json", json_text(summary(result)))


def problem_in_words(folder: Path, error: Exception) -> str:
    """Return what happened when the files could not be written into a folder, and what to do."""
    if isinstance(error, OSError):
        return (
            f"{folder}: {error.strerror or error}. Every file there is whole, but some may be of an earlier run; "
            "check your rights and the space on the disk, or choose another folder, and try again."
        )
    if isinstance(error, MemoryError):
        return f"{folder}: there is not enough memory to put the files together; go back to an earlier step, and try again."
    return f"{folder}: the files could not be put together ({type(error).__name__}: {error}). The run itself is unharmed."


def _pytorch(result: RunResult) -> str:
    """Return the script of the run, or of its updates up to the first change that a single script does not follow."""
    settings, data, step = result.settings, result.data, result.history.step
    changed = _first_other_training(result)
    if changed is not None:
        return pytorch_script(settings, spec_for(settings, data), data, until=changed)
    return pytorch_script(settings, result.spec, data, final_step=None if step == result.last_step else step)


def _first_other_training(result: RunResult) -> Change | None:
    """Return the first change inside the run that makes its updates others; None where there is none.

    Numbers put in before the first update are among the first weights; a length or a rule that ends the run changes no update.
    """
    before = _of_updates(result.settings)
    for change in result.changes:
        if change.step > 0 and (change.edits or _of_updates(change.settings) != before):
            return change
    return None


def _of_updates(settings: Settings) -> dict[str, Any]:
    """Return the live settings that updates depend on."""
    return {name: getattr(settings, name) for name in LIVE_SETTINGS if shown(name).group != "run"}


def _landscape(result: RunResult) -> dict[str, NDArray[Any]]:
    steps, path = result.history.path(MAX_POINTS, MAX_BYTES)
    with np.errstate(all="ignore"):  # the last finite state before an overflow is so large that its squares are not finite
        return landscape_arrays(result.spec, result.data, path, steps)


def write_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write arrays as an npz file that loads without pickle."""
    with replacing(path) as file:
        np.savez(file, allow_pickle=False, **arrays)
