"""The NumPy script of a run: that it predicts what the engine predicts, from prepared rows and from the file itself."""

from __future__ import annotations

import ast
import csv
import runpy
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.examples.catalogue import DEFAULT_EXAMPLE
from engine.data.loading import load_example, load_file
from engine.data.prepared import Feature, PreparedData, Target
from engine.export.numpy_script import numpy_script
from engine.metrics import predict, predicted_classes
from engine.network_choice import spec_for
from engine.run import run_headless
from engine.run_result import RunResult
from engine.settings import choices, make_settings

HOSTILE_NAMES = (
    "'); import os #",
    '"""\nimport os\n"""',
    "two\nlines",
    "\\",
    "{0}\r\u2028end",
    "größe",
    "\u202egnirts",
    "\udc80",
)

STANDARD = {"csv", "datetime", "json", "math", "os", "re", "sys", "pathlib"}


def script_for(data: PreparedData, **changes: Any) -> str:
    settings = make_settings(**changes)
    return numpy_script(settings, spec_for(settings, data), data)


def imports(script: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(script)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}


def run(folder: Path, data: PreparedData, **changes: Any) -> tuple[RunResult, dict[str, Any]]:
    """Train, and return the result and the names that the script defines."""
    result = run_headless(make_settings(**{"steps": 20, "batch_size": 8, **changes}), data, folder)
    return result, runpy.run_path(str(folder / "predict.py"), run_name="predict")


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script by itself, from another folder, warnings being errors."""
    line = [sys.executable, "-W", "error", str(folder / "predict.py"), *arguments]
    return subprocess.run(line, capture_output=True, text=True, encoding="utf-8", check=False, cwd=folder.parent)


# ---------------------------------------------------------------------- what it says


def test_script_imports_numpy_and_the_standard_library_only(make_data: Any) -> None:
    assert imports(script_for(make_data())) == (STANDARD - {"math", "datetime"}) | {"numpy"}
    assert imports(script_for(make_data(), activation=("gelu",))) == (STANDARD - {"datetime"}) | {"numpy"}


def test_plain_script_says_nothing_of_what_it_does_not_use(make_data: Any) -> None:
    script = script_for(make_data())
    words = ("norm", "softmax", "relu", "switched off", "days(", "levels", "+ a\n", "math")
    assert [word for word in words if word in script] == []


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_name_stays_a_name(make_data: Any, name: str) -> None:
    data = replace(
        make_data(n_inputs=1),
        name=name,
        features=(Feature(name, name),),
        target=Target(name, "classification", (name, "other")),
        preparation={"columns": {name: {"kind": "numeric", "encoding": "standardise"}}},
    )
    script = script_for(data).encode("utf-8", "backslashreplace").decode("utf-8")
    tree = ast.parse(script)
    found = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
    values = {key: ast.literal_eval(found[key]) for key in ("SOURCE", "TARGET", "CLASSES")}
    assert values == {"SOURCE": name, "TARGET": name, "CLASSES": [name, "other"]}
    harmless = replace(data, preparation={"columns": {"x": {"kind": "numeric", "encoding": "standardise"}}})
    assert len(tree.body) == len(ast.parse(script_for(harmless)).body)
    assert imports(script) == (STANDARD - {"math", "datetime"}) | {"numpy"}


@given(
    activation=st.tuples(*[st.sampled_from(choices("activation"))] * 2),
    loss=st.sampled_from(choices("loss")),
    normalization=st.sampled_from(choices("normalization")),
    skip=st.booleans(),
    n_classes=st.sampled_from([0, 2, 3]),
    kinds=st.sets(st.sampled_from([("numeric", "standardise"), ("date", "standardise"), ("category", "one-hot")])),
)
def test_any_settings_make_a_script_that_compiles(
    make_data: Any,
    activation: Any,
    loss: str,
    normalization: str,
    skip: bool,
    n_classes: int,
    kinds: set[tuple[str, str]],
) -> None:
    task = "mse" if n_classes == 0 else "cross_entropy"
    allowed = {0: ("mse", "mae", "huber"), 2: ("mse", "bce", "hinge"), 3: ("mse", "cross_entropy", "hinge")}[n_classes]
    columns = {kind: {"kind": kind, "encoding": encoding} for kind, encoding in kinds}
    data = replace(make_data(n_classes=n_classes), preparation={"columns": columns})
    chosen = loss if loss in allowed else task
    script = script_for(data, activation=activation, loss=chosen, normalization=normalization, skip=skip)
    compile(script, "predict.py", "exec")
    assert imports(script) <= STANDARD | {"numpy"}
    assert "\n\n\n\n" not in script
    assert max(len(line) for line in script.splitlines()) <= 125


# ---------------------------------------------------------------------- what it predicts

NETWORKS: dict[str, tuple[int, dict[str, Any]]] = {
    **{f"{name}": (0, {"activation": (name,)}) for name in choices("activation")},
    "batch norm, skip, hinge": (2, {"normalization": "batch", "skip": True, "loss": "hinge"}),
    "layer norm, hinge of three": (3, {"normalization": "layer", "loss": "hinge", "activation": ("gelu", "relu")}),
    "softmax, switched off": (3, {"switched_off": ((0, 2), (1, 1), (2, 8)), "skip": True}),
    "sigmoid output": (2, {"loss": "mse", "output_activation": "sigmoid"}),
    "tanh output": (0, {"output_activation": "tanh", "loss": "huber"}),
    "two outputs": (2, {"loss": "cross_entropy"}),
    "no hidden layer": (3, {"hidden": (), "normalization": "batch", "skip": True}),
    "dropout and noise are of training only": (2, {"dropout": (0.5,), "input_noise": 1.0, "normalization": "batch"}),
}


@pytest.mark.parametrize("case", NETWORKS)
def test_predictions_are_those_of_the_engine(tmp_path: Path, make_data: Any, case: str) -> None:
    n_classes, changes = NETWORKS[case]
    result, script = run(tmp_path, make_data(n_classes=n_classes, n_rows=30), **changes)
    data = result.data
    for X in (data.X_train, data.X_validation):
        expected = predict(result.spec, result.parameters, X).T
        np.testing.assert_allclose(script["predict"](X), expected, rtol=1e-12, atol=1e-14)


def test_prepared_rows_are_left_as_they_are(tmp_path: Path, make_data: Any) -> None:
    _, script = run(tmp_path, make_data(), switched_off=((0, 1),))
    X = np.ones((2, 3))
    script["predict"](X)
    assert (X == 1.0).all()


def test_single_precision_is_kept(tmp_path: Path, make_data: Any) -> None:
    result, script = run(tmp_path, make_data(), precision="float32", activation=("gelu",), normalization="layer")
    found = script["predict"](result.data.X_train)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, predict(result.spec, result.parameters, result.data.X_train).T, rtol=1e-5, atol=1e-6)


def test_large_outputs_do_not_overflow(tmp_path: Path, make_data: Any) -> None:
    for n_classes in (2, 3):
        _, script = run(tmp_path / str(n_classes), make_data(n_classes=n_classes), hidden=())
        assert np.isfinite(script["predict"](np.full((1, 3), 1e6))).all()
        assert np.isfinite(script["predict"](np.full((1, 3), -1e6))).all()


# ---------------------------------------------------------------------- what it makes of a file

TOWNS = [f"town {number}" for number in range(60)]


def cells_of_everything(n_rows: int = 400) -> list[dict[str, str]]:
    """Return rows with every kind of column, missing cells, more towns than have an input of their own, and odd spelling."""
    generator = np.random.default_rng(8)
    rows = []
    for row in range(n_rows):
        length = generator.normal(5.0, 2.0)
        rows.append(
            {
                "length": "NA" if row % 17 == 3 else f"{length:.3f}",
                "weight": f" {generator.normal(70, 9):.1f}" if row % 2 else f"{generator.normal(70, 9):.2e}",
                "colour": ("red", "green", "blue, dark", "?")[row % 4],
                "town": TOWNS[int(60 * generator.random() ** 1.5)],
                "member": ("yes", "no")[row % 3 == 0],
                "flag": ("0", "1.0", "1")[int(generator.integers(3))],
                "day": str(np.datetime64("2020-02-28") + int(generator.integers(900))).replace("-", "/" if row % 5 else "-"),
                "since": str(1990 + int(generator.integers(20))),
                "always": "same",
                "price": f"{100.0 + 8.0 * length + generator.normal():.4f}",
                "grade": "high" if length > 6 else "low" if length < 4 else 'mid "dle"',
            }
        )
    return rows


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def predicted_of_rows(result: RunResult, n_rows: int) -> NDArray[np.float64]:
    """Return the engine's own predictions in the order of the file, shape (n_rows, n_outputs)."""
    data = result.data
    outputs = np.full((n_rows, result.spec.n_outputs), np.nan)
    outputs[data.rows_train] = predict(result.spec, result.parameters, data.X_train).T
    outputs[data.rows_validation] = predict(result.spec, result.parameters, data.X_validation).T
    return outputs


