"""The PyTorch script of a run: what it says, that names from the data stay names, and that it repeats the run."""

from __future__ import annotations

import ast
import csv
import runpy
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.branch import Change
from engine.data.prepared import Feature, PreparedData, Target
from engine.export.pytorch import pytorch_script
from engine.history import History
from engine.network_choice import spec_for
from engine.results.folder import write_results
from engine.run import run_headless
from engine.run_result import result_where_it_stands
from engine.settings import Settings, SettingsError, choices, make_settings
from engine.trainer import Trainer

HOSTILE_NAMES = (
    "'); import os #",
    '"""\nimport os\n"""',
    "two\nlines",
    "\\",
    "${layers}$",
    "{0}\r\u2028end",
    "größe",
    "\u202egnirts",
    "\udc80",
)


def script_for(data: PreparedData, **changes: Any) -> str:
    settings = make_settings(**changes)
    return pytorch_script(settings, spec_for(settings, data), data)


def statements(script: str) -> dict[str, str]:
    """Return the source of every assignment at the top level by the name assigned to; the script compiles if this returns."""
    tree = ast.parse(script)
    compile(script, "train_torch.py", "exec")
    return {ast.unparse(node.targets[0]): ast.unparse(node.value) for node in tree.body if isinstance(node, ast.Assign)}


def imports(script: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(script)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}


# ---------------------------------------------------------------------- what it says


def test_script_imports_torch_and_numpy_only(make_data: Any) -> None:
    assert imports(script_for(make_data())) == {"sys", "pathlib", "numpy", "torch"}


@pytest.mark.parametrize(
    ("n_classes", "changes", "layers"),
    [
        (2, {"hidden": (5,)}, "Linear(3, 5) Tanh Linear(5, 1)"),
        (3, {"hidden": ()}, "Linear(3, 3)"),
        (0, {"hidden": (4, 3), "activation": ("relu", "sigmoid")}, "Linear(3, 4) ReLU Linear(4, 3) Sigmoid Linear(3, 1)"),
        (0, {"hidden": (4,), "activation": ("identity",), "output_activation": "tanh"}, "Linear(3, 4) Linear(4, 1) Tanh"),
    ],
)
def test_layers_are_those_of_the_network(make_data: Any, n_classes: int, changes: dict[str, Any], layers: str) -> None:
    model = statements(script_for(make_data(n_classes=n_classes), **changes))["model"]
    modules = ast.parse(model, mode="eval").body.func.value.args
    assert " ".join(ast.unparse(module).removeprefix("nn.").removesuffix("()") for module in modules) == layers


@pytest.mark.parametrize(
    ("n_classes", "loss", "module"),
    [(0, "auto", "MSELoss"), (2, "auto", "BCEWithLogitsLoss"), (3, "auto", "CrossEntropyLoss"), (3, "mse", "MSELoss")],
)
def test_loss_is_that_of_the_run(make_data: Any, n_classes: int, loss: str, module: str) -> None:
    assert statements(script_for(make_data(n_classes=n_classes), loss=loss))["loss_function"] == f"nn.{module}()"


def test_hyper_parameters_keep_every_digit(make_data: Any) -> None:
    sgd = statements(script_for(make_data(), optimizer="sgd", momentum=0.9, learning_rate=1 / 3, l2=0.1 + 0.2))
    assert (float(sgd["LEARNING_RATE"]), float(sgd["MOMENTUM"]), float(sgd["L2"])) == (1 / 3, 0.9, 0.1 + 0.2)
    adam = statements(script_for(make_data(), precision="float32"))
    assert (adam["BETAS"], float(adam["EPSILON"]), adam["DTYPE"]) == ("(0.9, 0.999)", 1e-8, "torch.float32")
    assert "L2" not in adam


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_name_stays_a_name(make_data: Any, name: str) -> None:
    target = Target(name, "classification", (name, "other"))
    data = replace(make_data(n_inputs=1), name=name, features=(Feature(name, name),), target=target)
    script = script_for(data)
    harmless = script_for(make_data(n_inputs=1))
    found = statements(script.encode("utf-8", "backslashreplace").decode("utf-8"))
    values = {key: ast.literal_eval(found[key]) for key in ("SOURCE", "FEATURES", "TARGET", "CLASSES")}
    assert values == {"SOURCE": name, "FEATURES": [name], "TARGET": name, "CLASSES": [name, "other"]}
    assert imports(script) == imports(harmless)
    assert len(ast.parse(script).body) == len(ast.parse(harmless).body)


