"""A run as a PyTorch script: readable, and true to every step of it.

The script stands beside the files of the run: rows and batches come from data.npz, the first weights from model.npz. Names from
the data are written as Python literals (repr), never as part of the code or of a comment. What a run does not use leaves no
line in its script.
"""

from __future__ import annotations

from textwrap import fill

from engine.branch import Change
from engine.data.prepared import PreparedData
from engine.export.script_text import joined, lines, list_literal
from engine.export.torch_loss import loss_constants, loss_definition, rows_of
from engine.export.torch_network import class_definitions, model_paragraph, named_tensors
from engine.export.torch_optimizer import LION, is_trained, optimizer_paragraph, schedule_of, update_constants
from engine.export.torch_training import lbfgs_function, plateau_function, training_loop
from engine.network import NetworkSpec
from engine.noise import is_random
from engine.optimizers import weight_decay_rate
from engine.settings import Settings

_WHAT = """Repeat a training run of Backprop Studio in PyTorch: the same rows, first weights, batches and updates.

It stands in the folder of the run, beside data.npz and model.npz, and needs torch and numpy:

    python train_torch.py

Prints `step,batch_loss` for every update: the mean loss of its batch before the update, without penalty."""

_EXACT = """In float64 these agree with history.csv within 1e-9 of their size. Rounding differs between libraries and training
makes the difference grow, so after tens of thousands of updates, or where a large learning rate makes the loss jump,
the two may drift apart."""

_EXACT_AT_FIRST = """In float64 these agree with history.csv within 1e-9 of their size at first. Rounding differs between
libraries and L-BFGS makes the difference grow fast, so after some dozens of updates the two may go different ways,
unless a penalty keeps them together."""

_RANDOM = (
    "NOT REPEATED EXACTLY: the random numbers of {what} are PyTorch's own and not those of the run. "
    "The losses take the course of those in history.csv, but not their digits, and the final weights differ."
)

_DECAYED_LBFGS = (
    "NOT REPEATED EXACTLY: PyTorch's L-BFGS takes what the weight decay changes between two updates for a part of its own "
    "step; the run did not. "
    "The losses take the course of those in history.csv, but not their digits, and the final weights differ."
)

_NOISY_BIASES = (
    "NOT REPEATED EXACTLY: a bias before batch normalisation has no influence, its gradient is rounding noise, and Lion makes "
    "whole steps by the sign of it. The losses agree; these biases and the running averages that follow them do not."
)

_CHANGED = (
    "ONLY THE FIRST {step} UPDATES ARE REPEATED: at step {step} the run was changed ({words}). "
    "The weights it ended with are not compared."
)

_IMPORTS = """import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn"""

_READ_FILES = """with np.load(FOLDER / "data.npz", allow_pickle=False) as file:
    data = dict(file)
with np.load(FOLDER / "model.npz", allow_pickle=False) as file:
    numbers = dict(file)"""

_BATCHES = 'batches = np.split(data["batches"], data["batch_starts"])[{which}]  # row positions, one array per update'

_FIRST_WEIGHTS = """with torch.no_grad():
    for name, tensor in named_tensors():
        tensor.copy_(torch.from_numpy(numbers[f"initial/{name}"]))"""

_END = 'print(f"{len(batches)} updates; then the run was changed: see the top of this script.", file=sys.stderr)'

_KEEP = "kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}"


def pytorch_script(
    settings: Settings,
    spec: NetworkSpec,
    data: PreparedData,
    final_step: int | None = None,
    until: Change | None = None,
) -> str:
    """Return a script (torch and numpy only) that repeats a run from the folder it stands in.

    Parameters
    ----------
    settings : Settings
        In force during the whole run, or until it was changed.
    spec : NetworkSpec
    data : PreparedData
        Its names; the numbers stay in the files.
    final_step : int, optional
        The step whose weights the run ended with, where these are not those of its last step.
    until : Change, optional
        The first change that makes the run another one; the script goes no further.
    """
    n_rows = len(data.y_train)
    return joined(
        [
            f'"""{_docstring(settings, until)}\n"""',
            _IMPORTS,
            f"FOLDER = Path(__file__).resolve().parent\nDTYPE = torch.{settings.precision}",
            _names(data),
            _constants(settings, spec, n_rows, final_step, until),
            _global_settings(settings),
            _READ_FILES,
            _rows(settings, spec, data, until),
            *class_definitions(settings, spec, n_rows),
            LION if settings.optimizer == "lion" and is_trained(settings, spec) else "",
            model_paragraph(settings, spec, n_rows),
            named_tensors(spec),
            _FIRST_WEIGHTS,
            *_training(settings, spec, data, final_step),
            _comparison(settings, final_step) if until is None else _END,
        ]
    )


