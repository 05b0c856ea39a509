"""The PyTorch script of a run: what it says, that names from the data stay names, and that it repeats the run."""

from __future__ import annotations

import ast
import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.prepared import Feature, PreparedData, Target
from engine.export.pytorch import pytorch_script
from engine.network import spec_for
from engine.run import run_headless
from engine.settings import Settings, make_settings

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


def test_units_of_a_number_are_told(make_data: Any) -> None:
    script = script_for(make_data(n_classes=0))
    assert statements(script)["(TARGET_MEAN, TARGET_SCALE)"] == "(3.0, 2.0)"
    assert "CLASSES" not in script


# ---------------------------------------------------------------------- what it does

RUNS = {
    "two classes, Adam": (2, {"epochs": 40, "batch_size": 8}),
    "three classes, momentum, penalty": (3, {"epochs": 40, "optimizer": "sgd", "momentum": 0.9, "l2": 0.05, "batch_size": 8}),
    "two classes, cross-entropy": (2, {"epochs": 20, "loss": "cross_entropy", "batch_size": 8}),
    "numbers, ReLU, Adam": (0, {"epochs": 40, "activation": ("relu",), "batch_size": 8}),
    "numbers, ReLU, Adam, penalty": (0, {"epochs": 40, "activation": ("relu",), "l2": 0.1}),
    "classes by squared error, sigmoid": (
        2,
        {"epochs": 40, "loss": "mse", "output_activation": "sigmoid", "optimizer": "sgd", "learning_rate": 0.5},
    ),
    "three classes by squared error": (3, {"epochs": 20, "loss": "mse", "activation": ("sigmoid", "identity")}),
    "no hidden layer": (2, {"epochs": 40, "hidden": (), "batch_size": 8}),
    "full batch": (0, {"steps": 60, "batch_size": "full", "output_activation": "tanh"}),
    "stops inside an epoch": (2, {"steps": 33, "batch_size": 7}),
    "no step at all": (2, {"steps": 0}),
}


def losses_of_script(folder: Path) -> list[tuple[int, float]]:
    """Run the script from another folder; every line on standard output must be `step,batch_loss`."""
    done = subprocess.run(
        [sys.executable, str(folder / "train_torch.py")], capture_output=True, text=True, check=True, cwd=folder.parent
    )
    lines = [line.split(",") for line in done.stdout.splitlines()]
    return [(int(step), float(loss)) for step, loss in lines]


def losses_of_run(folder: Path) -> list[tuple[int, float]]:
    with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
        return [(int(row["step"]), float(row["batch_loss"])) for row in csv.DictReader(file) if row["batch_loss"]]


def run_both(folder: Path, data: PreparedData, settings: Settings) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    run_headless(settings, data, folder)
    return losses_of_script(folder), losses_of_run(folder)


@pytest.mark.heavy
@pytest.mark.parametrize("case", RUNS)
def test_script_repeats_the_run(tmp_path: Path, make_data: Any, case: str) -> None:
    n_classes, changes = RUNS[case]
    data = make_data(n_classes=n_classes, n_rows=30)
    found, expected = run_both(tmp_path / "run", data, make_settings(**changes))
    assert [step for step, _ in found] == list(range(1, len(expected) + 1))
    np.testing.assert_allclose([loss for _, loss in found], [loss for _, loss in expected], rtol=1e-9)


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
