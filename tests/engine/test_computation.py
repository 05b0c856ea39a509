"""The step as a list of calls: nothing in it that is switched off, the same numbers every time, and evaluation beside it."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from engine import evaluation as evaluation_module
from engine.compiled_step import CompiledStep, StepCompiler
from engine.computation import Computation
from engine.data.prepared import Target
from engine.evaluation import Evaluation
from engine.losses import LossOptions
from engine.network import NetworkSpec, encode_targets, forward, mean_loss
from engine.network_choice import network_spec
from engine.noise import noise_for
from engine.optimizers import optimizer_for
from engine.settings import OptimizerName, Settings, make_settings
from engine.trainer import Trainer

NUMBER = Target("y", "regression")
TWO, THREE = (Target("y", "classification", tuple("abc"[:n])) for n in (2, 3))


def compiled(settings: Settings, target: Target = TWO, n_inputs: int = 2, batch_size: int = 32) -> CompiledStep:
    spec = network_spec(settings, n_inputs, target, (5, 9))
    optimizer = optimizer_for(settings)
    parameters = np.zeros(spec.n_parameters, dtype=settings.precision)
    state = np.zeros(optimizer.slots * spec.n_parameters + optimizer.scalars, dtype=settings.precision)
    noise = noise_for(settings, np.random.default_rng(0))
    return StepCompiler(settings, spec, parameters, state, noise).compiled(batch_size)


def shapes(call: Any) -> tuple[Any, ...]:
    """Return the name of a bound call's function and the shapes of its arrays, that of the method's owner first."""
    owner = getattr(call.func, "__self__", None)
    arrays = [owner, *call.args, *call.keywords.values()]
    return (call.func.__name__, *(array.shape for array in arrays if isinstance(array, np.ndarray)))


def constants(call: Any) -> list[Any]:
    """Return the plain numbers of a bound call."""
    return [np.asarray(value).item() for value in (*call.args, *call.keywords.values()) if np.ndim(value) == 0]


# ---------------------------------------------------------------------- everything switched off costs nothing

CLASSIFIER: list[tuple[Any, ...]] = [  # 2-8-8-1, tanh, binary cross-entropy, Adam, 32 rows
    ("dot", (8, 3), (3, 32), (8, 32)),  # z = W^T a + b
    ("tanh", (8, 32), (8, 32)),
    ("dot", (8, 9), (9, 32), (8, 32)),
    ("tanh", (8, 32), (8, 32)),
    ("dot", (1, 9), (9, 32), (1, 32)),
    ("multiply", (1, 32), (1, 32), (1, 32)),  # u = s z
    ("logaddexp", (1, 32), (1, 32), (1, 32)),  # losses
    ("subtract", (1, 32), (1, 32), (1, 32)),
    ("exp", (1, 32), (1, 32)),
    ("multiply", (1, 32), (1, 32), (1, 32)),
    ("multiply", (1, 32), (), (1, 32)),  # delta of the output
    ("multiply", (17, 32), (17, 32), (17, 32)),  # slopes of both hidden layers at once
    ("subtract", (17, 32), (17, 32), (17, 32)),
    ("dot", (9, 32), (32, 1), (9, 1)),  # gradient of weights and bias
    ("dot", (8, 1), (1, 32), (8, 32)),  # back through the weights
    ("multiply", (8, 32), (8, 32), (8, 32)),  # delta
    ("dot", (9, 32), (32, 8), (9, 8)),
    ("dot", (8, 8), (8, 32), (8, 32)),
    ("multiply", (8, 32), (8, 32), (8, 32)),
    ("dot", (3, 32), (32, 8), (3, 8)),
    ("multiply", (105,), (105,), (105,)),  # Adam: squares of the gradient
    ("multiply", (210,), (210,), (210,)),  # both moments at once
    ("add", (210,), (210,), (210,)),
    ("sqrt", (105,), (105,)),
    ("add", (105,), (), (105,)),
    ("divide", (105,), (105,), (105,)),
    ("multiply", (105,), (), (105,)),
    ("subtract", (105,), (105,), (105,)),
]
REGRESSOR: list[tuple[Any, ...]] = [  # 2-4-2-1, tanh, mean squared error, SGD, 10 rows
    ("dot", (4, 3), (3, 10), (4, 10)),
    ("tanh", (4, 10), (4, 10)),
    ("dot", (2, 5), (5, 10), (2, 10)),
    ("tanh", (2, 10), (2, 10)),
    ("dot", (1, 3), (3, 10), (1, 10)),
    ("subtract", (1, 10), (1, 10), (1, 10)),
    ("multiply", (1, 10), (), (1, 10)),
    ("multiply", (7, 10), (7, 10), (7, 10)),
    ("subtract", (7, 10), (7, 10), (7, 10)),
    ("dot", (3, 10), (10, 1), (3, 1)),
    ("dot", (2, 1), (1, 10), (2, 10)),
    ("multiply", (2, 10), (2, 10), (2, 10)),
    ("dot", (5, 10), (10, 2), (5, 2)),
    ("dot", (4, 2), (2, 10), (4, 10)),
    ("multiply", (4, 10), (4, 10), (4, 10)),
    ("dot", (3, 10), (10, 4), (3, 4)),
    ("multiply", (25,), (), (25,)),  # SGD
    ("subtract", (25,), (25,), (25,)),
]

PLAIN = make_settings(hidden=(8, 8))
OFF: dict[str, Any] = {
    "activation": ("tanh", "tanh"),
    "output_activation": "sigmoid",
    "loss": "bce",
    "huber_delta": 3.0,
    "normalization": "none",
    "skip": False,
    "switched_off": (),
    "label_smoothing": 0.0,
    "class_weights": False,
    "l1": 0.0,
    "l2": 0.0,
    "weight_decay": 0.0,
    "dropout": (0.0, 0.0),
    "input_noise": 0.0,
    "freeze": (),
    "momentum": 0.0,
    "nesterov": False,
    "amsgrad": False,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-8,
    "clip_norm": None,
    "clip_value": None,
    "shuffle": False,
    "schedule": "none",
    "schedule_period": 7,
    "schedule_factor": 0.5,
    "seconds": None,
    "stop_loss": None,
    "stop_accuracy": None,
    "patience": None,
}
ON: dict[str, Any] = {
    "normalization": "batch",
    "skip": True,
    "switched_off": ((1, 3),),
    "label_smoothing": 0.1,
    "class_weights": True,
    "l1": 0.1,
    "l2": 0.1,
    "weight_decay": 0.1,
    "dropout": (0.0, 0.5),
    "input_noise": 0.1,
    "freeze": (2,),
    "amsgrad": True,
    "clip_norm": 1.0,
    "clip_value": 1.0,
}


def test_the_plain_classifier_makes_these_calls_and_no_others() -> None:
    assert [shapes(call) for call in compiled(PLAIN).calls] == CLASSIFIER


def test_the_plain_regressor_makes_these_calls_and_no_others() -> None:
    settings = make_settings(hidden=(4, 2), optimizer="sgd")
    assert [shapes(call) for call in compiled(settings, NUMBER, batch_size=10).calls] == REGRESSOR


def test_everything_switched_off_costs_nothing() -> None:
    plain, off = compiled(PLAIN).calls, compiled(make_settings(PLAIN, **OFF)).calls
    assert [shapes(call) for call in off] == CLASSIFIER
    assert [constants(call) for call in off] == [constants(call) for call in plain]


@pytest.mark.parametrize("name", OFF)
def test_each_setting_at_its_off_value_costs_nothing(name: str) -> None:
    settings = make_settings(PLAIN, **{name: OFF[name]})
    assert [shapes(call) for call in compiled(settings).calls] == CLASSIFIER


@pytest.mark.parametrize("name", ON)
def test_each_setting_that_is_on_costs_calls(name: str) -> None:
    """So that the list really shows what is in a step."""
    assert len(compiled(make_settings(PLAIN, **{name: ON[name]})).calls) > len(CLASSIFIER)


def test_skip_connections_without_a_place_cost_nothing() -> None:
    """From 2 inputs to 8 units to 4, no layer has as many units as its input."""
    with_skip, without = (compiled(make_settings(hidden=(8, 4), skip=skip)).calls for skip in (True, False))
    assert [shapes(call) for call in with_skip] == [shapes(call) for call in without]


def test_single_precision_makes_the_same_calls() -> None:
    step = compiled(make_settings(PLAIN, precision="float32"))
    assert [shapes(call) for call in step.calls] == CLASSIFIER
    arrays = [value for call in step.calls for value in (*call.args, *call.keywords.values()) if isinstance(value, np.ndarray)]
    assert {array.dtype.name for array in arrays} == {"float32"}


# ---------------------------------------------------------------------- the same numbers every time

SPECS = {
    "plain": NetworkSpec((4, 4, 3, 3), ("tanh", "gelu", "identity"), "cross_entropy"),
    "class weights": NetworkSpec(
        (4, 4, 3, 3), ("relu",) * 2 + ("identity",), "mse", LossOptions(class_weights=(0.5, 2.0, 1.0))
    ),
    "batch norm": NetworkSpec((4, 4, 3, 3), ("silu", "elu", "identity"), "hinge", normalization="batch"),
    "layer norm": NetworkSpec((4, 4, 3, 3), ("tanh", "tanh", "tanh"), "mse", normalization="layer", skip=True),
    "switched off": NetworkSpec(
        (4, 4, 3, 3), ("tanh", "softplus", "sigmoid"), "mse", skip=True, switched_off=((0, 2), (1, 0), (2, 1))
    ),
}
"""With an output activation too: its slope must not get into the loss."""


def table(spec: NetworkSpec, n_samples: int, dtype: str = "float64") -> Any:
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(4, n_samples)), rng.integers(0, 3, n_samples).astype(float)
    return np.vstack([X, np.ones(n_samples), encode_targets(spec, THREE, y)]).astype(dtype)


def parameters(spec: NetworkSpec, dtype: str = "float64") -> Any:
    return np.random.default_rng(2).uniform(0.2, 0.9, spec.n_parameters).astype(dtype)


@pytest.mark.parametrize("name", SPECS)
def test_the_same_batch_gives_the_same_bits_whatever_came_before(name: str) -> None:
    spec = SPECS[name]
    vector, gradient = parameters(spec), np.zeros(spec.n_parameters)
    bound = Computation(spec, vector, gradient, 6)
    results = []
    for rows in (0, 6, 0):
        vector[:] = parameters(spec)
        bound.batch[:] = table(spec, 12)[:, rows : rows + 6]
        results.append((bound(), gradient.tobytes(), vector.tobytes()))
    assert results[0] == results[2]
    assert results[0] != results[1]


@pytest.mark.parametrize("name", [name for name in SPECS if name != "batch norm"])
def test_the_loss_of_a_step_is_that_of_evaluation(name: str) -> None:
    """Where training and evaluation are the same function, whatever the function of the output."""
    spec = SPECS[name]
    vector = parameters(spec)
    bound = Computation(spec, vector, np.zeros_like(vector), 9)
    batch = table(spec, 9)
    bound.batch[:] = batch
    assert bound() == pytest.approx(mean_loss(spec, vector, batch[:4], batch[5:]), rel=1e-13)
    assert np.array_equal(vector, parameters(spec)), "a computation changes no weight"


@pytest.mark.parametrize("name", SPECS)
def test_single_precision_stays_single_and_close(name: str) -> None:
    spec = SPECS[name]
    gradients = []
    for dtype in ("float64", "float32"):
        vector = parameters(spec, dtype)
        gradient = np.zeros_like(vector)
        bound = Computation(spec, vector, gradient, 9)
        bound.batch[:] = table(spec, 9, dtype)
        bound()
        assert {array.dtype.name for layer in bound.layers for array in (layer.z, layer.delta, layer.outputs)} == {dtype}
        gradients.append(gradient)
    assert gradients[1] == pytest.approx(gradients[0], rel=1e-3, abs=1e-5)


# ---------------------------------------------------------------------- evaluation


class Columns:
    """Rows that stand as columns already."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __len__(self) -> int:
        return self.table.shape[1]

    def write(self, rows: Any, batch: Any) -> None:
        batch[:] = self.table[:, rows]


