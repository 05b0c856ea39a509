"""Gradients of every activation, loss, depth and kind of layer, against central differences and against autograd.

The network is written a second time here in plain autograd.numpy: samples are rows, labels are class numbers, and every formula
is the textbook's, from SciPy where SciPy has it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise, product
from typing import Any, NamedTuple

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import value_and_grad
from autograd.scipy.special import erf, expit, logsumexp

from engine.activations import ACTIVATIONS, FEW_ELEMENTS
from engine.computation import Computation
from engine.data.prepared import Target
from engine.losses import LOSSES, LossOptions
from engine.network import NetworkSpec, encode_targets
from engine.noise import Noise
from engine.trainer import quiet

N_INPUTS, N_SAMPLES = 4, 6
HIDDEN = {1: (4,), 2: (4, 4), 4: (4, 3, 3, 4)}
"""Widths with which skip connections go around some of the layers: the first, the second, the first and the third."""

LAYERS: dict[str, dict[str, Any]] = {
    "plain": {},
    "batch norm": {"normalization": "batch"},
    "layer norm": {"normalization": "layer"},
    "skip": {"skip": True},
}
OUTPUTS = [  # loss, activation of the output, number of classes (0: a number is predicted)
    ("mse", "identity", 0),
    ("mse", "tanh", 0),
    ("mse", "identity", 3),
    ("mae", "identity", 0),
    ("huber", "identity", 0),
    ("bce", "identity", 2),
    ("cross_entropy", "identity", 3),
    ("hinge", "identity", 2),
    ("hinge", "identity", 3),
]
RARER_OUTPUTS = [
    ("mse", "sigmoid", 0),
    ("mse", "sigmoid", 2),
    ("mse", "tanh", 3),
    ("mae", "tanh", 0),
    ("mae", "sigmoid", 0),
    ("huber", "tanh", 0),
    ("huber", "sigmoid", 0),
    ("cross_entropy", "identity", 2),
]
OPTIONS = LossOptions(huber_delta=0.6)
NEAREST_KINK = 1e-4
KINKED = ("relu", "leaky_relu", "selu")


# ---------------------------------------------------------------------- the network a second time

SELU_ALPHA = 1.67326324235437728481704
SELU_SCALE = 1.05070098735548049341933

FUNCTIONS = {
    "identity": lambda z: z,
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "sigmoid": expit,
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "elu": lambda z: anp.where(z > 0, z, anp.exp(z) - 1),
    "selu": lambda z: SELU_SCALE * anp.where(z > 0, z, SELU_ALPHA * (anp.exp(z) - 1)),
    "gelu": lambda z: z * (1 + erf(z / np.sqrt(2))) / 2,
    "gelu_tanh": lambda z: z / 2 * (1 + anp.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
    "silu": lambda z: z * expit(z),
    "softplus": lambda z: anp.log(1 + anp.exp(z)),
}


class Draws(NamedTuple):
    """What a step drew: noise of the inputs, and for every hidden layer the factors of its units."""

    noise: Any = 0.0
    factors: tuple[Any, ...] = ()


def normalised(z: Any, axis: int, scale: Any, shift: Any) -> Any:
    mean = anp.mean(z, axis=axis, keepdims=True)
    variance = anp.mean((z - mean) ** 2, axis=axis, keepdims=True)
    return scale * (z - mean) / anp.sqrt(variance + 1e-5) + shift


def forward(spec: NetworkSpec, parameters: Any, X: Any, draws: Draws, kinks: list[Any]) -> Any:
    """Return the outputs, one row per sample; what would be at a kink at 0 goes into `kinks`."""
    place = 0

    def take(*shape: int) -> Any:
        nonlocal place
        place += int(np.prod(shape))
        return parameters[place - int(np.prod(shape)) : place].reshape(shape)

    def without_what_is_off(a: Any, layer: int) -> Any:
        keep = np.ones(spec.sizes[layer])
        keep[[unit for of_layer, unit in spec.switched_off if of_layer == layer]] = 0.0
        return a * keep

    a = without_what_is_off(X + draws.noise, 0)
    for index, (fan_in, fan_out) in enumerate(pairwise(spec.sizes)):
        hidden = index < len(spec.sizes) - 2
        z = anp.dot(a, take(fan_in, fan_out)) + take(fan_out)
        if hidden and spec.normalization != "none":
            z = normalised(z, 0 if spec.normalization == "batch" else 1, take(fan_out), take(fan_out))
        if hidden and spec.normalization == "batch":
            take(2, fan_out)  # the running averages
        if spec.activations[index] in KINKED:
            kinks.append(z)
        activation = FUNCTIONS[spec.activations[index]](z)
        if hidden and draws.factors:
            activation = activation * draws.factors[index]
        if hidden and spec.skip and fan_in == fan_out:
            activation = activation + a
        a = without_what_is_off(activation, index + 1)
    assert place == len(parameters)
    return a


def losses(spec: NetworkSpec, output: Any, y: Any, n_classes: int, kinks: list[Any]) -> Any:
    """Return the loss of each row; y are numbers, or class numbers."""
    options, n_outputs = spec.loss_options, spec.sizes[-1]
    labels = np.eye(n_outputs)[y.astype(int)] if n_outputs > 1 else y[:, None]
    if spec.loss == "mse":
        return anp.mean((output - labels) ** 2, axis=1)
    if spec.loss == "mae":
        kinks.append(output - labels)
        return anp.mean(anp.abs(output - labels), axis=1)
    if spec.loss == "huber":
        e, d = anp.abs(output - labels), options.huber_delta
        return anp.mean(anp.where(e <= d, e**2 / 2, d * (e - d / 2)), axis=1)
    smooth = options.label_smoothing
    if spec.loss == "bce":
        p, label = expit(output[:, 0]), y * (1 - smooth) + smooth / 2
        return -(label * anp.log(p) + (1 - label) * anp.log(1 - p))
    if spec.loss == "cross_entropy":
        log_p = output - logsumexp(output, axis=1, keepdims=True)
        return -(1 - smooth) * anp.sum(labels * log_p, axis=1) - smooth * anp.mean(log_p, axis=1)
    if n_outputs == 1:
        margin = 1 - (2 * y - 1) * output[:, 0]
        kinks.append(margin)
        return anp.where(margin > 0, margin, 0.0)
    margins = 1 - anp.sum(labels * output, axis=1, keepdims=True) + output
    kinks.append(margins[labels == 0])
    return anp.sum((1 - labels) * anp.where(margins > 0, margins, 0.0), axis=1) / n_classes


def independent_loss(spec: NetworkSpec, parameters: Any, case: Case, draws: Draws, kinks: list[Any]) -> Any:
    output = forward(spec, parameters, case.X, draws, kinks)
    weights = np.array(spec.loss_options.class_weights or (1.0,) * max(case.n_classes, 1))
    of_rows = weights[case.y.astype(int)] if case.n_classes else 1.0
    return anp.mean(of_rows * losses(spec, output, case.y, case.n_classes, kinks))


# ---------------------------------------------------------------------- what is compared


class Case(NamedTuple):
    """Parameters, and rows with class numbers or, with no classes, numbers."""

    parameters: Any
    X: Any
    y: Any
    n_classes: int


def network(hidden: tuple[str, ...], output: tuple[str, str, int], sizes: tuple[int, ...], **layers: Any) -> NetworkSpec:
    loss, output_activation, n_classes = output
    n_outputs = 1 if n_classes < 3 and loss != "cross_entropy" else n_classes
    options = {"loss_options": OPTIONS, **layers}
    return NetworkSpec((N_INPUTS, *sizes, n_outputs), (*hidden, output_activation), loss, **options)


def draw_case(spec: NetworkSpec, n_classes: int, n_samples: int, seed: int) -> Case:
    rng = np.random.default_rng(seed)
    parameters = rng.normal(0.0, 0.7, spec.n_parameters)
    for layer in spec.views(parameters):
        if layer.normalization is not None:
            layer.normalization.scale[...] = rng.uniform(0.5, 1.5, len(layer.bias))
            if layer.normalization.running_variance is not None:
                layer.normalization.running_variance[...] = rng.uniform(0.5, 1.5, len(layer.bias))
    y = rng.permutation(np.arange(n_samples) % n_classes).astype(float) if n_classes else rng.normal(size=n_samples)
    return Case(parameters, rng.normal(size=(n_samples, N_INPUTS)), y, n_classes)


def case_away_from_kinks(spec: NetworkSpec, n_classes: int, n_samples: int = N_SAMPLES) -> tuple[Case, float, Any]:
    """Return a point where the loss is smooth and has a slope, with autograd's loss and gradient there."""
    for seed in range(100):
        case = draw_case(spec, n_classes, n_samples, seed)
        kinks: list[Any] = []
        independent_loss(spec, case.parameters, case, Draws(), kinks)
        if all(np.abs(values).min() > NEAREST_KINK for values in kinks):
            loss, gradient = value_and_grad(lambda p: independent_loss(spec, p, case, Draws(), []))(case.parameters)  # noqa: B023
            if np.linalg.norm(gradient) > 1e-2:
                return case, float(loss), gradient
    raise AssertionError("no point found")