def test_many_names_stand_one_per_line(make_data: Any) -> None:
    script = script_for(make_data(n_inputs=40))
    assert max(len(line) for line in script.splitlines()) <= 120
    assert ast.literal_eval(statements(script)["FEATURES"]) == [f"x{i + 1}" for i in range(40)]


def test_plain_script_is_short_and_says_nothing_of_what_it_does_not_use(make_data: Any) -> None:
    script = script_for(make_data())
    assert len(script.splitlines()) <= 85
    words = (
        "scheduler",
        "clip",
        "penalty =",
        "norm_layers",
        "class ",
        "trained",
        "kept",
        "manual_seed",
        "decay",
        "NOT REPEATED",
    )
    assert [word for word in words if word in script] == []


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"optimizer": "sgd"}, "optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)"),
        (
            {"optimizer": "sgd", "momentum": 0.5, "nesterov": True},
            "optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM, nesterov=True)",
        ),
        ({"optimizer": "adamw"}, "WEIGHT_DECAY = 0.01"),
        ({"optimizer": "adam", "weight_decay": 0.1}, "optimizer = torch.optim.AdamW("),
        ({"optimizer": "rmsprop", "rho": 0.75}, "RHO = 0.75"),
        ({"optimizer": "lion"}, "class Lion(torch.optim.Optimizer):"),
        ({"optimizer": "lion", "weight_decay": 0.1}, "            parameter.mul_(1 - LEARNING_RATE * WEIGHT_DECAY)"),
        ({"clip_norm": 2.0}, "    torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)"),
        ({"clip_value": 2.0, "freeze": (1,)}, "    torch.nn.utils.clip_grad_value_(trained, CLIP_VALUE)"),
        ({"schedule": "one_cycle"}, "    if step < PERIOD:  # from there on the rate stays at its last"),
        ({"schedule": "plateau"}, "        scheduler.step(evaluation_loss())"),
        ({"schedule": "plateau"}, "PERIOD = 10  # epochs without a better loss"),
        ({"schedule": "cosine"}, "PERIOD = 1000  # updates"),
        ({"skip": True, "hidden": (4, 4)}, "    Skip(nn.Linear(4, 4), nn.Tanh()),"),
        ({"normalization": "batch", "batch_size": 7}, "    nn.BatchNorm1d(8),"),
        ({"normalization": "batch", "batch_size": 19}, "    BatchNorm(8),"),
        ({"normalization": "batch", "freeze": (2,)}, "    nn.BatchNorm1d(8, momentum=0.0),"),
        ({"switched_off": ((0, 2), (1, 8))}, "    SwitchedOff(8, [7]),"),
        ({"dropout": (0.25,)}, "    nn.Dropout(0.25),"),
        ({"input_noise": 0.5}, "    InputNoise(0.5),"),
        ({"l1": 0.1, "l2": 0.2}, "    penalty += L1 * sum(layer.weight.abs().sum() for layer in linear_layers)"),
    ],
)
def test_what_is_used_has_its_line(make_data: Any, changes: dict[str, Any], line: str) -> None:
    assert line in script_for(make_data(), **changes).splitlines()


