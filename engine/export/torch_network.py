"""The network of a run in PyTorch: one nn.Sequential, and short classes for what torch.nn has no module for."""

from __future__ import annotations

from engine.export.script_text import call_text, indented, lines
from engine.network import NetworkSpec
from engine.settings import Settings

ACTIVATIONS = {
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "sigmoid": "nn.Sigmoid()",
    "leaky_relu": "nn.LeakyReLU(0.01)",
    "elu": "nn.ELU()",
    "selu": "nn.SELU()",
    "gelu": "nn.GELU()",
    "gelu_tanh": 'nn.GELU(approximate="tanh")',
    "silu": "nn.SiLU()",
    "softplus": "nn.Softplus(threshold=40)",  # beyond 20, torch's default, it would leave out up to 2e-9
}
"""The modules of the activations; identity has none, for it does nothing."""

_INPUT_NOISE = '''class InputNoise(nn.Module):
    """Adds normally distributed noise to the inputs while training."""

    def __init__(self, standard_deviation):
        super().__init__()
        self.standard_deviation = standard_deviation

    def forward(self, inputs):
        return inputs + self.standard_deviation * torch.randn_like(inputs) if self.training else inputs'''

_SWITCHED_OFF = '''class SwitchedOff(nn.Module):
    """Holds some units, counted from 0, at 0."""

    def __init__(self, n_units, units):
        super().__init__()
        mask = torch.ones(n_units)
        mask[units] = 0
        self.register_buffer("mask", mask)

    def forward(self, outputs):
        return outputs * self.mask'''

_SKIP = '''class Skip(nn.Sequential):
    """A hidden layer that adds its input to its output."""

    def forward(self, inputs):
        return super().forward(inputs) + inputs'''

_BATCH_NORM = '''class BatchNorm(nn.BatchNorm1d):
    """Batch normalisation; a batch of a single row has no variance: it goes by the running averages and leaves them alone."""

    def forward(self, z):
        if len(z) > 1:
            return super().forward(z)
        return nn.functional.batch_norm(z, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)'''

_NORMALIZED = {"batch": "nn.BatchNorm1d", "layer": "nn.LayerNorm"}


def class_definitions(settings: Settings, spec: NetworkSpec, n_rows: int) -> list[str]:
    """Return the classes that the model is made of besides those of torch.nn.

    Parameters
    ----------
    n_rows : int
        Number of training rows.
    """
    used = {
        _INPUT_NOISE: settings.input_noise > 0.0,
        _SWITCHED_OFF: bool(spec.switched_off),
        _SKIP: any(spec.skips(index) for index in range(spec.n_layers)),
        _BATCH_NORM: _batch_norm(settings, n_rows) == "BatchNorm" and spec.n_layers > 1,
    }
    return [text for text, is_used in used.items() if is_used]


def model_paragraph(settings: Settings, spec: NetworkSpec, n_rows: int) -> str:
    """Return the statements that make the model, and the lists of its layers that have numbers."""
    modules = "".join(indented(f"{module},\n") for module in _modules(settings, spec, n_rows))
    norm = _norm_class(spec)
    return lines(
        f"model = nn.Sequential(\n{modules}).to(DTYPE)",
        "linear_layers = [module for module in model.modules() if isinstance(module, nn.Linear)]",
        f"norm_layers = [module for module in model.modules() if isinstance(module, {norm})]" if norm else "",
        _freezing(settings, spec),
    )


def named_tensors(spec: NetworkSpec) -> str:
    """Return the function that tells under which name of model.npz each number of the model is filed."""
    norm = ""
    if _norm_class(spec):
        names = {"scale": "weight", "shift": "bias"}
        if spec.normalization == "batch":
            names |= {"running_mean": "running_mean", "running_variance": "running_var"}
        yields = "\n".join(f'        yield f"layer_{{number}}/{name}", layer.{its}' for name, its in names.items())
        norm = f"    for number, layer in enumerate(norm_layers, start=1):\n{yields}"
    return lines(
        "def named_tensors():",
        '    """Yield every array of the model with its name in model.npz; weights there are fan_in x fan_out."""',
        "    for number, layer in enumerate(linear_layers, start=1):",
        '        yield f"layer_{number}/weights", layer.weight.T',
        '        yield f"layer_{number}/bias", layer.bias',
        norm,
    )


def _norm_class(spec: NetworkSpec) -> str:
    """Return the class of the normalisations, empty where there are none."""
    return _NORMALIZED.get(spec.normalization, "") if spec.n_layers > 1 else ""


def _modules(settings: Settings, spec: NetworkSpec, n_rows: int) -> list[str]:
    """Return the modules of the model, inputs first."""
    modules = [f"InputNoise({settings.input_noise!r})"] if settings.input_noise else []
    modules += _switched_off(spec, 0)
    for index in range(spec.n_layers):
        layer = _layer(settings, spec, index, n_rows)
        modules += [call_text("Skip(", layer, ")")] if spec.skips(index) else layer
        modules += _switched_off(spec, index + 1)
    return modules


def _layer(settings: Settings, spec: NetworkSpec, index: int, n_rows: int) -> list[str]:
    """Return the modules of a layer, counted from 0: linear, normalisation, activation, dropout."""
    n_units = spec.sizes[index + 1]
    modules = [f"nn.Linear({spec.sizes[index]}, {n_units})"]
    is_hidden = index < spec.n_layers - 1
    if is_hidden and spec.normalization == "layer":
        modules.append(f"nn.LayerNorm({n_units})")
    if is_hidden and spec.normalization == "batch":
        frozen = ", momentum=0.0" if index + 1 in settings.freeze else ""
        modules.append(f"{_batch_norm(settings, n_rows)}({n_units}{frozen})")
    if spec.activations[index] != "identity":
        modules.append(ACTIVATIONS[spec.activations[index]])
    if is_hidden and settings.dropout_of(index):
        modules.append(f"nn.Dropout({settings.dropout_of(index)!r})")
    return modules


def _batch_norm(settings: Settings, n_rows: int) -> str:
    """Return the class of a batch normalisation: one of our own where some batches have a single row, which torch refuses."""
    if settings.normalization != "batch":
        return ""
    batch_size = n_rows if settings.batch_size == "full" else min(settings.batch_size, n_rows)
    return "BatchNorm" if batch_size == 1 or n_rows % batch_size == 1 else "nn.BatchNorm1d"


def _switched_off(spec: NetworkSpec, layer: int) -> list[str]:
    units = spec.off(layer)
    return [f"SwitchedOff({spec.sizes[layer]}, {units})"] if units else []


def _freezing(settings: Settings, spec: NetworkSpec) -> str:
    """Return the statements that keep the parameters of the frozen layers from being trained."""
    if not settings.freeze:
        return ""
    frozen = sorted(set(settings.freeze))
    layers = [f"linear_layers[{number - 1}]" for number in frozen]
    hidden = [number for number in frozen if number < spec.n_layers]
    if _norm_class(spec):
        layers += [f"norm_layers[{number - 1}]" for number in hidden]
    averages = hidden and _norm_class(spec) == "nn.BatchNorm1d"
    return lines(
        "# Frozen layers keep their running averages, too: momentum=0.0." if averages else "",
        call_text("frozen_layers = [", layers, "]"),
        "for layer in frozen_layers:",
        "    layer.requires_grad_(False)",
        "trained = [parameter for parameter in model.parameters() if parameter.requires_grad]",
    )
