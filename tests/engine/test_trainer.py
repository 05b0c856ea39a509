"""Batches, epochs, determinism, live changes, state out and in, and what happens when numbers stop being finite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.network import encode_targets, mean_loss
from engine.nonfinite import NonFiniteError
from engine.settings import SettingsError, make_settings
from engine.trainer import Trainer

OPTIMIZERS: list[dict[str, Any]] = [
    {"optimizer": "sgd", "learning_rate": 0.1},
    {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    {"optimizer": "adam", "l2": 0.01},
]


def same(first: Trainer, second: Trainer) -> bool:
    a, b = first.state(), second.state()
    return a.vector.tobytes() == b.vector.tobytes() and a.words.tobytes() == b.words.tobytes()


def test_an_epoch_uses_every_row_once_in_a_new_order_and_ends_with_the_partial_batch(make_data: Any) -> None:
    trainer = Trainer(make_settings(batch_size=6), make_data(n_rows=20))
    orders = []
    for epoch in (1, 2):
        rows = []
        for step in range(4):
            rows.append(trainer.batch_rows())
            record = trainer.take_step()
            assert record.epoch == epoch
            assert record.epoch_ended == (step == 3)
        assert [len(batch) for batch in rows] == [6, 6, 6, 2]
        orders.append(np.concatenate(rows))
        assert sorted(orders[-1]) == list(range(20))
    assert list(orders[0]) != list(orders[1])


def test_batch_loss_is_the_mean_loss_of_the_rows_named_before_the_update(make_data: Any) -> None:
    data = make_data(n_classes=3)
    trainer = Trainer(make_settings(batch_size=7), data)
    for _ in range(9):
        rows, before = trainer.batch_rows(), trainer.parameters
        targets = encode_targets(trainer.spec, data.target, data.y_train[rows])
        expected = mean_loss(trainer.spec, before, data.X_train[rows].T, targets)
        assert trainer.take_step().batch_loss == pytest.approx(expected, rel=1e-12)


def test_a_batch_of_n_is_the_mean_of_n_singles(make_data: Any) -> None:
    data = make_data(n_rows=5)
    whole = Trainer(make_settings(batch_size="full", optimizer="sgd"), data)
    start = whole.state()
    whole.take_step()
    single = Trainer(make_settings(batch_size=1, optimizer="sgd"), data)
    gradients = []
    for _ in range(5):
        single.restore(type(start)(start.vector, single.state().words))
        single.take_step()
        gradients.append(single.gradient)
    assert whole.gradient == pytest.approx(np.mean(gradients, axis=0), rel=1e-12)


@pytest.mark.parametrize("options", OPTIMIZERS)
def test_same_seed_same_floats_other_seed_other_floats(make_data: Any, options: dict[str, Any]) -> None:
    first, second, third = (Trainer(make_settings(seed=seed, **options), make_data()) for seed in (5, 5, 6))
    for _ in range(50):
        assert first.take_step() == second.take_step()
        third.take_step()
    assert same(first, second)
    assert not np.array_equal(first.parameters, third.parameters)


@pytest.mark.parametrize("options", OPTIMIZERS)
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_state_taken_out_and_put_back_goes_on_bit_for_bit(make_data: Any, options: dict[str, Any], precision: str) -> None:
    settings = make_settings(batch_size=6, precision=precision, **options)
    straight = Trainer(settings, make_data())
    for _ in range(11):
        straight.take_step()
    state = straight.state()
    for _ in range(30):
        straight.take_step()
    straight_again = Trainer(settings, make_data())
    straight_again.restore(state)
    for _ in range(30):
        straight_again.take_step()
    assert same(straight, straight_again)


def test_what_leaves_the_trainer_can_not_be_written(make_data: Any) -> None:
    trainer = Trainer(make_settings(), make_data())
    trainer.take_step()
    for array in (trainer.parameters, trainer.gradient, trainer.state().vector, trainer.state().words):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_l2_pulls_weights_not_biases_and_is_not_in_the_loss(make_data: Any) -> None:
    data = make_data()
    plain, decayed = (Trainer(make_settings(optimizer="sgd", batch_size="full", l2=l2), data) for l2 in (0.0, 0.5))
    start = plain.parameters
    assert plain.take_step().batch_loss == decayed.take_step().batch_loss
    pull = decayed.gradient - plain.gradient
    for layer, expected in zip(plain.spec.views(pull), plain.spec.views(start), strict=True):
        assert layer.weights == pytest.approx(0.5 * expected.weights, rel=1e-9)
        assert not layer.bias.any()


def test_a_live_change_keeps_what_the_optimizer_knows(make_data: Any) -> None:
    settings = make_settings()
    trainer = Trainer(settings, make_data())
    for _ in range(5):
        trainer.take_step()
    before = trainer.state()
    trainer.change(make_settings(settings, learning_rate=0.5, batch_size=3))
    assert np.array_equal(trainer.state().vector, before.vector)
    trainer.change(make_settings(settings, optimizer="sgd", momentum=0.9))
    size = trainer.spec.n_parameters
    assert np.array_equal(trainer.parameters, before.vector[:size])
    assert not trainer.state().vector[size:].any()
    with pytest.raises(ValueError, match="hidden"):
        trainer.change(make_settings(settings, hidden=(3,)))


def test_exploding_training_stops_in_the_very_step_and_names_it(make_data: Any) -> None:
    settings = make_settings(activation=("relu",), loss="mse", output_activation="identity", optimizer="sgd", learning_rate=1e6)
    trainer = Trainer(settings, make_data(n_classes=0))
    losses: list[float] = []

    def train() -> None:
        while trainer.step < 200:
            losses.append(trainer.take_step().batch_loss)

    with pytest.raises(NonFiniteError) as caught:
        train()
    error = caught.value
    assert error.step == len(losses) + 1 == trainer.step + 1
    assert f"Step {error.step:,}" in str(error)
    assert error.quantity in str(error)
    assert np.isfinite(losses).all()
    assert max(losses) > 1e30, "a huge but finite loss must not stop training"
    assert np.isfinite(trainer.state().vector).all()
    again = Trainer(settings, make_data(n_classes=0))
    for _ in range(trainer.step):
        again.take_step()
    assert same(again, trainer)


def test_an_overflow_in_the_update_itself_is_named(make_data: Any) -> None:
    trainer = Trainer(make_settings(optimizer="sgd", learning_rate=1e9), make_data())
    trainer._learning_rate = float("inf")
    with pytest.raises(NonFiniteError, match=r"weight of unit 1 in layer"):
        trainer.take_step()
    assert trainer.step == 0
    assert np.isfinite(trainer.parameters).all()


@pytest.mark.parametrize(
    ("options", "n_classes", "sentence"),
    [
        ({"loss": "bce"}, 0, "needs classes"),
        ({"loss": "bce"}, 3, "use cross_entropy"),
        ({"loss": "cross_entropy", "output_activation": "tanh"}, 3, "does not go with"),
        ({"loss": "mse", "output_activation": "softmax"}, 2, "does not go with"),
    ],
)
def test_pairs_that_make_no_sense_are_refused(make_data: Any, options: dict[str, Any], n_classes: int, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        Trainer(make_settings(**options), make_data(n_classes=n_classes))


@given(
    hidden=st.lists(st.integers(1, 6), max_size=4),
    activation=st.sampled_from(["tanh", "relu", "sigmoid", "identity"]),
    optimizer=st.sampled_from(["sgd", "adam"]),
    momentum=st.sampled_from([0.0, 0.9]),
    batch_size=st.one_of(st.integers(1, 40), st.just("full")),
    n_classes=st.sampled_from([0, 2, 3]),
    precision=st.sampled_from(["float64", "float32"]),
    init=st.sampled_from(["glorot_uniform", "glorot_normal", "he_uniform", "he_normal"]),
)
def test_any_valid_setting_trains_and_comes_back(
    hidden: list[int],
    activation: str,
    optimizer: str,
    momentum: float,
    batch_size: int | str,
    n_classes: int,
    precision: str,
    init: str,
    make_data: Any,
) -> None:
    settings = make_settings(
        hidden=tuple(hidden),
        activation=(activation,),
        optimizer=optimizer,
        momentum=momentum,
        batch_size=batch_size,
        precision=precision,
        init=init,
        learning_rate=1e-4,  # a deep linear network with large first weights explodes at more, and rightly says so
    )
    trainer = Trainer(settings, make_data(n_classes=n_classes, n_rows=13))
    for _ in range(5):
        trainer.take_step()
    state = trainer.state()
    straight = [trainer.take_step() for _ in range(6)]
    trainer.restore(state)
    assert [trainer.take_step() for _ in range(6)] == straight
    assert np.isfinite(trainer.measure().train_loss)