def test_plateau_that_changes_nothing_is_no_schedule(make_data: Any) -> None:
    assert "scheduler" not in script_for(make_data(), schedule="plateau", schedule_factor=1.0)  # torch refuses this factor


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"dropout": (0.1,)}, "random numbers of dropout are"),
        ({"input_noise": 0.1}, "random numbers of the input noise are"),
        ({"dropout": (0.1,), "input_noise": 0.1}, "random numbers of dropout and of the input noise are"),
        ({"optimizer": "lbfgs", "batch_size": "full", "weight_decay": 0.1}, "weight decay"),
        ({"optimizer": "lion", "normalization": "batch"}, "Lion"),
    ],
)
def test_what_is_not_repeated_exactly_stands_at_the_top(make_data: Any, changes: dict[str, Any], word: str) -> None:
    script = script_for(make_data(), **changes)
    top = " ".join(str(ast.get_docstring(ast.parse(script))).split())
    assert "NOT REPEATED EXACTLY" in top
    assert word in top
    assert "agree with history.csv" not in top
    assert script.rstrip().endswith('print("This difference is expected: see the top of this script.", file=sys.stderr)')


@pytest.mark.parametrize("words", [*HOSTILE_NAMES, "learning rate 0.01 to 0.03", "'\"", "a\\", 'a"', '\\"""', "x" * 300])
@pytest.mark.parametrize("changes", [{}, {"dropout": (0.1,)}])
def test_script_of_a_changed_run_says_at_its_top_where_it_ends(make_data: Any, words: str, changes: dict[str, Any]) -> None:
    data, settings = make_data(), make_settings(**changes)
    spec = spec_for(settings, data)
    script, harmless = (
        pytorch_script(settings, spec, data, until=Change(1234, settings, text)) for text in (words, "learning rate")
    )
    found = ast.parse(script.encode("utf-8", "backslashreplace").decode("utf-8"))
    top = " ".join(str(ast.get_docstring(found)).split())
    assert "ONLY THE FIRST 1234 UPDATES ARE REPEATED: at step 1234 the run was changed (" in top
    assert " ".join(words.split()) in top
    assert len(found.body) == len(ast.parse(harmless).body)
    assert [ast.dump(node) for node in found.body[1:]] == [ast.dump(node) for node in ast.parse(harmless).body[1:]]
    assert "final/" not in script
    assert "largest" not in script


def layer_values(*values: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), min_size=2, max_size=2).map(tuple)


ANY_SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    **{
        name: st.sampled_from(choices(name))
        for name in ("loss", "output_activation", "normalization", "optimizer", "schedule", "precision")
    },
    "activation": layer_values(*choices("activation")),
    "hidden": layer_values(3, 4),
    "dropout": layer_values(0.0, 0.5),
    "batch_size": st.sampled_from([7, 19, 100, "full"]),
    "freeze": st.sets(st.sampled_from([1, 2, 3])).map(tuple),
    "switched_off": st.sets(st.sampled_from([(0, 1), (1, 2), (2, 3)])).map(tuple),
    **{name: st.booleans() for name in ("skip", "class_weights", "amsgrad")},
    **{name: st.sampled_from([0.0, 0.1]) for name in ("l1", "l2", "label_smoothing", "input_noise", "momentum")},
    **{name: st.sampled_from([None, 0.1]) for name in ("weight_decay", "clip_norm", "clip_value")},
}


@given(changes=st.fixed_dictionaries({}, optional=ANY_SETTINGS), n_classes=st.sampled_from([0, 2, 3]))
def test_any_settings_make_a_script_that_compiles(make_data: Any, changes: dict[str, Any], n_classes: int) -> None:
    try:
        script = script_for(make_data(n_classes=n_classes), **changes)
    except SettingsError:
        return  # these do not go together
    statements(script)
    assert imports(script) == {"sys", "pathlib", "numpy", "torch"}
    assert "\n\n\n\n" not in script
    assert max(len(line) for line in script.splitlines()) <= 125


def test_units_of_a_number_are_told(make_data: Any) -> None:
    script = script_for(make_data(n_classes=0))
    assert statements(script)["(TARGET_MEAN, TARGET_SCALE)"] == "(3.0, 2.0)"
    assert "CLASSES" not in script


# ---------------------------------------------------------------------- what it does

