"""Writes everything a run leaves behind into one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.export.numpy_script import numpy_script
from engine.export.pytorch import pytorch_script
from engine.landscape.headless import landscape_arrays
from engine.landscape.path import MAX_BYTES, MAX_POINTS
from engine.results.atomic import replacing, write_text
from engine.results.json_text import json_text
from engine.results.summary import summary
from engine.results.tables import data_arrays, history_csv, model_arrays, parameter_order
from engine.run_result import RunResult


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


def _pytorch(result: RunResult) -> str:
    history = result.history
    final_step = None if history.step == history.last_step else history.step
    return pytorch_script(result.settings, result.spec, result.data, final_step)


def _landscape(result: RunResult) -> dict[str, NDArray[Any]]:
    steps, path = result.history.path(MAX_POINTS, MAX_BYTES)
    with np.errstate(all="ignore"):  # the last finite state before an overflow is so large that its squares are not finite
        return landscape_arrays(result.spec, result.data, path, steps)


def write_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write arrays as an npz file that loads without pickle."""
    with replacing(path) as file:
        np.savez(file, allow_pickle=False, **arrays)