@pytest.mark.parametrize("slice_rows", [1, 7, 40, 16_384])
@pytest.mark.parametrize("name", SPECS)
def test_evaluation_is_the_forward_pass_in_slices(name: str, slice_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation_module, "rows_per_slice", lambda spec: slice_rows)
    spec = SPECS[name]
    vector, rows = parameters(spec), table(spec, 40)
    before = rows.copy()
    evaluation = Evaluation(spec, vector, Columns(rows))
    assert evaluation.n_slices == -(-40 // slice_rows)
    for _ in range(2):
        expected = mean_loss(spec, vector, rows[:4], rows[5:])
        assert evaluation() == pytest.approx(expected, rel=1e-12)
        loss, output = evaluation.with_output()
        assert loss == pytest.approx(expected, rel=1e-12)
        assert output == pytest.approx(forward(spec, vector, rows[:4])[-1], rel=1e-12, abs=1e-14)
        evaluation.rest()
        vector *= 0.9  # it looks at the parameters as they are, not as they were
    assert np.array_equal(rows, before)


# ---------------------------------------------------------------------- what the compiled step adds


def one_step(**changes: Any) -> tuple[Any, Any, Any, NetworkSpec]:
    """Return parameters before and after a step of plain descent, and the gradient it used."""
    settings = make_settings(hidden=(4, 3), optimizer="sgd", learning_rate=0.5, **changes)
    spec = network_spec(settings, 4, THREE)
    vector = np.random.default_rng(3).normal(size=spec.n_parameters)
    for layer in spec.views(vector):
        if layer.normalization is not None and layer.normalization.running_variance is not None:
            layer.normalization.running_variance[...] = 2.0
    before = vector.copy()
    compiler = StepCompiler(settings, spec, vector, np.zeros(0), None)
    step = compiler.compiled(9)
    step.batch[:] = table(spec, 9)
    step.prepare(1, settings.learning_rate)
    for call in step.calls:
        call()
    return before, vector, compiler.gradient.copy(), spec


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_penalties_pull_at_weights_alone(normalization: str) -> None:
    before, _, plain, spec = one_step(normalization=normalization)
    _, _, penalised, _ = one_step(normalization=normalization, l1=0.3, l2=0.2)
    for block in spec.blocks:
        part = slice(block.start, block.stop)
        expected = 0.2 * before[part] + 0.3 * np.sign(before[part]) if block.name.endswith("/weights") else 0.0
        assert (penalised - plain)[part] == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_a_frozen_layer_keeps_everything(layer: int, normalization: str) -> None:
    before, after, gradient, spec = one_step(normalization=normalization, freeze=(layer,), weight_decay=0.1, l2=0.1)
    for number, part in enumerate(spec.layer_slices(), start=1):
        assert np.array_equal(before[part], after[part]) == (number == layer)
        assert gradient[part].any() == (number != layer)


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_weight_decay_shrinks_all_that_is_trained(normalization: str) -> None:
    before, plain, _, spec = one_step(normalization=normalization)
    _, decayed, _, _ = one_step(normalization=normalization, weight_decay=0.1)
    for block in spec.blocks:
        part = slice(block.start, block.stop)
        expected = 0.0 if block.is_running_average else -0.5 * 0.1 * before[part]
        assert (decayed - plain)[part] == pytest.approx(expected, abs=1e-14)


def test_clipping_comes_after_the_penalties_and_by_norm_first() -> None:
    _, _, whole, _ = one_step(l2=0.2)
    norm = np.linalg.norm(whole)
    before, after, clipped, _ = one_step(l2=0.2, clip_norm=norm / 3, clip_value=norm / 20)
    expected = np.clip(whole / 3, -norm / 20, norm / 20)
    assert clipped == pytest.approx(expected, rel=1e-5, abs=1e-12)  # torch adds 1e-6 to the norm
    assert after == pytest.approx(before - 0.5 * clipped, rel=1e-13)
    assert 0 < np.count_nonzero(np.abs(clipped) == norm / 20) < len(clipped)


@pytest.mark.parametrize("optimizer", get_args(OptimizerName))
def test_the_loss_of_a_record_is_that_before_its_update(make_data: Any, optimizer: str) -> None:
    trainer = Trainer(make_settings(optimizer=optimizer, batch_size="full", learning_rate=0.1), make_data(n_classes=0))
    for _ in range(6):
        before = trainer.measure().train_loss
        assert trainer.take_step().batch_loss == pytest.approx(before, rel=1e-12)