RUNS = {
    "two classes, Adam": (2, {"epochs": 40, "batch_size": 8}),
    "three classes, momentum, penalty": (3, {"epochs": 40, "optimizer": "sgd", "momentum": 0.9, "l2": 0.05, "batch_size": 8}),
    "numbers, ReLU, Adam, penalty": (0, {"epochs": 40, "activation": ("relu",), "l2": 0.1}),
    "classes by squared error, sigmoid": (
        2,
        {"epochs": 40, "loss": "mse", "output_activation": "sigmoid", "optimizer": "sgd", "learning_rate": 0.5},
    ),
    "three classes by squared error": (3, {"epochs": 20, "loss": "mse", "activation": ("sigmoid", "identity")}),
    "no hidden layer": (2, {"epochs": 40, "hidden": (), "batch_size": 8, "normalization": "batch", "skip": True}),
    "full batch": (0, {"steps": 60, "batch_size": "full", "output_activation": "tanh"}),
    "stops inside an epoch": (2, {"steps": 33, "batch_size": 7}),
    "no step at all": (2, {"steps": 0}),
    "every layer frozen": (2, {"steps": 20, "freeze": (1, 2, 3), "schedule": "plateau", "clip_norm": 1.0}),
}
"""Small ones, for the forms a run can have."""

FULL_RUNS: dict[str, tuple[int, dict[str, Any]]] = {
    "batch norm and a rest of one row, skip, momentum, step, clip by norm": (
        2,
        {
            "hidden": (6, 6, 6),
            "normalization": "batch",
            "skip": True,
            "optimizer": "sgd",
            "momentum": 0.8,
            "learning_rate": 0.05,
            "schedule": "step",
            "schedule_period": 45,
            "schedule_factor": 0.5,
            "clip_norm": 0.3,
        },
    ),
    "layer norm, GELU and SiLU, Nesterov, cosine to its end, weighted and smoothed classes": (
        3,
        {
            "hidden": (5, 7, 7),
            "activation": ("gelu", "silu", "gelu_tanh"),
            "normalization": "layer",
            "skip": True,
            "class_weights": True,
            "label_smoothing": 0.2,
            "optimizer": "sgd",
            "momentum": 0.9,
            "nesterov": True,
            "schedule": "cosine",
            "schedule_period": 130,
        },
    ),
    "Huber, ELU and SELU, Adagrad, exponential, L1 and L2, an input switched off": (
        0,
        {
            "loss": "huber",
            "huber_delta": 0.4,
            "activation": ("elu", "selu"),
            "optimizer": "adagrad",
            "learning_rate": 0.1,
            "schedule": "exponential",
            "schedule_period": 50,
            "l1": 0.003,
            "l2": 0.01,
            "switched_off": ((0, 2),),
        },
    ),
    "absolute error, softplus and leaky ReLU, RMSprop with momentum, warm restarts, clip by value": (
        0,
        {
            "loss": "mae",
            "activation": ("softplus", "leaky_relu"),
            "optimizer": "rmsprop",
            "momentum": 0.5,
            "rho": 0.9,
            "learning_rate": 0.003,
            "schedule": "warm_restarts",
            "schedule_period": 33,
            "clip_value": 0.05,
        },
    ),
    "smoothed labels, Adadelta with decay, warm-up": (
        2,
        {
            "label_smoothing": 0.1,
            "optimizer": "adadelta",
            "learning_rate": 1.0,
            "weight_decay": 0.02,
            "schedule": "warm_up",
            "schedule_period": 60,
        },
    ),
    "hinge, class weights, AMSGrad, one cycle to its end": (
        2,
        {
            "loss": "hinge",
            "class_weights": True,
            "amsgrad": True,
            "beta_2": 0.9,
            "schedule": "one_cycle",
            "schedule_period": 150,
            "schedule_factor": 0.2,
        },
    ),
    "hinge of three classes, AdamW, plateau, batch norm, the first layer frozen": (
        3,
        {
            "loss": "hinge",
            "optimizer": "adamw",
            "weight_decay": 0.1,
            "learning_rate": 0.05,
            "schedule": "plateau",
            "schedule_period": 2,
            "schedule_factor": 0.6,
            "normalization": "batch",
            "freeze": (1,),
            "clip_norm": 0.5,
            "batch_size": 8,
        },
    ),
    "weighted classes by squared error, NAdam with decay, units switched off": (
        3,
        {
            "loss": "mse",
            "class_weights": True,
            "optimizer": "nadam",
            "weight_decay": 0.1,
            "activation": ("sigmoid", "tanh"),
            "switched_off": ((1, 3), (1, 8), (2, 1)),
            "skip": True,
        },
    ),
    "cross-entropy of two classes, Lion with decay, step, both clips": (
        2,
        {
            "loss": "cross_entropy",
            "optimizer": "lion",
            "weight_decay": 0.5,
            "learning_rate": 0.003,
            "schedule": "step",
            "schedule_period": 70,
            "clip_norm": 1.0,
            "clip_value": 0.1,
        },
    ),
    "full-batch L-BFGS, penalty": (
        0,
        # without a penalty this strong its way along flat valleys is decided by rounding
        {"hidden": (4, 4), "optimizer": "lbfgs", "batch_size": "full", "learning_rate": 1.0, "l2": 0.2},
    ),
    "full-batch L-BFGS, weighted classes, layer norm, a frozen layer, exponential": (
        3,
        {
            "hidden": (5,),
            "optimizer": "lbfgs",
            "batch_size": "full",
            "l1": 0.01,
            "l2": 0.1,
            "class_weights": True,
            "freeze": (1,),
            "schedule": "exponential",
            "schedule_period": 100,
            "schedule_factor": 0.5,
            "learning_rate": 1.0,
        },
    ),
    "Lion with batch norm: the losses agree, though biases without influence differ": (
        2,
        {"normalization": "batch", "optimizer": "lion", "learning_rate": 0.001, "batch_size": 8},
    ),
    "weighted cross-entropy with logits, SGD with decay, the output layer frozen, warm-up": (
        2,
        {
            "class_weights": True,
            "optimizer": "sgd",
            "learning_rate": 0.2,
            "weight_decay": 0.01,
            "schedule": "warm_up",
            "schedule_period": 100,
            "freeze": (3,),
            "l2": 0.01,
        },
    ),
}
"""200 updates each; together every optimizer, schedule, loss, norm and activation."""


