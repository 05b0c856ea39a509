"""The numbers of a run as they are filed: the history as text, data, parameters and landscape as named arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.records import Measurement
from engine.run_result import RunResult

Arrays = dict[str, NDArray[Any]]

HISTORY_HEADER = "step,epoch,batch_loss,train_loss,validation_loss"


def history_csv(result: RunResult) -> str:
    """Return the history as CSV: a row for step 0 and one per update; blank where not measured, 17 significant digits."""
    records = result.history.records(1, result.last_step)
    reached = result.measurement  # at the end of the run, where it is inside an epoch, nothing else was measured
    measured = {reached.step: reached} | {measurement.step: measurement for measurement in records.measurements}
    lines = [HISTORY_HEADER, f"0,0,,{_measured_losses(measured.get(0))}"]
    steps = zip(records.epochs.tolist(), records.batch_losses.tolist(), strict=True)
    for step, (epoch, batch_loss) in enumerate(steps, start=1):
        lines.append(f"{step},{epoch},{batch_loss:.17g},{_measured_losses(measured.get(step))}")
    return "\n".join(lines) + "\n"


def _measured_losses(measurement: Measurement | None) -> str:
    if measurement is None:
        return ","
    validation = measurement.validation_loss
    return f"{measurement.train_loss:.17g}," + ("" if validation is None else f"{validation:.17g}")


def data_arrays(result: RunResult) -> Arrays:
    """Return what the network saw and the rows of every batch; test rows only where there are any.

    Inputs and targets have the precision that the network saw them in. Inputs that are kept in single precision stay so: more
    digits would say nothing, and take twice the room.
    """
    data, precision, batches = result.data, np.dtype(result.settings.precision), result.batches
    parts = data.parts().items()
    rows = {"train": data.rows_train, "validation": data.rows_validation, "test": data.rows_test}
    return {
        **{f"X_{part}": X.astype(min(precision, X.dtype), copy=False) for part, (X, _) in parts},
        **{f"y_{part}": y.astype(precision, copy=False) for part, (_, y) in parts},
        **{f"rows_{part}": rows[part] for part, _ in parts},
        "batches": batches.rows,
        "batch_starts": batches.starts,
    }


def model_arrays(result: RunResult) -> Arrays:
    """Return weights (fan_in x fan_out) and biases before the first update, and those the run ends with."""
    vectors = {"initial": result.initial_parameters, "final": result.parameters}
    return {
        f"{moment}/{block.name}": vector[block.start : block.stop].reshape(block.shape)
        for moment, vector in vectors.items()
        for block in result.spec.blocks
    }


def parameter_order(result: RunResult) -> list[dict[str, Any]]:
    """Return where each layer's weights and bias stand in the flat vectors (the directions of the landscape, for one)."""
    return [block._asdict() for block in result.spec.blocks]