class Engine:
    """The engine's own loss and gradient on the rows of a case."""

    def __init__(self, spec: NetworkSpec, case: Case, noise: Noise | None = None) -> None:
        self.start = case.parameters
        self.parameters, self.gradient = case.parameters.copy(), np.zeros(spec.n_parameters)
        self.computation = Computation(spec, self.parameters, self.gradient, len(case.y), noise)
        classes = tuple(str(code) for code in range(case.n_classes))
        target = Target("y", "classification" if classes else "regression", classes)
        self.batch = np.vstack([case.X.T, np.ones(len(case.y)), encode_targets(spec, target, case.y)])

    def loss(self) -> float:
        self.computation.batch[:] = self.batch
        with quiet():
            return self.computation()

    def slopes(self, directions: Any, h: float = 1e-6) -> Any:
        """Return (loss(p + h d) - loss(p - h d)) / 2h for every direction d."""
        slopes = []
        for direction in directions:
            self.parameters[:] = self.start + h * direction
            above = self.loss()
            self.parameters[:] = self.start - h * direction
            slopes.append((above - self.loss()) / (2 * h))
        return np.array(slopes)


def some_directions(n_parameters: int) -> Any:
    """Return directions of length 1 in which every parameter takes part; an orthogonal set tells every entry of a gradient."""
    return np.random.default_rng(0).choice([-1.0, 1.0], (4, n_parameters)) / np.sqrt(n_parameters)


