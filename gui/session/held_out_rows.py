"""Measuring the test rows, once, when somebody asks."""

from __future__ import annotations

from engine.metrics import part_metrics, predict
from engine.metrics.part_loss import part_loss
from engine.trainer import Trainer
from gui.session.messages import HeldOutFigures, Metrics


def measured_held_out_rows(trainer: Trainer, run_id: int) -> HeldOutFigures:
    """Return loss and metrics over the test rows, of which there is one at least, where the trainer stands."""
    spec, data, parameters = trainer.spec, trainer.data, trainer.parameters
    loss = part_loss(spec, parameters, data.target, data.X_test, data.y_test)
    assert loss is not None
    figures = part_metrics(data.target, predict(spec, parameters, data.X_test), data.y_test)
    return HeldOutFigures(run_id, trainer.step, loss, Metrics(**figures, baselines=(), roc_auc_rows=None))