FEATURES = ("length", "weight", "colour", "town", "member", "flag", "day", "since", "always")


@pytest.mark.parametrize("target", ["price", "grade", "member", "flag"])
def test_file_is_predicted_as_it_was_prepared(tmp_path: Path, target: str) -> None:
    rows = cells_of_everything()
    path = write_csv(tmp_path / "rows.csv", rows)
    settings = make_settings(target=target, features=tuple(name for name in FEATURES if name != target), steps=30, seed=1)
    data = load_file(path, settings)
    kinds = {name: constants["encoding"] for name, constants in data.preparation["columns"].items()}
    assert set(kinds.values()) == {"standardise", "one-hot", "binary", "left out"}
    assert [data.preparation["columns"][name]["kind"] for name in ("day", "since")] == ["date", "date"]
    assert data.preparation["columns"]["town"]["other"]
    result = run_headless(settings, data, tmp_path / "run")
    done = command(tmp_path / "run", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    printed = list(csv.reader(done.stdout.splitlines()))
    outputs = predicted_of_rows(result, len(rows))
    assert len(printed) == len(outputs)
    if target == "price":
        expected = outputs[:, 0] * data.target.scale + data.target.mean
        np.testing.assert_allclose([float(number) for (number,) in printed], expected, rtol=1e-12)
        return
    codes = predicted_classes(outputs.T)
    assert [name for name, _ in printed] == [data.target.classes[code] for code in codes]
    of_class = outputs[:, 0] if outputs.shape[1] == 1 else outputs.max(axis=1)
    probabilities = np.where(codes == 1, of_class, 1.0 - of_class) if outputs.shape[1] == 1 else of_class
    np.testing.assert_allclose([float(number) for _, number in printed], probabilities, rtol=1e-12)


def test_column_order_and_other_columns_do_not_matter(tmp_path: Path) -> None:
    rows = cells_of_everything()
    path = write_csv(tmp_path / "rows.csv", rows)
    settings = make_settings(target="price", features=FEATURES, steps=5)
    run_headless(settings, load_file(path, settings), tmp_path / "run")
    turned = [{"note": "x", **dict(reversed(row.items()))} for row in rows]
    for row in turned:
        del row["price"]
    other = write_csv(tmp_path / "other.csv", turned)
    assert command(tmp_path / "run", str(other)).stdout == command(tmp_path / "run", str(path)).stdout != ""


def test_file_without_names_is_read_by_position(tmp_path: Path) -> None:
    generator = np.random.default_rng(2)
    X = generator.normal(size=(50, 3))
    lines = [f"{a:.3f},{b:.3f},{c:.3f},{'up' if a + b > 0 else 'down'}" for a, b, c in X]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings = make_settings(steps=20)
    data = load_file(path, settings)
    assert {feature.column for feature in data.features} == {"column 1", "column 2", "column 3"}
    result = run_headless(settings, data, tmp_path / "run")
    printed = list(csv.reader(command(tmp_path / "run", str(path)).stdout.splitlines()))
    codes = predicted_classes(predicted_of_rows(result, 50).T)
    assert [name for name, _ in printed] == [data.target.classes[code] for code in codes]


def test_other_spelling_is_a_matter_of_the_constants(tmp_path: Path) -> None:
    rows = cells_of_everything()
    path = write_csv(tmp_path / "rows.csv", rows)
    settings = make_settings(target="price", features=("length", "weight"), steps=5)
    run_headless(settings, load_file(path, settings), tmp_path / "run")
    expected = command(tmp_path / "run", str(path)).stdout
    commas = "length;weight\n"
    commas += "".join(f"{row['length'].replace('.', ',')};{row['weight'].replace('.', ',')}\n" for row in rows)
    (tmp_path / "commas.csv").write_text(commas, encoding="latin-1")
    script = tmp_path / "run" / "predict.py"
    text = script.read_text(encoding="utf-8").replace('DELIMITER = ","', 'DELIMITER = ";"')
    script.write_text(text.replace('DECIMAL = "."', 'DECIMAL = ","').replace("utf-8-sig", "latin-1"), encoding="utf-8")
    assert command(tmp_path / "run", str(tmp_path / "commas.csv")).stdout == expected != ""


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run on a number, a category and yes or no."""
    folder = tmp_path_factory.mktemp("small")
    path = write_csv(folder / "rows.csv", cells_of_everything())
    settings = make_settings(target="grade", features=("length", "colour", "member", "day"), steps=5)
    run_headless(settings, load_file(path, settings), folder / "run")
    return folder / "run"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("length,colour,member\n1,red,yes\n", "there is no column 'day'"),
        ("length;colour;member;day\n1;red;yes;2020-01-01\n", "with the delimiter ','"),
        ("length,colour,member,day\nlong,red,yes,2020-01-01\n", "row 1, column 'length': 'long' is no number"),
        ('length,colour,member,day\n"1,5",red,yes,2020-01-01\n', "'1,5' is no number"),
        ("length,colour,member,day\ninf,red,yes,2020-01-01\n", "'inf' is no number"),
        ("length,colour,member,day\n1e999,red,yes,2020-01-01\n", "'1e999' is no number"),
        ("length,colour,member,day\n1_0,red,yes,2020-01-01\n", "'1_0' is no number"),
        ("length,colour,member,day\n1,red,yes,soon\n", "'soon' is no number and no date"),
        ("length,colour,member,day\n1,red,yes,2020-01-01\n2,red\n3\n", "2 of 3 rows do not have 4 cells"),
        ("length,colour,member,day\n", "there are no rows"),
        ("", "there are no rows"),
        ('length,colour,member,day\n1,"red,yes,2020-01-01\n', "a quotation mark is opened and never closed"),
        (b"length,colour,member,day\n1,r\xf6t,yes,2020-01-01\n", "can't decode byte"),
    ],
)
def test_file_that_can_not_be_read_is_refused_in_words(
    small_run: Path, tmp_path: Path, content: str | bytes, what: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = command(small_run, str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{path}: ")
    assert what in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_wrong_arguments_and_missing_files_are_told(small_run: Path) -> None:
    assert (command(small_run).returncode, command(small_run).stderr) == (2, "Usage: python predict.py FILE.csv\n")
    missing = command(small_run, "no-such.csv")
    assert missing.returncode == 2
    assert "No such file" in missing.stderr


def test_what_training_did_not_know_is_told(small_run: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("length,colour,member,day\n,pink,yes,\n5,red,no,2020-05-05T12:00\n", encoding="utf-8")
    done = command(small_run, str(path))
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == "Column 'colour': training knew no 'pink'; inputs are 0 in 1 row(s).\n"


def test_hostile_names_go_all_the_way(tmp_path: Path) -> None:
    names = HOSTILE_NAMES[:4]
    rows = [{names[0]: str(i % 7), names[1]: f"{i * i % 11}.5", names[3]: ("new\nline", '",')[i % 2]} for i in range(40)]
    path = write_csv(tmp_path / "rows.csv", rows)
    settings = make_settings(target=names[3], steps=5)
    data = load_file(path, settings)
    run_headless(settings, data, tmp_path / "run")
    done = command(tmp_path / "run", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    printed = list(csv.reader(StringIO(done.stdout, newline="")))
    assert len(printed) == 40
    assert {name for name, _ in printed} <= set(data.target.classes)


def test_reader_that_has_seen_enough_ends_the_script_quietly(tmp_path: Path) -> None:
    data = load_example(DEFAULT_EXAMPLE, make_settings())
    run_headless(make_settings(steps=1), data, tmp_path)
    rows = tmp_path / "rows.csv"
    rows.write_text("x1,x2\n" + "0.5,0.25\n" * 20_000, encoding="utf-8")
    script = subprocess.Popen(
        [sys.executable, str(tmp_path / "predict.py"), str(rows)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert script.stdout is not None
    script.stdout.readline()
    script.stdout.close()
    assert script.stderr is not None
    assert script.stderr.read() == b""
    script.stderr.close()
    assert script.wait() == 0
