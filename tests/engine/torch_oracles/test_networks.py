"""Whole networks beside the same networks made of torch.nn's modules: loss, gradients, running averages, evaluation."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.computation import Computation
from engine.data.prepared import Feature, PreparedData, Target
from engine.evaluation import Evaluation
from engine.losses import LOSSES, LossOptions, losses_per_sample
from engine.network import NetworkSpec, encode_targets, forward, predictions
from engine.settings import make_settings
from engine.stacked_rows import StackedRows
from engine.trainer import Trainer, quiet

pytestmark = pytest.mark.heavy

N_INPUTS = 4
LAYERS: dict[str, dict[str, Any]] = {
    "plain": {},
    "batch norm": {"normalization": "batch"},
    "layer norm": {"normalization": "layer"},
    "skip": {"skip": True},
    "batch norm and skip": {"normalization": "batch", "skip": True},
    "layer norm and skip": {"normalization": "layer", "skip": True},
}
OUTPUTS = [  # loss, activation of the output, number of classes (0: a number is predicted)
    ("mse", "identity", 0),
    ("mse", "tanh", 0),
    ("mse", "sigmoid", 2),
    ("mse", "identity", 3),
    ("mae", "identity", 0),
    ("mae", "tanh", 0),
    ("huber", "identity", 0),
    ("huber", "sigmoid", 0),
    ("bce", "identity", 2),
    ("cross_entropy", "identity", 2),
    ("cross_entropy", "identity", 3),
    ("hinge", "identity", 2),
    ("hinge", "identity", 3),
]


@pytest.fixture(scope="module")
def torch() -> Any:
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype(), torch.get_num_threads()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)  # for matrices as small as these, more would only wait for each other
    yield torch
    torch.set_default_dtype(before[0])
    torch.set_num_threads(before[1])


# ---------------------------------------------------------------------- the same network in torch


def module_of(torch: Any, name: str) -> Any:
    nn = torch.nn
    return {
        "identity": nn.Identity(),
        "tanh": nn.Tanh(),
        "relu": nn.ReLU(),
        "sigmoid": nn.Sigmoid(),
        "leaky_relu": nn.LeakyReLU(),
        "elu": nn.ELU(),
        "selu": nn.SELU(),
        "gelu": nn.GELU(),
        "gelu_tanh": nn.GELU(approximate="tanh"),
        "silu": nn.SiLU(),
        "softplus": nn.Softplus(),
    }[name]


class Model:
    """Linear, normalisation, activation function, and the input once more where a skip connection adds it."""

    def __init__(self, torch: Any, spec: NetworkSpec, parameters: Any) -> None:
        nn = torch.nn
        self.torch, self.spec = torch, spec
        norm = {"none": lambda width: nn.Identity(), "batch": nn.BatchNorm1d, "layer": nn.LayerNorm}[spec.normalization]
        self.linears = [nn.Linear(fan_in, fan_out) for fan_in, fan_out in pairwise(spec.sizes)]
        self.norms = [norm(width) for width in spec.sizes[1:-1]] + [nn.Identity()]
        self.functions = [module_of(torch, name) for name in spec.activations]
        self.all = nn.ModuleList([*self.linears, *self.norms])
        with torch.no_grad():
            for block, tensor in zip(spec.blocks, self.tensors(), strict=True):
                values = parameters[block.start : block.stop].reshape(block.shape)
                tensor.copy_(torch.tensor(values.T if len(block.shape) == 2 else values))

    def tensors(self) -> list[Any]:
        """Return the model's tensors in the order of the flat vector."""
        tensors = []
        for linear, norm in zip(self.linears, self.norms, strict=True):
            tensors += [linear.weight, linear.bias]
            if hasattr(norm, "weight"):
                tensors += [norm.weight, norm.bias]
            if hasattr(norm, "running_mean"):
                tensors += [norm.running_mean, norm.running_var]
        return tensors

    def vector(self, of: Any) -> Any:
        return np.concatenate([of(tensor).detach().numpy().T.ravel() for tensor in self.tensors()])

    def values(self) -> Any:
        return self.vector(lambda tensor: tensor)

    def gradient(self) -> Any:
        return self.vector(lambda tensor: self.torch.zeros_like(tensor) if tensor.grad is None else tensor.grad)

    def __call__(self, X: Any) -> Any:
        a = self.torch.tensor(X)
        last = len(self.linears) - 1
        for index, (linear, norm, function) in enumerate(zip(self.linears, self.norms, self.functions, strict=True)):
            activation = function(norm(linear(a)))
            skips = self.spec.skip and index < last and activation.shape == a.shape
            a = activation + a if skips else activation
        return a