def run_script(folder: Path) -> tuple[str, str]:
    """Return what the script prints and what it says besides, run in this process: torch is loaded once for all."""
    printed, said = StringIO(), StringIO()
    with redirect_stdout(printed), redirect_stderr(said):
        runpy.run_path(str(folder / "train_torch.py"), run_name="__main__")
    return printed.getvalue(), said.getvalue()


def losses_of_script(folder: Path) -> list[tuple[int, float]]:
    """Run the script; every line it prints must be `step,batch_loss`."""
    printed, _ = run_script(folder)
    lines = [line.split(",") for line in printed.splitlines()]
    return [(int(step), float(loss)) for step, loss in lines]


def losses_of_run(folder: Path) -> list[tuple[int, float]]:
    with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
        return [(int(row["step"]), float(row["batch_loss"])) for row in csv.DictReader(file) if row["batch_loss"]]


def run_both(folder: Path, data: PreparedData, settings: Settings) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    run_headless(settings, data, folder)
    return losses_of_script(folder), losses_of_run(folder)


def differences(found: Sequence[tuple[int, float]], expected: Sequence[tuple[int, float]]) -> float:
    """Return the largest difference of two runs' losses, relative to their size."""
    assert [step for step, _ in found] == [step for step, _ in expected] == list(range(1, len(expected) + 1))
    mine, theirs = (np.array([loss for _, loss in run]) for run in (found, expected))
    both_zero = (mine == 0.0) & (theirs == 0.0)  # as a hinge loss becomes
    return float(np.max(np.abs(mine - theirs) / np.where(both_zero, 1.0, np.abs(theirs)), initial=0.0))


@pytest.mark.heavy
@pytest.mark.parametrize("case", RUNS)
def test_script_repeats_the_run(tmp_path: Path, make_data: Any, case: str) -> None:
    n_classes, changes = RUNS[case]
    data = make_data(n_classes=n_classes, n_rows=30)
    assert differences(*run_both(tmp_path / "run", data, make_settings(**changes))) <= 1e-9


