"""The way of one data row through the network: layer by layer, as the engine computes it, whichever part it belongs to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.metrics import predict
from engine.network import forward
from engine.observe import Observer, Watch
from engine.row_losses import row_losses
from engine.settings import make_settings
from engine.trainer import Trainer
from tests.engine.test_row_losses import parts, with_test_rows

NAMES = ("train", "validation", "test")


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("n_classes", [0, 2, 3])
def test_a_row_of_any_part_is_followed(make_data: Any, n_classes: int, precision: str) -> None:
    data = with_test_rows(make_data(n_classes=n_classes, n_validation=10))
    trainer = Trainer(make_settings(hidden=(5, 5), skip=True, dropout=(0.4,), precision=precision), data)
    trainer.take_step()
    observer = Observer(trainer.spec, data)
    exact = trainer.parameters.astype(np.float64)
    losses = row_losses(trainer.spec, exact, data)
    rows = (data.rows_train, data.rows_validation, data.rows_test)
    for part, (name, (X, _)) in enumerate(zip(NAMES, parts(data), strict=True)):
        position = len(X) - 2
        seen = observer.observe(trainer.parameters, Watch(maps=False, rows=False, row=int(rows[part][position]))).row
        assert (seen.row, seen.part) == (rows[part][position], name)
        layers = forward(trainer.spec, exact, X[position][:, None])
        assert [values.shape for values in seen.activations] == [(size,) for size in trainer.spec.sizes]
        for values, layer in zip(seen.activations[:-1], layers, strict=False):
            assert values.dtype == np.float64
            assert not values.flags.writeable
            assert values == pytest.approx(layer[:, 0], rel=1e-14)
        assert seen.activations[-1] == pytest.approx(predict(trainer.spec, exact, X)[:, position], rel=1e-12)
        assert seen.loss == pytest.approx(losses[part][position], rel=1e-6)


def test_another_row_takes_the_place_of_the_last(make_data: Any) -> None:
    data = make_data()
    trainer = Trainer(make_settings(), data)
    observer = Observer(trainer.spec, data)
    for position in (3, 4, 3):
        seen = observer.observe(trainer.parameters, Watch(row=int(data.rows_train[position]))).row
        assert np.array_equal(seen.activations[0], data.X_train[position])


def test_a_row_that_was_dropped_has_no_way(make_data: Any) -> None:
    data = make_data()
    trainer = Trainer(make_settings(), data)
    observer = Observer(trainer.spec, data)
    assert observer.observe(trainer.parameters, Watch(row=10_000)).row is None
    assert observer.observe(trainer.parameters, Watch()).row is None


def test_a_unit_that_is_switched_off_is_0(make_data: Any) -> None:
    data = make_data()
    trainer = Trainer(make_settings(hidden=(3,), switched_off=((0, 2), (1, 3))), data)
    seen = Observer(trainer.spec, data).observe(trainer.parameters, Watch(row=int(data.rows_train[0]))).row
    assert (seen.activations[0][1], seen.activations[1][2]) == (0.0, 0.0)
    assert seen.activations[0][0] == data.X_train[0, 0]
