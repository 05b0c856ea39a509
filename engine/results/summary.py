"""The summary of a run: what it was, what it reached, what is reached without a network, why it stopped."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.baselines import baselines
from engine.data.prepared import PreparedData
from engine.metrics import confusion_matrix, part_loss, part_metrics, predict, predicted_classes
from engine.run_result import RunResult
from engine.version import __version__
from engine.weights_in_words import class_weights_in_words

Predicted = tuple[NDArray[np.floating[Any]], NDArray[np.float64]]


def summary(result: RunResult) -> dict[str, Any]:
    """Return the summary of a run.

    Notes
    -----
    `steps` is the step whose parameters the run ends with, `epochs` the pass that this update belongs to, as in history.csv;
    losses and metrics are those of all rows of each part with these parameters; test rows are measured here only, and once, and
    stand beside the other parts where there are any. `steps_trained` is the last update made, and
    larger than `steps` where the run went back to its best weights. `stopped` begins with the reason in one word (see
    `engine.stopping.StopReason`), mostly followed by a colon and a sentence. `settings` are those of the first update, and
    `changes` tells what became of them. A figure that does not exist or is not known (no validation rows, a confusion matrix of
    numbers, the time of a run that was gone back in) is null.
    """
    data = result.data
    predicted = predictions_of_parts(result)
    measurement = result.measurement
    return {
        "data": data.name,
        "rows": len(data.y_train) + len(data.y_validation) + len(data.y_test),
        "rows_train": len(data.y_train),
        "rows_validation": len(data.y_validation),
        "rows_test": len(data.y_test),
        "features": data.n_features,
        "parameters": result.spec.n_parameters,
        "task": data.target.task,
        "loss": result.spec.loss,
        "steps": measurement.step,
        "epochs": measurement.epoch,
        "steps_trained": result.last_step,
        "train_loss": measurement.train_loss,
        "validation_loss": measurement.validation_loss,
        "test_loss": part_loss(result.spec, result.parameters, data.target, data.X_test, data.y_test),
        "metrics": {part: part_metrics(data.target, outputs, y) for part, (outputs, y) in predicted.items()},
        "confusion": confusion(data.target.classes, predicted),
        "baselines": baseline_metrics(data),
        "seconds": result.seconds,
        "steps_per_second": steps_per_second(result),
        "stopped": str(result.stop),
        "changes": [{"step": change.step, "what": change.words} for change in result.changes],
        "seed": result.settings.seed,
        "precision": result.settings.precision,
        "version": __version__,
        "settings": result.settings.model_dump(),
        "notes": (*data.notes, *_weights(result)),
    }


def steps_per_second(result: RunResult) -> float | None:
    """Return how many updates were made in a second of training; None where the time is not known."""
    if result.seconds is None:
        return None
    return result.last_step / result.seconds if result.seconds > 0 else 0.0


def predictions_of_parts(result: RunResult) -> dict[str, Predicted]:
    """Return predictions, shape (n_outputs, n_rows), and true targets of each part."""
    parts = result.data.parts().items()
    return {part: (predict(result.spec, result.parameters, X), y) for part, (X, y) in parts}


def confusion(classes: tuple[str, ...], predicted: dict[str, Predicted]) -> dict[str, Any] | None:
    """Return the names of the classes and the confusion matrix of each part, a row per actual class; None for numbers."""
    if not classes:
        return None
    matrices = {
        part: confusion_matrix(y, predicted_classes(outputs), len(classes)).tolist() for part, (outputs, y) in predicted.items()
    }
    return {"classes": classes, **matrices}


def baseline_metrics(data: PreparedData) -> dict[str, dict[str, Any]]:
    """Return by name the metrics of the baselines, and how many training rows they were made from."""
    parts = data.parts()
    return {
        each.name: {**{part: getattr(each, part) for part in parts}, "rows_used": each.rows_used} for each in baselines(data)
    }


def _weights(result: RunResult) -> tuple[str, ...]:
    """Return a sentence about the class weights; none where there are none."""
    weights = result.spec.loss_options.class_weights
    return (class_weights_in_words(result.data.target.classes, weights),) if weights else ()
