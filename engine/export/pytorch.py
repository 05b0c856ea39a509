"""A run as a PyTorch script: readable, and true to every step of it.

The script stands beside the files of the run: rows and batches come from data.npz, the first weights from model.npz. Names from
the data are written as Python literals (repr), never as part of the code or of a comment.
"""

from __future__ import annotations

from string import Template

from engine.data.prepared import PreparedData
from engine.network import NetworkSpec
from engine.optimizers import SGD, Adam, optimizer_for
from engine.settings import Settings

_SCRIPT = Template('''"""Repeat a training run of Backprop Studio in PyTorch: the same rows, first weights, batches and updates.

It stands in the folder of the run, beside data.npz and model.npz, and needs torch and numpy:

    python train_torch.py

Prints `step,batch_loss` for every update: the mean loss of its batch before the update, without penalty.
In float64 these agree with history.csv within 1e-9 of their size. Rounding differs between libraries and training
makes the difference grow, so after tens of thousands of updates, or where a large learning rate makes the loss jump,
the two may drift apart.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

FOLDER = Path(__file__).resolve().parent
DTYPE = torch.$precision

# What the network learned from.
SOURCE = $source
FEATURES = $features
TARGET = $target
$classes
LEARNING_RATE = $learning_rate
$hyper_parameters
torch.set_num_threads(1)  # a network this small is slower on several

data = np.load(FOLDER / "data.npz", allow_pickle=False)
model_file = np.load(FOLDER / "model.npz", allow_pickle=False)

X = torch.tensor(data["X_train"], dtype=DTYPE)
$targets
batches = np.split(data["batches"], data["batch_starts"])[1:]  # row positions, one array per update

model = nn.Sequential(
$layers
).to(DTYPE)
linear_layers = [layer for layer in model if isinstance(layer, nn.Linear)]


def read_layer(moment, number):
    """Return weights (fan_out x fan_in, as torch has them) and bias of a layer; moment is "initial" or "final"."""
    weights = torch.tensor(model_file[f"{moment}/layer_{number}/weights"], dtype=DTYPE)
    return weights.T, torch.tensor(model_file[f"{moment}/layer_{number}/bias"], dtype=DTYPE)


with torch.no_grad():
    for number, layer in enumerate(linear_layers, start=1):
        weights, bias = read_layer("initial", number)
        layer.weight.copy_(weights)
        layer.bias.copy_(bias)

loss_function = $loss
optimizer = $optimizer

for step, rows in enumerate(batches, start=1):
    batch = torch.from_numpy(rows.astype(np.int64))
    loss = loss_function(model(X[batch]), y[batch])
    print(f"{step},{loss.item():.17g}")
    optimizer.zero_grad()
$backward
    optimizer.step()

largest = 0.0
with torch.no_grad():
    for number, layer in enumerate(linear_layers, start=1):
        for mine, theirs in zip((layer.weight, layer.bias), read_layer("final", number)):
            largest = max(largest, (mine - theirs).abs().max().item())
print(f"{len(batches)} updates; largest difference from the final weights of the run: {largest:.3g}", file=sys.stderr)
''')

_ACTIVATIONS = {"tanh": "nn.Tanh()", "relu": "nn.ReLU()", "sigmoid": "nn.Sigmoid()"}
"""The modules of the activations; identity has none, for it does nothing."""

_LOSSES = {
    "mse": "nn.MSELoss()",
    "bce": "nn.BCEWithLogitsLoss()  # takes logits: the sigmoid is inside",
    "cross_entropy": "nn.CrossEntropyLoss()  # takes logits: the softmax is inside",
}

_ONE_COLUMN = 'y = torch.tensor(data["y_train"], dtype=DTYPE).reshape(-1, 1)'
_CLASS_CODES = 'y = torch.tensor(data["y_train"].astype(np.int64))'
_ONE_HOT = 'y = nn.functional.one_hot(torch.tensor(data["y_train"].astype(np.int64)), len(CLASSES)).to(DTYPE)'

_PENALISED = """    # The penalty is on the weights, not on the biases, and no part of the loss that is printed.
    penalty = 0.5 * L2 * sum(layer.weight.square().sum() for layer in linear_layers)
    (loss + penalty).backward()"""


def pytorch_script(settings: Settings, spec: NetworkSpec, data: PreparedData) -> str:
    """Return a script (torch and numpy only) that repeats a run from the folder it stands in.

    Parameters
    ----------
    settings : Settings
        In force during the whole run.
    spec : NetworkSpec
    data : PreparedData
        Its names; the numbers stay in the files.
    """
    return _SCRIPT.substitute(
        precision=settings.precision,
        source=repr(data.name),
        features=_list_of_names([feature.name for feature in data.features]),
        target=repr(data.target.name),
        classes=_classes(data),
        learning_rate=repr(settings.learning_rate),
        hyper_parameters=_hyper_parameters(settings),
        targets=_targets(spec),
        layers="\n".join(f"    {layer}," for layer in _layers(spec)),
        loss=_LOSSES[spec.loss],
        optimizer=_optimizer(settings),
        backward=_PENALISED if settings.l2 else "    loss.backward()",
    )


def _list_of_names(names: list[str]) -> str:
    """Return a list literal: on one line where it is short, else with a line for each name."""
    line = repr(names)
    return line if len(line) <= 100 else "[\n" + "".join(f"    {name!r},\n" for name in names) + "]"


def _classes(data: PreparedData) -> str:
    if data.target.task == "regression":
        return (
            f"TARGET_MEAN, TARGET_SCALE = {float(data.target.mean)!r}, {float(data.target.scale)!r}"
            "  # prediction in original units = output * TARGET_SCALE + TARGET_MEAN\n"
        )
    return f"CLASSES = {_list_of_names(list(data.target.classes))}\n"


def _hyper_parameters(settings: Settings) -> str:
    """Return the constants that this optimizer and this penalty need besides the learning rate."""
    optimizer = optimizer_for(settings)
    lines = []
    if isinstance(optimizer, SGD):
        lines.append(f"MOMENTUM = {optimizer.momentum!r}")
    if isinstance(optimizer, Adam):
        lines += [f"BETAS = ({optimizer.beta_1!r}, {optimizer.beta_2!r})", f"EPSILON = {optimizer.epsilon!r}"]
    if settings.l2:
        lines.append(f"L2 = {settings.l2!r}")
    return "\n".join(lines) + "\n"


def _targets(spec: NetworkSpec) -> str:
    if spec.loss == "cross_entropy":
        return _CLASS_CODES
    return _ONE_COLUMN if spec.n_outputs == 1 else _ONE_HOT


def _layers(spec: NetworkSpec) -> list[str]:
    lines = []
    for fan_in, fan_out, activation in zip(spec.sizes, spec.sizes[1:], spec.activations, strict=False):
        lines.append(f"nn.Linear({fan_in}, {fan_out})")
        if activation != "identity":
            lines.append(_ACTIVATIONS[activation])
    return lines


def _optimizer(settings: Settings) -> str:
    if settings.optimizer == "sgd":
        return "torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)"
    return "torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)"
