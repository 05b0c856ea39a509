"""The summary of a run: what it was, what it reached, why it stopped."""

from __future__ import annotations

from typing import Any

from engine.metrics import part_metrics, predict
from engine.run_result import RunResult
from engine.version import __version__


def summary(result: RunResult) -> dict[str, Any]:
    """Return the summary of a run.

    Notes
    -----
    `epochs` is the pass the last update belongs to, as in history.csv. `stopped` begins with one word (epochs, steps,
    interrupted or non-finite), followed in the last two cases by a colon and a sentence. A figure that does not exist (no
    validation rows) is null.
    """
    data, history = result.data, result.history
    measurement = history.measurement()
    return {
        "data": data.name,
        "rows": len(data.y_train) + len(data.y_validation),
        "rows_train": len(data.y_train),
        "rows_validation": len(data.y_validation),
        "features": data.n_features,
        "parameters": result.spec.n_parameters,
        "task": data.target.task,
        "loss": result.spec.loss,
        "steps": history.step,
        "epochs": history.trainer.epoch,
        "train_loss": measurement.train_loss,
        "validation_loss": measurement.validation_loss,
        "metrics": metrics(result),
        "seconds": result.seconds,
        "steps_per_second": history.step / result.seconds if result.seconds > 0 else 0.0,
        "stopped": str(result.stop),
        "seed": result.settings.seed,
        "precision": result.settings.precision,
        "version": __version__,
        "settings": result.settings.model_dump(),
        "notes": data.notes,
    }


def metrics(result: RunResult) -> dict[str, dict[str, float | None]]:
    """Return the metrics over all rows of each part, with the parameters of the last step."""
    data = result.data
    parts = {"train": (data.X_train, data.y_train), "validation": (data.X_validation, data.y_validation)}
    return {part: part_metrics(data.target, predict(result.spec, result.parameters, X), y) for part, (X, y) in parts.items()}
