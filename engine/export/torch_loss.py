"""The loss of a run in PyTorch: targets as the loss takes them, the loss function, and how it is called."""

from __future__ import annotations

from engine.export.script_text import lines, list_literal
from engine.network import NetworkSpec

_FUNCTIONS = {
    "mse": ("nn.MSELoss", (), ""),
    "mae": ("nn.L1Loss", (), ""),
    "huber": ("nn.HuberLoss", ("delta=HUBER_DELTA",), ""),
    "bce": ("nn.BCEWithLogitsLoss", (), "takes logits: the sigmoid is inside"),
    "cross_entropy": ("nn.CrossEntropyLoss", (), "takes logits: the softmax is inside"),
    "hinge": ("nn.MultiMarginLoss", (), ""),
}
"""Class, arguments and a remark; hinge with a single output has none in torch."""

_WITH_CODES = ("cross_entropy", "hinge")
"""Losses that take class codes where there is one output per class."""


def loss_constants(spec: NetworkSpec) -> str:
    """Return the numbers that this loss needs."""
    options = spec.loss_options
    return lines(
        f"HUBER_DELTA = {options.huber_delta!r}" if spec.loss == "huber" else "",
        f"LABEL_SMOOTHING = {options.label_smoothing!r}" if options.label_smoothing else "",
        f"CLASS_WEIGHTS = {list_literal(options.class_weights)}" if options.class_weights else "",
    )


def rows_of(spec: NetworkSpec, part: str) -> str:
    """Return the statements that read inputs, targets and weights of the rows of a part, "train" or "validation"."""
    suffix = "" if part == "train" else f"_{part}"
    codes = f'data["y_{part}"].astype(np.int64)'
    weights = f"row_weights{suffix} = torch.tensor(CLASS_WEIGHTS, dtype=DTYPE)[{codes}]"
    return lines(
        f'X{suffix} = torch.tensor(data["X_{part}"], dtype=DTYPE)',
        f"y{suffix} = {_targets(spec, part, codes)}",
        weights if spec.loss_options.class_weights else "",
    )


def _targets(spec: NetworkSpec, part: str, codes: str) -> str:
    if spec.n_outputs > 1:
        if spec.loss in _WITH_CODES:
            return f"torch.tensor({codes})"
        return f"nn.functional.one_hot(torch.tensor({codes}), len(CLASSES)).to(DTYPE)"
    column = f'torch.tensor(data["y_{part}"], dtype=DTYPE).reshape(-1, 1)'
    if spec.loss == "hinge":
        return f"2 * {column} - 1"
    if spec.loss_options.label_smoothing:
        return f"{column} * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / 2"
    return column


def loss_definition(spec: NetworkSpec) -> str:
    """Return the definition of `loss_function`."""
    binary_hinge = spec.loss == "hinge" and spec.n_outputs == 1
    if spec.loss_options.class_weights:
        return _weighted(spec, binary_hinge=binary_hinge)
    if binary_hinge:
        return lines(
            "def loss_function(output, y):",
            '    """Return the hinge loss; y is 1 for the second class and -1 for the first."""',
            "    return torch.relu(1 - y * output).mean()",
        )
    remark = _FUNCTIONS[spec.loss][2]
    return f"loss_function = {_function(spec)}" + (f"  # {remark}" if remark else "")


def _function(spec: NetworkSpec, *further: str) -> str:
    name, arguments, _ = _FUNCTIONS[spec.loss]
    if spec.loss == "cross_entropy" and spec.loss_options.label_smoothing:
        arguments = ("label_smoothing=LABEL_SMOOTHING",)
    return f"{name}({', '.join((*arguments, *further))})"


def _weighted(spec: NetworkSpec, *, binary_hinge: bool) -> str:
    function = _function(spec, 'reduction="none"')
    losses = "torch.relu(1 - y * output)" if binary_hinge else f"{function}(output, y)"
    over_outputs = "" if spec.n_outputs > 1 and spec.loss in _WITH_CODES else ".mean(1)"
    return lines(
        "def loss_function(output, y, row_weights):",
        '    """Return the mean over the rows, each weighted by its class: the divisor is the number of rows."""',
        f"    losses = {losses}{over_outputs}",
        "    return (losses * row_weights).mean()",
    )


def loss_call(spec: NetworkSpec, suffix: str = "", rows: str = "[batch]") -> str:
    """Return the call that computes the loss of some rows."""
    weights = f", row_weights{suffix}{rows}" if spec.loss_options.class_weights else ""
    return f"loss_function(model(X{suffix}{rows}), y{suffix}{rows}{weights})"