@pytest.mark.heavy
@pytest.mark.parametrize("case", FULL_RUNS)
def test_script_repeats_200_updates_of_anything(tmp_path: Path, make_data: Any, case: str) -> None:
    n_classes, changes = FULL_RUNS[case]
    data = make_data(n_classes=n_classes, n_rows=29)  # batches of 7 leave one row over
    history = History(Trainer(make_settings(**{"batch_size": 7, **changes}), data))
    history.advance(200)  # without the rules that end a run: L-BFGS converges before
    found, expected, _ = exported(tmp_path, history)
    assert len(found) == 200
    assert differences(found, expected) <= 1e-9


def test_the_long_runs_use_everything() -> None:
    used = [make_settings(**{"steps": 200, "batch_size": 7, **changes}) for _, changes in FULL_RUNS.values()]
    for name in ("optimizer", "schedule", "normalization"):
        assert {getattr(settings, name) for settings in used} == set(choices(name))
    assert {name for settings in used for name in settings.activation} >= set(choices("activation")) - {"identity", "relu"}
    losses = {loss for settings in used for loss in [settings.loss]}
    assert losses == set(choices("loss")) - {"bce"}  # which is what auto comes to with two classes


@pytest.mark.heavy
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_script_follows_the_training_loss_where_there_is_no_other(tmp_path: Path, make_data: Any, precision: str) -> None:
    data = make_data(n_classes=0, n_rows=29, n_validation=0)
    settings = make_settings(
        steps=200,
        batch_size=7,
        optimizer="sgd",
        learning_rate=0.3,
        schedule="plateau",
        schedule_period=1,
        normalization="batch",
        precision=precision,
    )
    tolerance = 1e-9 if precision == "float64" else 1e-3
    assert differences(*run_both(tmp_path / "run", data, settings)) <= tolerance


@pytest.mark.heavy
def test_script_with_random_numbers_trains_all_the_same(tmp_path: Path, make_data: Any) -> None:
    settings = make_settings(steps=200, batch_size=7, dropout=(0.2,), input_noise=0.1, normalization="batch", skip=True)
    found, expected = run_both(tmp_path / "run", make_data(n_rows=29), settings)
    assert [step for step, _ in found] == [step for step, _ in expected]
    assert differences(found, expected) > 1e-3
    first, last = (np.mean([loss for _, loss in part]) for part in (found[:20], found[-20:]))
    assert last < 0.9 * first


