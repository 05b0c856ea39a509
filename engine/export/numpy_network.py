"""The network of a run in NumPy: its formulas written out, layer by layer."""

from __future__ import annotations

from engine.activations import GELU_CUBIC, LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE
from engine.export.script_text import lines
from engine.losses import LOSSES
from engine.network import NetworkSpec
from engine.normalization import EPSILON

_SIGMOID = """def sigmoid(z):
    with np.errstate(over="ignore"):  # where exp(-z) overflows, the result is 0 as it should be
        return 1 / (1 + np.exp(-z))"""

_DEFINITIONS = {
    "relu": "def relu(z):\n    return np.maximum(z, 0)",
    "leaky_relu": f"def leaky_relu(z):\n    return np.maximum(z, {LEAKY_SLOPE!r} * z)",
    "elu": "def elu(z):\n    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))",
    "selu": (f"def selu(z):\n    return {SELU_SCALE!r} * np.where(z > 0, z, {SELU_ALPHA!r} * np.expm1(np.minimum(z, 0)))"),
    "gelu": (
        "def gelu(z):\n    erfc = np.vectorize(math.erfc, otypes=[z.dtype])\n    return z * 0.5 * erfc(-z / math.sqrt(2))"
    ),
    "gelu_tanh": (
        f"def gelu_tanh(z):\n    return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + {GELU_CUBIC!r} * z**3)))"
    ),
    "silu": "def silu(z):\n    return z * sigmoid(z)",
    "softplus": "def softplus(z):\n    return np.logaddexp(z, 0)",
    "softmax": (
        "def softmax(z):\n"
        "    exponentials = np.exp(z - z.max(axis=1, keepdims=True))\n"
        "    return exponentials / exponentials.sum(axis=1, keepdims=True)"
    ),
}
"""The functions that NumPy does not have, by name; tanh it has, and identity does nothing."""

_NEED_MATH = ("gelu", "gelu_tanh")

_LINEAR = '''def linear(inputs, number):
    """Return the pre-activations of a layer, counted from 1."""
    return inputs @ PARAMETERS[f"layer_{number}/weights"] + PARAMETERS[f"layer_{number}/bias"]'''

_BATCH_NORM = f'''def batch_norm(z, number):
    """Return pre-activations normalised with the running averages of training."""
    mean, variance = PARAMETERS[f"layer_{{number}}/running_mean"], PARAMETERS[f"layer_{{number}}/running_variance"]
    x = (z - mean) / np.sqrt(variance + {EPSILON!r})
    return PARAMETERS[f"layer_{{number}}/scale"] * x + PARAMETERS[f"layer_{{number}}/shift"]'''

_LAYER_NORM = f'''def layer_norm(z, number):
    """Return pre-activations normalised over the units of the layer, row by row."""
    x = (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + {EPSILON!r})
    return PARAMETERS[f"layer_{{number}}/scale"] * x + PARAMETERS[f"layer_{{number}}/shift"]'''

_NORMS = {"batch": _BATCH_NORM, "layer": _LAYER_NORM}


def needs_math(spec: NetworkSpec) -> bool:
    """Return whether the formulas need Python's math module."""
    return any(name in _NEED_MATH for name in spec.activations)


def network_functions(spec: NetworkSpec, precision: str) -> list[str]:
    """Return the functions of the network, `predict` last."""
    names = {*spec.activations, _output_function(spec)}
    functions = [_SIGMOID] if names & {"sigmoid", "silu"} else []
    functions += [text for name, text in _DEFINITIONS.items() if name in names]
    if spec.n_layers > 1 and spec.normalization != "none":
        functions.append(_NORMS[spec.normalization])
    return [*functions, _LINEAR, _predict(spec, precision)]


def _output_function(spec: NetworkSpec) -> str:
    return "identity" if LOSSES[spec.loss].display_activation is None else spec.shown_activation


def _predict(spec: NetworkSpec, precision: str) -> str:
    """Return the function `predict`: a line for each layer."""
    steps = []
    for index in range(spec.n_layers):
        steps += [f"    a = {_layer(spec, index)}", _switched_off(spec, index + 1)]
    return lines(
        "def predict(X):",
        f'    """Return the outputs, shape (n_rows, {spec.n_outputs}), for prepared rows, shape (n_rows, {spec.n_inputs})."""',
        f"    a = np.array(X, dtype=np.{precision})",
        _switched_off(spec, 0),
        *steps,
        f"    return {_applied(_output_function(spec), 'a')}",
    )


def _layer(spec: NetworkSpec, index: int) -> str:
    """Return the expression for the outputs of a layer, counted from 0."""
    z = f"linear(a, {index + 1})"
    is_hidden = index < spec.n_layers - 1
    if is_hidden and spec.normalization != "none":
        z = f"{spec.normalization}_norm({z}, {index + 1})"
    return _applied(spec.activations[index], z) + (" + a" if spec.skips(index) else "")


def _applied(function: str, argument: str) -> str:
    if function == "identity":
        return argument
    return f"{'np.tanh' if function == 'tanh' else function}({argument})"


def _switched_off(spec: NetworkSpec, layer: int) -> str:
    units = spec.off(layer)
    return f"    a[:, {units}] = 0  # switched off" if units else ""
