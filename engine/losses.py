"""Loss functions: each a named pair of the loss and its derivative, in one table.

Outputs and targets have the shape (n_outputs, n_samples). The loss of a batch is the mean over its samples. Cross-entropies and
hinge start from the output layer's z, so that no probability is ever rounded to 0 or 1 on the way.

Targets are given as the loss takes them (see `engine.network.encode_targets`): standardised values for regression; one column
of 0 and 1 per class; and for two classes with one output the sign -1 for class 1 and +1 for class 0, so that s z is how far the
output lies on the wrong side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.activations import Calls
from engine.number_cell import cell

Array = NDArray[np.floating[Any]]


class LossOptions(NamedTuple):
    """What a loss is told besides outputs and targets.

    Attributes
    ----------
    huber_delta : float
    label_smoothing : float
        Already in the targets where they are columns of classes; binary cross-entropy takes it into account itself.
    class_weights : tuple of float
        One per class, empty for none. A row's loss is multiplied by the weight of its class; the mean stays one over the rows,
        so that a batch is the mean of its rows whatever their classes.
    """

    huber_delta: float = 1.0
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] = ()


PLAIN = LossOptions()


class LossCalls(NamedTuple):
    """A loss bound to its buffers.

    Attributes
    ----------
    calls : list of callables
        Write dL/d(output) of the batch's mean loss into the delta.
    value : callable () -> float
        The batch's mean loss, after the calls; it reads nothing that the way back through the network overwrites.
    """

    calls: Calls
    value: Callable[[], float]


Bind = Callable[[Array, Array, Array, LossOptions], LossCalls]
PerSample = Callable[[Array, Array, LossOptions], Array]


@dataclass(frozen=True)
class Loss:
    """A loss and its derivative.

    Attributes
    ----------
    name : str
    title, formula : str
        For display.
    task : {"regression", "classification", "any"}
        What its targets may be.
    display_activation : str or None
        For losses from the output layer's z the function that turns one output into what is shown: a probability, or for hinge,
        which knows none, a score between 0 and 1; None for losses that take the activation a, which is shown as it is.
    bind : callable (output, targets, delta, options) -> LossCalls
    per_sample : callable (output, targets, options) -> ndarray of shape (n_samples,)
        The loss of each sample, class weights not included.
    signed : bool
        Whether a single output for two classes takes signs as targets.
    gives_probabilities : bool
        Whether what is shown of an output for classes may be called a probability.
    """

    name: str
    title: str
    formula: str
    task: str
    display_activation: str | None
    bind: Bind
    per_sample: PerSample
    signed: bool = False
    gives_probabilities: bool = True


def _mse(output: Array, targets: Array, delta: Array, options: LossOptions) -> LossCalls:
    """L = mean (a - y)^2 over samples and outputs; dL/da = 2 (a - y) / count."""
    error = np.empty_like(delta)
    calls: Calls = [
        partial(np.subtract, output, targets, error),
        partial(np.multiply, error, cell(2.0 / delta.size, delta), delta),
    ]
    flat, share = error.reshape(-1), 1.0 / delta.size
    return LossCalls(calls, lambda: float(flat.dot(flat)) * share)


def _mse_per_sample(output: Array, targets: Array, options: LossOptions) -> Array:
    losses: Array = np.square(output - targets).mean(axis=0)
    return losses


def _mae(output: Array, targets: Array, delta: Array, options: LossOptions) -> LossCalls:
    """L = mean |a - y|; dL/da = sign(a - y) / count, 0 where they are equal."""
    error, signs = np.empty_like(delta), np.empty_like(delta)
    calls: Calls = [
        partial(np.subtract, output, targets, error),
        partial(np.sign, error, signs),
        partial(np.multiply, signs, cell(1.0 / delta.size, delta), delta),
    ]
    absolute, share = partial(error.reshape(-1).dot, signs.reshape(-1)), 1.0 / delta.size
    return LossCalls(calls, lambda: float(absolute()) * share)


def _mae_per_sample(output: Array, targets: Array, options: LossOptions) -> Array:
    losses: Array = np.abs(output - targets).mean(axis=0)
    return losses


def _huber(output: Array, targets: Array, delta: Array, options: LossOptions) -> LossCalls:
    """L = mean c (e - c / 2) with e = a - y and c = e held within +-huber_delta; dL/da = c / count (Huber 1964, eq. 1.2)."""
    error, held = np.empty_like(delta), np.empty_like(delta)
    limit = options.huber_delta
    calls: Calls = [
        partial(np.subtract, output, targets, error),
        partial(np.minimum, error, cell(limit, delta), out=held),
        partial(np.maximum, held, cell(-limit, delta), out=held),
        partial(np.multiply, held, cell(1.0 / delta.size, delta), delta),
    ]
    e, c, share = error.reshape(-1), held.reshape(-1), 1.0 / delta.size
    return LossCalls(calls, lambda: (float(e.dot(c)) - 0.5 * float(c.dot(c))) * share)


def _huber_per_sample(output: Array, targets: Array, options: LossOptions) -> Array:
    error = output - targets
    held = np.minimum(np.maximum(error, -options.huber_delta), options.huber_delta)
    losses: Array = (held * (error - 0.5 * held)).mean(axis=0)
    return losses


def _bce(output: Array, signs: Array, delta: Array, options: LossOptions) -> LossCalls:
    """L = mean softplus(u) with u = s z; dL/dz = s sigmoid(u) / count.

    logaddexp(0, u) is softplus(u), and sigmoid(u) = exp(u - softplus(u)) never overflows. With labels smoothed by e the loss is
    softplus(u) - (e / 2) u, and e / 2 comes off the sigmoid.
    """
    wrong, losses, zeros = np.empty_like(delta), np.empty_like(delta), np.zeros_like(delta)
    means = np.full(delta.size, 1.0 / delta.size, dtype=delta.dtype)
    half = 0.5 * options.label_smoothing
    calls: Calls = [
        partial(np.multiply, signs, output, wrong),
        partial(np.logaddexp, zeros, wrong, losses),
        partial(np.subtract, wrong, losses, delta),
        partial(np.exp, delta, delta),
        partial(np.multiply, delta, signs, delta),
        partial(np.multiply, delta, cell(1.0 / delta.size, delta), delta),
    ]
    mean_loss, mean_wrong = partial(losses.reshape(-1).dot, means), partial(wrong.reshape(-1).dot, means)
    if not half:
        return LossCalls(calls, lambda: float(mean_loss()))
    calls.insert(4, partial(np.subtract, delta, cell(half, delta), delta))
    return LossCalls(calls, lambda: float(mean_loss()) - half * float(mean_wrong()))


def _bce_per_sample(output: Array, signs: Array, options: LossOptions) -> Array:
    wrong = signs * output
    losses: Array = (np.logaddexp(0.0, wrong) - 0.5 * options.label_smoothing * wrong).mean(axis=0)
    return losses


def _cross_entropy(output: Array, targets: Array, delta: Array, options: LossOptions) -> LossCalls:
    """L = mean -sum_k y_k log softmax(z)_k; dL/dz = (softmax(z) - y) / n, for targets that sum to 1."""
    n_outputs, n_samples = delta.shape
    shifted, largest, totals, logs = np.empty_like(delta), *(np.empty((1, n_samples), dtype=delta.dtype) for _ in range(3))
    sum_over_outputs = np.ones((1, n_outputs), dtype=delta.dtype)
    calls: Calls = [
        partial(np.maximum.reduce, output, 0, None, largest[0]),
        partial(np.subtract, output, largest, shifted),
        partial(np.exp, shifted, delta),
        partial(sum_over_outputs.dot, delta, totals),
        partial(np.divide, delta, totals, delta),
        partial(np.subtract, delta, targets, delta),
        partial(np.multiply, delta, cell(1.0 / n_samples, delta), delta),
        partial(np.log, totals, logs),
    ]
    means = np.full(n_samples, 1.0 / n_samples, dtype=delta.dtype)
    mean_log = partial(logs[0].dot, means)
    return LossCalls(calls, lambda: float(mean_log()) - float(np.vdot(targets, shifted)) / n_samples)


def _cross_entropy_per_sample(output: Array, targets: Array, options: LossOptions) -> Array:
    shifted = output - output.max(axis=0)
    losses: Array = np.log(np.exp(shifted).sum(axis=0)) - (targets * shifted).sum(axis=0)
    return losses


def _hinge(output: Array, targets: Array, delta: Array, options: LossOptions) -> LossCalls:
    """Bind the form for one output or for one output per class."""
    bind = _binary_hinge if len(output) == 1 else _class_hinge
    return bind(output, targets, delta)


def _binary_hinge(output: Array, signs: Array, delta: Array) -> LossCalls:
    """L = mean max(0, 1 + s z); dL/dz = s / n where that is more than 0."""
    short, one, zero = np.empty_like(delta), cell(1.0, delta), cell(0.0, delta)
    inside = np.empty(delta.shape, dtype=bool)
    calls: Calls = [
        partial(np.multiply, signs, output, short),
        partial(np.add, short, one, short),
        partial(np.greater, short, zero, inside),
        partial(np.maximum, short, zero, out=short),
        partial(np.copyto, delta, inside),
        partial(np.multiply, delta, signs, delta),
        partial(np.multiply, delta, cell(1.0 / delta.size, delta), delta),
    ]
    flat, means = short.reshape(-1), np.full(delta.size, 1.0 / delta.size, dtype=delta.dtype)
    return LossCalls(calls, lambda: float(flat.dot(means)))


def _class_hinge(output: Array, targets: Array, delta: Array) -> LossCalls:
    """L = mean sum_{j not y} max(0, 1 - z_y + z_j) / K, after Weston and Watkins (1999), as torch's MultiMarginLoss has it.

    For j = y the term is the constant 1, which is taken off; the slope of z_y is minus the number of the other terms above 0.
    """
    n_classes, n_samples = delta.shape
    own, count = (np.empty((1, n_samples), dtype=delta.dtype) for _ in range(2))
    short, inside = np.empty_like(delta), np.empty(delta.shape, dtype=bool)
    one, zero = cell(1.0, delta), cell(0.0, delta)
    sum_over_outputs = np.ones((1, n_classes), dtype=delta.dtype)
    calls: Calls = [
        partial(np.multiply, targets, output, short),
        partial(sum_over_outputs.dot, short, own),
        partial(np.subtract, output, own, short),
        partial(np.add, short, one, short),
        partial(np.greater, short, zero, inside),
        partial(np.maximum, short, zero, out=short),
        partial(np.copyto, delta, inside),
        partial(sum_over_outputs.dot, delta, count),
        partial(np.multiply, targets, count, own_share := np.empty_like(delta)),
        partial(np.subtract, delta, own_share, delta),
        partial(np.multiply, delta, cell(1.0 / (n_classes * n_samples), delta), delta),
    ]
    flat, means = short.reshape(-1), np.full(delta.size, 1.0 / delta.size, dtype=delta.dtype)
    return LossCalls(calls, lambda: float(flat.dot(means)) - 1.0 / n_classes)


def _hinge_per_sample(output: Array, targets: Array, options: LossOptions) -> Array:
    if len(output) == 1:
        losses: Array = np.maximum(0.0, 1.0 + targets * output)[0]
        return losses
    own = (targets * output).sum(axis=0)
    sums: Array = np.maximum(0.0, (output - own) + 1.0).sum(axis=0) - 1.0
    return sums / len(output)


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("mse", "mean squared error", "(a - y)²", "any", None, _mse, _mse_per_sample, gives_probabilities=False),
        Loss("mae", "mean absolute error", "|a - y|", "regression", None, _mae, _mae_per_sample),
        Loss("huber", "Huber", "(a - y)² / 2, linear beyond delta", "regression", None, _huber, _huber_per_sample),
        Loss("bce", "binary cross-entropy", "-log p(class)", "classification", "sigmoid", _bce, _bce_per_sample, signed=True),
        Loss(
            "cross_entropy",
            "softmax cross-entropy",
            "-log p(class)",
            "classification",
            "softmax",
            _cross_entropy,
            _cross_entropy_per_sample,
        ),
        Loss("hinge", "hinge", "max(0, 1 - margin)", "classification", "sigmoid", _hinge, _hinge_per_sample, True, False),
    )
}


def bind_loss(name: str, output: Array, targets: Array, delta: Array, options: LossOptions) -> LossCalls:
    """Return the loss `name` bound to its buffers, class weights included.

    Parameters
    ----------
    output, targets, delta : ndarray of shape (n_outputs, n_samples)
        `delta` is written by the calls.
    """
    plain = LOSSES[name].bind(output, targets, delta, options)
    if not options.class_weights:
        return plain
    coefficients, constant = _weight_coefficients(name, len(output), options)
    weights = np.empty((1, delta.shape[1]), dtype=delta.dtype)
    calls: Calls = [
        *plain.calls,
        partial(coefficients.astype(delta.dtype).dot, targets, weights),
        partial(np.add, weights, cell(constant, delta), weights),
        partial(np.multiply, delta, weights, delta),
    ]
    per_sample = LOSSES[name].per_sample
    return LossCalls(calls, lambda: float((per_sample(output, targets, options) * weights[0]).mean()))


def losses_per_sample(name: str, output: Array, targets: Array, options: LossOptions) -> Array:
    """Return the loss of each sample, class weights included, shape (n_samples,).

    Parameters
    ----------
    output, targets : ndarray of shape (n_outputs, n_samples)
    """
    losses = LOSSES[name].per_sample(output, targets, options)
    return losses if not options.class_weights else losses * sample_weights(name, targets, options)


def sample_weights(name: str, targets: Array, options: LossOptions) -> Array:
    """Return the weight of each sample's class, shape (n_samples,); there must be class weights.

    Parameters
    ----------
    targets : ndarray of shape (n_outputs, n_samples)
    """
    coefficients, constant = _weight_coefficients(name, len(targets), options)
    weights: Array = np.tensordot(coefficients[0].astype(targets.dtype), targets, 1) + targets.dtype.type(constant)
    return weights


def _weight_coefficients(name: str, n_outputs: int, options: LossOptions) -> tuple[NDArray[np.float64], float]:
    """Return c, shape (1, n_outputs), and k such that c @ targets + k are the weights of the samples' classes.

    A sample's weight is linear in its targets, whichever way they tell the class.
    """
    weights = np.array([options.class_weights])
    if n_outputs > 1:
        smoothing = options.label_smoothing
        return weights / (1.0 - smoothing), -smoothing / n_outputs * float(weights.sum()) / (1.0 - smoothing)
    zero, one = options.class_weights
    if LOSSES[name].signed:
        return np.array([[0.5 * (zero - one)]]), 0.5 * (zero + one)
    return np.array([[one - zero]]), zero


def softmax(z: Array, out: Array) -> None:
    """Write softmax over the outputs (axis 0) into `out`, shifted by the maximum so that it can't overflow."""
    np.subtract(z, z.max(axis=0), out)
    np.exp(out, out)
    np.divide(out, out.sum(axis=0), out)