def torch_loss(torch: Any, spec: NetworkSpec, output: Any, y: Any, n_classes: int) -> Any:
    """Return the mean over the rows of torch's own losses, each row by the weight of its class."""
    nn, options = torch.nn, spec.loss_options
    labels, weights = torch.tensor(y), torch.tensor(options.class_weights or (1.0,) * max(n_classes, 1))
    of_rows = weights[labels.long()] if n_classes else torch.ones(len(y))
    if spec.loss == "cross_entropy":
        losses = nn.CrossEntropyLoss(reduction="none", label_smoothing=options.label_smoothing)(output, labels.long())
    elif spec.loss == "hinge" and spec.n_outputs > 1:
        losses = nn.MultiMarginLoss(reduction="none")(output, labels.long())
    elif spec.loss == "hinge":
        signs = 2 * labels - 1
        losses = nn.MarginRankingLoss(margin=1.0, reduction="none")(output[:, 0], torch.zeros(len(y)), signs)
    elif spec.loss == "bce":
        smoothed = labels * (1 - options.label_smoothing) + options.label_smoothing / 2
        losses = nn.BCEWithLogitsLoss(reduction="none")(output[:, 0], smoothed)
    else:
        targets = nn.functional.one_hot(labels.long(), n_classes).double() if spec.n_outputs > 1 else labels[:, None]
        loss = {
            "mse": nn.MSELoss(reduction="none"),
            "mae": nn.L1Loss(reduction="none"),
            "huber": nn.HuberLoss(reduction="none", delta=options.huber_delta),
        }[spec.loss]
        losses = loss(output, targets).mean(dim=1)
    return (losses * of_rows).mean()


# ---------------------------------------------------------------------- side by side


def network(
    hidden: tuple[str, ...], sizes: tuple[int, ...], output: tuple[str, str, int], options: LossOptions, **layers: Any
) -> NetworkSpec:
    loss, output_activation, n_classes = output
    n_outputs = 1 if n_classes < 3 and loss != "cross_entropy" else n_classes
    return NetworkSpec((N_INPUTS, *sizes, n_outputs), (*hidden, output_activation), loss, options, **layers)


def target_of(n_classes: int) -> Target:
    return Target("y", "classification" if n_classes else "regression", tuple("abc"[:n_classes]))


def first_parameters(spec: NetworkSpec, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    parameters = rng.normal(0.0, 0.7, spec.n_parameters)
    for layer in spec.views(parameters):
        if layer.normalization is not None:
            layer.normalization.scale[...] = rng.uniform(0.5, 1.5, len(layer.bias))
            if layer.normalization.running_variance is not None:
                layer.normalization.running_variance[...] = rng.uniform(0.5, 1.5, len(layer.bias))
    return parameters


def draw_rows(n_rows: int, n_classes: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_rows, N_INPUTS)), rng.integers(0, n_classes, n_rows).astype(float) if n_classes else rng.normal(
        size=n_rows
    )


def near(ours: Any, theirs: Any) -> bool:
    return bool(np.linalg.norm(ours - theirs) <= 1e-10 * max(float(np.linalg.norm(theirs)), 1e-3))