def check(spec: NetworkSpec, n_classes: int, n_samples: int = N_SAMPLES) -> None:
    """Hold loss and gradient against autograd, and the gradient against the differences of the loss."""
    case, expected_loss, expected = case_away_from_kinks(spec, n_classes, n_samples)
    engine = Engine(spec, case)
    assert engine.loss() == pytest.approx(expected_loss, rel=1e-12)
    gradient = engine.gradient.copy()
    size = np.linalg.norm(expected)
    assert np.linalg.norm(gradient - expected) <= 1e-10 * size
    directions = some_directions(spec.n_parameters)
    assert np.abs(directions @ gradient - engine.slopes(directions)).max() <= 1e-6 * size


@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("output", OUTPUTS, ids=str)
def test_every_activation_and_loss_in_every_kind_of_layer(output: tuple[str, str, int], activation: str, layers: str) -> None:
    for depth, sizes in HIDDEN.items():
        check(network((activation,) * depth, output, sizes, **LAYERS[layers]), output[2])


@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_single_entry_of_the_gradient_by_differences(activation: str, layers: str) -> None:
    spec = network((activation,) * 2, ("cross_entropy", "identity", 3), HIDDEN[2], **LAYERS[layers])
    case, _, _ = case_away_from_kinks(spec, 3)
    engine = Engine(spec, case)
    engine.loss()
    gradient = engine.gradient.copy()
    differences = engine.slopes(np.eye(spec.n_parameters))
    assert np.linalg.norm(gradient - differences) <= 1e-6 * np.linalg.norm(gradient)
    averages = [block for block in spec.blocks if block.name.endswith(("running_mean", "running_variance"))]
    assert len(averages) == (4 if layers == "batch norm" else 0)
    assert not any(gradient[block.start : block.stop].any() for block in averages)


@pytest.mark.parametrize("output", [*OUTPUTS, *RARER_OUTPUTS], ids=str)
def test_every_output_without_a_hidden_layer_and_behind_one(output: tuple[str, str, int]) -> None:
    check(network((), output, ()), output[2])
    check(network(("silu",), output, (4,)), output[2])


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("skip", [False, True])
def test_layers_of_different_activations(normalization: str, skip: bool) -> None:
    """Derivatives of neighbours with one activation are taken together, whatever stands around them."""
    names = list(ACTIVATIONS)
    for shift in range(len(names)):
        order = names[shift:] + names[:shift]
        hidden = (order[0], order[0], order[1], order[2], order[2])
        sizes = (4, 3, 3, 3, 4)
        check(network(hidden, ("mse", "tanh", 0), sizes, normalization=normalization, skip=skip), 0)


@pytest.mark.parametrize("n_samples", [2, 3, 17])
@pytest.mark.parametrize("layers", LAYERS)
def test_batches_of_few_rows_and_of_many(layers: str, n_samples: int) -> None:
    """Two rows are the fewest that have a variance."""
    check(network(("tanh", "silu"), ("mse", "identity", 0), (4, 3), **LAYERS[layers]), 0, n_samples)


