"""How good predictions are, in the figures people know: accuracy, F1 and ROC AUC for classes, R², RMSE and MAE for numbers."""

from engine.metrics.classification import accuracy, confusion_matrix, predicted_classes, roc_auc
from engine.metrics.part_loss import part_loss
from engine.metrics.parts import part_metrics
from engine.metrics.prediction import SLICE_ROWS, predict
from engine.metrics.regression import mae, r2, rmse

__all__ = [
    "SLICE_ROWS",
    "accuracy",
    "confusion_matrix",
    "mae",
    "part_loss",
    "part_metrics",
    "predict",
    "predicted_classes",
    "r2",
    "rmse",
    "roc_auc",
]