def compare(torch: Any, spec: NetworkSpec, n_classes: int) -> None:
    """Go through batches of several sizes, as the rest of an epoch makes them, then evaluate."""
    parameters = first_parameters(spec)
    gradient = np.zeros(spec.n_parameters)
    model = Model(torch, spec, parameters)
    computations = {n_rows: Computation(spec, parameters, gradient, n_rows) for n_rows in (8, 3)}
    for seed, n_rows in enumerate((8, 8, 3, 8)):
        X, y = draw_rows(n_rows, n_classes, seed)
        computation = computations[n_rows]
        computation.batch[:N_INPUTS] = X.T
        computation.batch[N_INPUTS + 1 :] = encode_targets(spec, target_of(n_classes), y)
        with quiet():
            loss = computation()
        model.all.zero_grad()
        expected = torch_loss(torch, spec, model(X), y, n_classes)
        expected.backward()
        assert loss == pytest.approx(expected.item(), rel=1e-10, abs=1e-14)
        assert near(gradient, model.gradient())
        assert near(parameters, model.values()), "weights as they were, running averages moved alike"
    compare_evaluation(torch, spec, model, parameters, n_classes)


def compare_evaluation(torch: Any, spec: NetworkSpec, model: Model, parameters: Any, n_classes: int) -> None:
    model.all.eval()
    X, y = draw_rows(20, n_classes, 99)
    targets = encode_targets(spec, target_of(n_classes), y)
    with torch.no_grad():
        output = model(X)
        expected = torch_loss(torch, spec, output, y, n_classes).item()
    assert near(forward(spec, parameters, X.T)[-1], output.numpy().T)
    with quiet():
        evaluated, its_output = Evaluation(spec, parameters, StackedRows(spec, target_of(n_classes), X, y)).with_output()
    assert evaluated == pytest.approx(expected, rel=1e-10)
    assert near(its_output, output.numpy().T)
    losses = losses_per_sample(spec.loss, its_output, targets, spec.loss_options)
    assert losses.mean() == pytest.approx(expected, rel=1e-10)
    shown = {"bce": torch.sigmoid(output), "cross_entropy": torch.softmax(output, dim=1)}.get(spec.loss)
    if shown is not None:
        assert near(predictions(spec, its_output), shown.numpy().T)


@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_in_every_kind_of_layer(torch: Any, activation: str, layers: str) -> None:
    for output in (("cross_entropy", "identity", 3), ("huber", "sigmoid", 0)):
        spec = network((activation,) * 3, (4, 3, 3), output, LossOptions(huber_delta=0.6), **LAYERS[layers])
        compare(torch, spec, output[2])


@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("output", OUTPUTS, ids=str)
def test_every_loss_behind_every_kind_of_layer(torch: Any, output: tuple[str, str, int], layers: str) -> None:
    for activation in ("tanh", "leaky_relu"):
        spec = network((activation,) * 2, (4, 4), output, LossOptions(huber_delta=0.6), **LAYERS[layers])
        compare(torch, spec, output[2])


@pytest.mark.parametrize("layers", ["plain", "batch norm", "layer norm and skip"])
@pytest.mark.parametrize("smoothing", [0.0, 0.15])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("output", [output for output in OUTPUTS if output[2]], ids=str)
def test_label_smoothing_and_class_weights(
    torch: Any, output: tuple[str, str, int], weighted: bool, smoothing: float, layers: str
) -> None:
    if smoothing and output[0] not in ("bce", "cross_entropy"):
        return
    options = LossOptions(label_smoothing=smoothing, class_weights=(0.4, 1.9, 0.7)[: output[2]] if weighted else ())
    compare(torch, network(("tanh", "gelu"), (4, 4), output, options, **LAYERS[layers]), output[2])


@pytest.mark.parametrize("delta", [0.1, 1.0, 5.0])
def test_huber_of_any_width(torch: Any, delta: float) -> None:
    compare(torch, network(("silu",), (5,), ("huber", "identity", 0), LossOptions(huber_delta=delta)), 0)


@pytest.mark.parametrize("layers", LAYERS)
def test_deep_networks_of_mixed_layers(torch: Any, layers: str) -> None:
    names = list(ACTIVATIONS)
    hidden = (*names, *names[:3])
    sizes = (4, 4, 6, 6, 6, 3, 3, 5, 5, 5, 5, 4, 4, 4)
    compare(torch, network(hidden, sizes, ("cross_entropy", "identity", 3), LossOptions(), **LAYERS[layers]), 3)