CHOICES = [
    (output, smoothing, weights)
    for output, smoothing, weights in product(OUTPUTS, (0.0, 0.15), (False, True))
    if (smoothing or weights) and (LOSSES[output[0]].task != "regression" and output[2])
    if not smoothing or output[0] in ("bce", "cross_entropy")
]


@pytest.mark.parametrize(("output", "smoothing", "weighted"), CHOICES, ids=str)
def test_label_smoothing_and_class_weights(output: tuple[str, str, int], smoothing: float, weighted: bool) -> None:
    weights = (0.4, 1.9, 0.7)[: output[2]] if weighted else ()
    options = LossOptions(label_smoothing=smoothing, class_weights=weights)
    for depth, sizes in HIDDEN.items():
        check(network(("tanh",) * depth, output, sizes, loss_options=options), output[2])


@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "softplus"])
def test_units_that_are_switched_off(activation: str, layers: str) -> None:
    """An input, the only unit of a layer's three that is left on, and units of layers behind one another."""
    for switched_off in [((0, 1),), ((1, 0), (1, 3)), ((0, 0), (1, 2), (2, 0), (2, 1), (4, 3))]:
        spec = network(
            (activation,) * 4, ("cross_entropy", "identity", 3), HIDDEN[4], switched_off=switched_off, **LAYERS[layers]
        )
        check(spec, 3)


def test_a_unit_that_is_off_has_no_slope_and_gives_none() -> None:
    spec = network(("softplus",) * 2, ("mse", "identity", 0), HIDDEN[2], switched_off=((0, 1), (1, 2)))
    engine = Engine(spec, draw_case(spec, 0, N_SAMPLES, 0))
    engine.loss()
    first, second, _ = spec.views(engine.gradient)
    assert not first.weights[1].any()
    assert not first.matrix[:, 2].any()
    assert not second.weights[2].any()
    assert np.count_nonzero(first.matrix) == 4 * 3
    assert np.count_nonzero(second.matrix) == 4 * 4


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_batches_too_large_for_the_short_ways(activation: str) -> None:
    n_samples = FEW_ELEMENTS // 4
    spec = network((activation,) * 2, ("mse", "identity", 0), (4, 4))
    assert sum(spec.sizes[1:3]) * n_samples > FEW_ELEMENTS
    case = draw_case(spec, 0, n_samples, 0)
    loss, expected = value_and_grad(lambda p: independent_loss(spec, p, case, Draws(), []))(case.parameters)
    engine = Engine(spec, case)
    assert engine.loss() == pytest.approx(float(loss), rel=1e-12)
    assert np.linalg.norm(engine.gradient - expected) <= 1e-10 * np.linalg.norm(expected)


# ---------------------------------------------------------------------- with random numbers


class Recording:
    """A generator that keeps what it drew."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)
        self.uniform: list[Any] = []
        self.normal: list[Any] = []

    def random(self, size: Any, dtype: Any, out: Any) -> None:
        self.generator.random(size, dtype, out)
        self.uniform.append(out.copy())

    def standard_normal(self, size: Any, dtype: Any, out: Any) -> None:
        self.generator.standard_normal(size, dtype, out)
        self.normal.append(out.copy())


@cache
def noisy_case(layers: str) -> tuple[NetworkSpec, Case]:
    spec = network(("gelu", "tanh", "relu", "tanh"), ("cross_entropy", "identity", 3), HIDDEN[4], **LAYERS[layers])
    return spec, draw_case(spec, 3, 40, 1)


@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("switched_off", [(), ((0, 1), (2, 2), (3, 0))], ids=["all on", "some off"])
def test_dropout_and_input_noise(layers: str, switched_off: tuple[tuple[int, int], ...]) -> None:
    spec, case = noisy_case(layers)
    spec = replace(spec, switched_off=switched_off)
    recording, shares = Recording(5), (0.3, 0.0, 0.5, 0.1)
    engine = Engine(spec, case, Noise(recording, shares, 0.2))  # type: ignore[arg-type]
    loss = engine.loss()
    drawn = iter(recording.uniform)
    factors = tuple((share <= next(drawn).T) / (1.0 - share) if share else 1.0 for share in shares)
    assert next(drawn, None) is None
    assert 0 < np.count_nonzero(factors[0] == 0.0) < factors[0].size
    draws = Draws(0.2 * recording.normal[0].T, factors)
    expected_loss, expected = value_and_grad(lambda p: independent_loss(spec, p, case, draws, []))(case.parameters)
    assert loss == pytest.approx(float(expected_loss), rel=1e-12)
    assert np.linalg.norm(engine.gradient - expected) <= 1e-10 * np.linalg.norm(expected)