@pytest.mark.heavy
def test_script_runs_by_itself_from_anywhere(tmp_path: Path, make_data: Any) -> None:
    run_headless(make_settings(epochs=3), make_data(), tmp_path / "run")
    script = str(tmp_path / "run" / "train_torch.py")
    done = subprocess.run([sys.executable, "-W", "error", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    printed, said = run_script(tmp_path / "run")
    assert (done.stdout, done.stderr) == (printed, said)
    assert len(printed.splitlines()) == 3
    assert said.startswith("3 updates; largest difference from the final weights of the run:")


@pytest.mark.heavy
@pytest.mark.parametrize("final_step", [0, 13, 33])
def test_script_goes_back_to_the_best_step(tmp_path: Path, make_data: Any, final_step: int) -> None:
    data, settings = make_data(), make_settings(steps=33, batch_size=7, normalization="batch", optimizer="sgd")
    result = run_headless(settings, data, tmp_path)
    trainer = Trainer(settings, data)
    for _ in range(final_step):
        trainer.take_step()
    with np.load(tmp_path / "model.npz") as file:
        arrays = dict(file)
    for block in result.spec.blocks:
        arrays[f"final/{block.name}"] = trainer.parameters[block.start : block.stop].reshape(block.shape)
    np.savez(tmp_path / "model.npz", **arrays)
    script = pytorch_script(result.settings, result.spec, data, final_step=final_step)
    (tmp_path / "train_torch.py").write_text(script, encoding="utf-8")
    _, said = run_script(tmp_path)
    assert float(said.split(":")[1]) < 1e-12


@pytest.mark.heavy
def test_script_of_a_run_whose_patience_ran_out_compares_its_best_weights(tmp_path: Path, make_data: Any) -> None:
    result = run_headless(make_settings(epochs=200, batch_size=7, patience=3), make_data(n_rows=29), tmp_path)
    assert 0 < result.history.step < result.history.last_step
    printed, said = run_script(tmp_path)
    assert len(printed.splitlines()) == result.history.last_step
    assert float(said.split(":")[1]) < 1e-12


def exported(folder: Path, history: History) -> tuple[list[tuple[int, float]], list[tuple[int, float]], str]:
    """Export a run where it stands; return the losses of its script, those of its history, and what the script says besides."""
    write_results(result_where_it_stands(history), folder)
    printed, said = run_script(folder)
    lines = [line.split(",") for line in printed.splitlines()]
    return [(int(step), float(loss)) for step, loss in lines], losses_of_run(folder), said


CHANGED: dict[str, tuple[dict[str, Any], list[tuple[int, float]]]] = {
    "learning rate": ({"learning_rate": 0.2}, []),
    "batch size": ({"batch_size": 4}, []),
    "another optimizer": ({"optimizer": "sgd"}, []),
    "a unit switched off": ({"switched_off": ((1, 2),)}, []),
    "a weight put in": ({}, [(0, 0.5)]),
}


@pytest.mark.heavy
@pytest.mark.parametrize("case", CHANGED)
def test_script_of_a_changed_run_repeats_it_up_to_there(tmp_path: Path, make_data: Any, case: str) -> None:
    changes, edits = CHANGED[case]
    settings = make_settings(batch_size=7, normalization="batch", schedule="plateau", schedule_period=1)
    history = History(Trainer(settings, make_data(n_rows=29)))
    history.advance(33)
    history.change(make_settings(settings, **changes), edits)
    history.advance(20)
    found, expected, said = exported(tmp_path, history)
    assert (len(found), len(expected)) == (33, 53)
    assert differences(found, expected[:33]) <= 1e-9
    assert said == "33 updates; then the run was changed: see the top of this script.\n"


@pytest.mark.heavy
def test_script_of_a_run_gone_back_in_ends_with_its_weights(tmp_path: Path, make_data: Any) -> None:
    settings = make_settings(batch_size=7)
    history = History(Trainer(settings, make_data(n_rows=29)))
    history.advance(20)
    history.change(make_settings(settings, learning_rate=0.2))
    history.advance(33)
    history.go_to(13)
    found, expected, said = exported(tmp_path, history)
    assert len(found) == 13
    assert differences(found, expected) <= 1e-9
    assert float(said.split(":")[1]) < 1e-12


@pytest.mark.heavy
def test_script_repeats_a_run_whose_length_was_changed_and_first_weights_put_in(tmp_path: Path, make_data: Any) -> None:
    settings = make_settings(batch_size=7, optimizer="sgd", momentum=0.9)
    history = History(Trainer(settings, make_data(n_rows=29)))
    faster = make_settings(settings, learning_rate=0.2)
    history.change(faster, [(0, 0.5)])
    history.advance(20)
    history.change(make_settings(faster, epochs=50, patience=9))  # which no update depends on
    history.advance(33)
    found, expected, said = exported(tmp_path, history)
    assert len(found) == 53
    assert differences(found, expected) <= 1e-9
    assert float(said.split(":")[1]) < 1e-12


@pytest.mark.heavy
def test_script_repeats_a_float32_run_as_far_as_its_digits_go(tmp_path: Path, make_data: Any) -> None:
    settings = make_settings(precision="float32", epochs=20, batch_size=8)
    found, expected = run_both(tmp_path / "run", make_data(n_rows=30), settings)
    assert len(found) == 80
    np.testing.assert_allclose([loss for _, loss in found], [loss for _, loss in expected], rtol=1e-4)


@pytest.mark.heavy
def test_script_with_hostile_names_runs(tmp_path: Path, make_data: Any) -> None:
    names = HOSTILE_NAMES[:3]
    data = replace(
        make_data(), features=tuple(Feature(name, name) for name in names), target=Target("a'b", "classification", ("\n", '"'))
    )
    found, expected = run_both(tmp_path / "run", data, make_settings(steps=5))
    np.testing.assert_allclose(found, expected, rtol=1e-9)