def differences(settings: Settings) -> list[str]:
    """Return what the script can't repeat exactly, a sentence each; empty where it repeats everything."""
    parts = {"dropout": any(settings.dropout), "the input noise": settings.input_noise > 0.0}
    used = [part for part, is_used in parts.items() if is_used]
    found = [_RANDOM.format(what=" and of ".join(used))] if used and is_random(settings) else []
    if settings.optimizer == "lbfgs" and weight_decay_rate(settings):
        found.append(_DECAYED_LBFGS)
    if settings.optimizer == "lion" and settings.normalization == "batch":
        found.append(_NOISY_BIASES)
    return found


def _docstring(settings: Settings, until: Change | None) -> str:
    changed = [] if until is None else [_CHANGED.format(step=until.step, words=_literal_inside_docstring(until.words))]
    different = differences(settings)
    exact = _EXACT_AT_FIRST if settings.optimizer == "lbfgs" else _EXACT
    paragraphs = [fill(sentence, 118, break_long_words=False) for sentence in [*changed, *different]]
    return "\n\n".join([_WHAT, *paragraphs, *([] if different else [exact])])


def _literal_inside_docstring(words: str) -> str:
    """Return words as a Python literal that can't end the docstring it stands in."""
    return repr(words).replace('"', '\\"')


def _global_settings(settings: Settings) -> str:
    """Return the statements that set up torch itself."""
    return lines(
        "torch.set_num_threads(1)  # a network this small is slower on several",
        "torch.set_default_dtype(DTYPE)  # NAdam keeps numbers of its own in it" if settings.optimizer == "nadam" else "",
        f"torch.manual_seed({settings.seed})" if is_random(settings) else "",
    )


def _names(data: PreparedData) -> str:
    """Return what the network learned from, and what its outputs mean."""
    target = data.target
    if target.task == "regression":
        meaning = (
            f"TARGET_MEAN, TARGET_SCALE = {float(target.mean)!r}, {float(target.scale)!r}"
            "  # prediction in original units = output * TARGET_SCALE + TARGET_MEAN"
        )
    else:
        meaning = f"CLASSES = {list_literal(target.classes)}"
    return lines(
        "# What the network learned from.",
        f"SOURCE = {data.name!r}",
        f"FEATURES = {list_literal([feature.name for feature in data.features])}",
        f"TARGET = {target.name!r}",
        meaning,
    )


def _constants(settings: Settings, spec: NetworkSpec, n_rows: int, final_step: int | None, until: Change | None) -> str:
    """Return the numbers of the run; there are none for the updates where there are no updates."""
    return lines(
        update_constants(settings, n_rows) if is_trained(settings, spec) else "",
        loss_constants(spec),
        "" if final_step is None else f"FINAL_STEP = {final_step}  # the run went back to the weights it had there",
        "" if until is None else f"CHANGED_AT = {until.step}  # the step at which the run was changed",
    )


def _rows(settings: Settings, spec: NetworkSpec, data: PreparedData, until: Change | None) -> str:
    measured = schedule_of(settings) == "plateau" and len(data.y_validation) > 0 and is_trained(settings, spec)
    batches = _BATCHES.format(which="1:" if until is None else "1 : CHANGED_AT + 1")
    return lines(rows_of(spec, "train"), rows_of(spec, "validation") if measured else "", batches)


def _training(settings: Settings, spec: NetworkSpec, data: PreparedData, final_step: int | None) -> list[str]:
    """Return loss, optimizer and the loop over the batches."""
    has_validation = len(data.y_validation) > 0
    loss, loop = loss_definition(spec), training_loop(settings, spec, has_validation=has_validation)
    if final_step is not None:
        loop += f"\n    if step == FINAL_STEP:\n        {_KEEP}"
    before = _KEEP if final_step == 0 else ""
    if not is_trained(settings, spec):
        return [loss, before, loop]
    optimizer = optimizer_paragraph(settings)
    follows = schedule_of(settings) == "plateau"
    return [
        *([loss, optimizer] if loss.startswith("def ") else [lines(loss, optimizer)]),
        lbfgs_function(settings, spec) if settings.optimizer == "lbfgs" else "",
        plateau_function(spec, has_validation=has_validation) if follows else "",
        before,
        loop,
    ]


def _comparison(settings: Settings, final_step: int | None) -> str:
    """Return the lines that compare the weights reached with those of the run."""
    reached = "{len(batches)} updates; largest difference from the final weights of the run: {largest:.3g}"
    expected = 'print("This difference is expected: see the top of this script.", file=sys.stderr)'
    return lines(
        "" if final_step is None else "model.load_state_dict(kept)",
        "largest = 0.0",
        "with torch.no_grad():",
        "    for name, tensor in named_tensors():",
        '        theirs = torch.from_numpy(numbers[f"final/{name}"])',
        "        largest = max(largest, (tensor - theirs).abs().max().item())",
        f'print(f"{reached}", file=sys.stderr)',
        expected if differences(settings) else "",
    )