def test_every_loss_of_the_table_was_compared() -> None:
    assert {output[0] for output in OUTPUTS} == set(LOSSES)


def test_softplus_keeps_its_form_where_torch_goes_over_to_the_line(torch: Any) -> None:
    """torch.nn.Softplus is z itself above 20: less than 2.1e-9 away, and farther out than the comparisons above go."""
    z = np.linspace(15.0, 40.0, 101)[None]
    out = np.empty_like(z)
    ACTIVATIONS["softplus"].apply(z, out)
    assert np.abs(out - torch.nn.Softplus()(torch.tensor(z)).numpy()).max() <= 2.1e-9
    assert np.abs(out - torch.nn.Softplus(threshold=1e9)(torch.tensor(z)).numpy()).max() <= 1e-14


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_slopes_over_the_whole_range(torch: Any, name: str) -> None:
    """Each function and its slope at 4,001 points, the kinks at 0 among them."""
    z = np.linspace(-20.0, 20.0, 4001)[None]
    tensor = torch.tensor(z, requires_grad=True)
    expected = module_of(torch, name)(tensor)
    expected.sum().backward()
    out, slope = np.empty_like(z), np.empty_like(z)
    activation = ACTIVATIONS[name]
    activation.apply(z, out)
    with quiet():
        for call in activation.derivative_calls(z if activation.needs_pre_activation else out, slope):
            call()
    assert np.abs(out - expected.detach().numpy()).max() <= 1e-14
    assert np.abs(slope - tensor.grad.numpy()).max() <= 1e-14


# ---------------------------------------------------------------------- a whole training


def training_data(n_classes: int) -> PreparedData:
    X, y = draw_rows(70, n_classes, 5)
    rows = np.arange(70)
    features = tuple(Feature(f"x{i}", f"x{i}") for i in range(N_INPUTS))
    return PreparedData("rows", X[:50], y[:50], X[50:], y[50:], rows[:50], rows[50:], features, target_of(n_classes), {})


@pytest.mark.parametrize(
    ("n_classes", "changes"),
    [
        (3, {"normalization": "batch", "skip": True, "activation": ("gelu",), "l2": 0.01}),
        (2, {"normalization": "layer", "activation": ("relu", "silu", "tanh"), "loss": "bce", "label_smoothing": 0.1}),
        (0, {"normalization": "batch", "loss": "huber", "huber_delta": 0.7, "output_activation": "tanh", "l1": 0.002}),
        (3, {"loss": "hinge", "skip": True, "activation": ("elu",), "class_weights": True}),
    ],
)
def test_training_with_penalties_beside_torch(torch: Any, n_classes: int, changes: dict[str, Any]) -> None:
    """A hundred updates on the trainer's own batches, the last of an epoch of two rows.

    Plain descent with momentum: Adam would blow up the rounding in gradients that are 0, as those of biases before a batch
    normalisation are.
    """
    settings = make_settings(hidden=(4, 4, 3), batch_size=16, optimizer="sgd", momentum=0.8, learning_rate=0.02, **changes)
    trainer = Trainer(settings, training_data(n_classes))
    spec, data = trainer.spec, trainer.data
    model = Model(torch, spec, trainer.parameters)
    optimizer = torch.optim.SGD(model.all.parameters(), lr=settings.learning_rate, momentum=settings.momentum)
    for _ in range(100):
        rows = trainer.batch_rows()
        loss = torch_loss(torch, spec, model(data.X_train[rows]), data.y_train[rows], n_classes)
        weights = [linear.weight for linear in model.linears]
        penalty = sum(settings.l2 / 2 * (weight**2).sum() + settings.l1 * weight.abs().sum() for weight in weights)
        optimizer.zero_grad()
        (loss + penalty).backward()
        optimizer.step()
        assert trainer.take_step().batch_loss == pytest.approx(loss.item(), rel=1e-9)
        assert near(trainer.gradient, model.gradient())
    assert np.linalg.norm(trainer.parameters - model.values()) <= 1e-10 * np.linalg.norm(model.values())
    compare_evaluation(torch, spec, model, trainer.parameters.copy(), n_classes)
