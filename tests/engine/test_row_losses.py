"""The loss of every row by itself: against the loss of a table of that one row, and against scikit-learn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss

from engine.data.prepared import PreparedData
from engine.metrics import predict
from engine.network import encode_targets, mean_loss
from engine.row_losses import RowLossComputation, row_losses
from engine.settings import make_settings
from engine.trainer import Trainer

LOSSES: list[tuple[int, dict[str, Any]]] = [
    (0, {"loss": "mse"}),
    (0, {"loss": "mae"}),
    (0, {"loss": "huber", "huber_delta": 0.5}),
    (2, {"loss": "bce"}),
    (2, {"loss": "bce", "class_weights": True, "label_smoothing": 0.1}),
    (2, {"loss": "hinge"}),
    (3, {"loss": "cross_entropy"}),
    (3, {"loss": "cross_entropy", "class_weights": True, "label_smoothing": 0.1}),
    (3, {"loss": "hinge"}),
    (3, {"loss": "mse", "output_activation": "sigmoid"}),
]


def with_test_rows(data: PreparedData) -> PreparedData:
    """Split four rows off the validation rows."""
    return replace(
        data,
        X_validation=data.X_validation[:-4],
        y_validation=data.y_validation[:-4],
        rows_validation=data.rows_validation[:-4],
        X_test=data.X_validation[-4:],
        y_test=data.y_validation[-4:],
        rows_test=data.rows_validation[-4:],
    )


def trained(data: PreparedData, **changes: Any) -> Trainer:
    trainer = Trainer(make_settings(hidden=(5,), batch_size=7, **changes), data)
    for _ in range(9):
        trainer.take_step()
    return trainer


def parts(data: PreparedData) -> list[tuple[Any, Any]]:
    return [(data.X_train, data.y_train), (data.X_validation, data.y_validation), (data.X_test, data.y_test)]


@pytest.mark.parametrize("slice_rows", [1, 3, 16_384])
@pytest.mark.parametrize(("n_classes", "changes"), LOSSES)
def test_each_row_has_the_loss_of_a_table_of_that_row(
    make_data: Any, n_classes: int, changes: dict[str, Any], slice_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.evaluation.rows_per_slice", lambda spec: slice_rows)
    data = with_test_rows(make_data(n_classes=n_classes, n_validation=10))
    trainer = trained(data, normalization="batch", dropout=(0.3,), l2=0.1, **changes)
    found = row_losses(trainer.spec, trainer.parameters, data)
    for losses, (X, y) in zip(found, parts(data), strict=True):
        assert losses.dtype == np.float32
        assert not losses.flags.writeable
        alone = [
            mean_loss(trainer.spec, trainer.parameters, X[i : i + 1].T, encode_targets(trainer.spec, data.target, y[i : i + 1]))
            for i in range(len(X))
        ]
        assert losses == pytest.approx(alone, rel=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_cross_entropies_are_those_of_scikit_learn(make_data: Any, n_classes: int) -> None:
    data = make_data(n_classes=n_classes)
    trainer = trained(data)
    shares = predict(trainer.spec, trainer.parameters, data.X_train).T
    shares = np.hstack([1 - shares, shares]) if n_classes == 2 else shares
    expected = [log_loss(data.y_train[i : i + 1], shares[i : i + 1], labels=range(n_classes)) for i in range(len(shares))]
    assert row_losses(trainer.spec, trainer.parameters, data)[0] == pytest.approx(expected, rel=1e-5)


def test_the_mean_is_the_loss_over_all_rows(make_data: Any) -> None:
    trainer = trained(make_data(n_classes=0))
    train, validation, test = row_losses(trainer.spec, trainer.parameters, trainer.data)
    measured = trainer.measure()
    assert (train.mean(), validation.mean()) == pytest.approx((measured.train_loss, measured.validation_loss), rel=1e-5)
    assert len(test) == 0


def test_training_goes_on_beside_it(make_data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.evaluation.rows_per_slice", lambda spec: 2)
    trainer = trained(make_data())
    expected = row_losses(trainer.spec, trainer.parameters, trainer.data)
    computation = RowLossComputation(trainer.spec, trainer._parameters, trainer.data)
    while not computation.done:
        trainer.take_step()
        computation.take_slice()
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(computation.losses, expected, strict=True))


def test_a_loss_that_is_not_finite_stays_so(make_data: Any) -> None:
    data = make_data(n_classes=0)
    trainer = Trainer(make_settings(hidden=()), data)
    losses = row_losses(trainer.spec, np.full(trainer.spec.n_parameters, 1e200), data)[0]
    assert np.isinf(losses).all()
