import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import make_circles, make_moons
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import NearestNeighbors

from engine.data.errors import DataError
from engine.data.examples.catalogue import (
    DEFAULT_EXAMPLE,
    EXAMPLES,
    example_columns,
    example_data,
    example_table,
    write_example_csv,
)
from engine.data.examples.houses import AGE, BEDROOMS, DISTANCE, PRICE, SIZE
from engine.data.prepared import PreparedData
from engine.data.table import read_table
from engine.metrics import part_metrics, predict
from engine.network_choice import spec_for
from engine.settings import make_settings
from engine.trainer import Trainer

SMALL = [key for key, example in EXAMPLES.items() if example.n_rows == 400]


def learned(data: PreparedData, steps: int) -> dict[str, float]:
    """Return the metrics of the validation rows after some updates of the network the window starts with."""
    settings = make_settings(hidden=(8, 8), activation=("tanh",), optimizer="adam", learning_rate=0.03, batch_size=32)
    spec, trainer = spec_for(settings, data), Trainer(settings, data)
    for _ in range(steps):
        trainer.take_step()
    return part_metrics(data.target, predict(spec, trainer.parameters, data.X_validation), data.y_validation)


@pytest.mark.parametrize("key", SMALL)
def test_each_example_is_the_same_for_the_same_seed_and_ready_for_training(key: str) -> None:
    data, same, other = example_data(key, seed=3), example_data(key, seed=3), example_data(key, seed=4)
    assert np.array_equal(data.X_train, same.X_train)
    assert not np.array_equal(data.X_train, other.X_train)
    assert (len(data.X_train), len(data.X_validation)) == (320, 80)
    assert np.allclose(data.X_train.mean(axis=0), 0.0, atol=1e-12)
    assert np.allclose(data.X_train.std(axis=0), 1.0)
    assert data.target.task == EXAMPLES[key].task
    assert data.notes == ()
    if data.target.task == "classification":
        counts = np.bincount(data.y_train.astype(int))
        assert counts.max() - counts.min() <= 1


def test_the_default_example_is_two_moons() -> None:
    data = example_data()
    assert DEFAULT_EXAMPLE == "two_moons"
    assert [feature.name for feature in data.features] == ["x1", "x2"]
    assert (data.target.name, data.target.classes) == ("label", ("class 0", "class 1"))


@pytest.mark.parametrize(
    ("key", "inputs", "output"),
    [
        ("two_moons", [0.6089402607836322, 0.5838285476400873], 0),
        ("circles", [1.6999207935335916, 0.2448788529886971], 0),
        ("xor", [0.33404355552137327, 0.9319888077943631], 0),
        ("spirals", [0.0873471920766104, -1.0664157338062328], 0),
        ("gaussians", [-0.44530870533946354, 0.03984463175666575], 1),
        ("sine", [2.338432747668806], -0.9297693186415141),
        ("plane", [1.558955165112537, 0.22855220082490524], 1.4148574629364596),
        ("hills", [1.558955165112537, 0.22855220082490524], 0.12174670052667885),
    ],
)
def test_what_was_drawn_once_is_drawn_for_ever(key: str, inputs: list[float], output: float) -> None:
    sample = EXAMPLES[key].draw(0, 400, EXAMPLES[key].noise)
    assert sample.inputs[0] == pytest.approx(inputs, rel=1e-12)
    assert sample.outputs[0] == pytest.approx(output, rel=1e-12)


# ---------------------------------------------------------------------- shapes, against independent geometry


def test_two_moons_lie_on_those_of_scikit_learn() -> None:
    ours = EXAMPLES["two_moons"].draw(5, 300, 0.0)
    theirs, labels = make_moons(4000, noise=None)
    for label in (0, 1):
        distances, _ = (
            NearestNeighbors(n_neighbors=1).fit(theirs[labels == label]).kneighbors(ours.inputs[ours.outputs == label])
        )
        assert distances.max() < np.pi / 2000


def test_circles_surround_the_disc_as_those_of_scikit_learn() -> None:
    ours = EXAMPLES["circles"].draw(5, 400, 0.0)
    theirs, labels = make_circles(400, noise=None, factor=0.4)
    for points, outer in ((ours.inputs, ours.outputs == 0), (theirs, labels == 0)):
        radii = np.hypot(*points.T)
        assert radii[outer].min() > radii[~outer].max()
    radii = np.hypot(*ours.inputs.T)
    assert radii[ours.outputs == 1].max() <= 1.0
    assert ((radii[ours.outputs == 0] >= 1.5) & (radii[ours.outputs == 0] <= 2.0)).all()


def test_xor_is_the_sign_of_the_product() -> None:
    sample = EXAMPLES["xor"].draw(1, 300, 0.0)
    assert np.array_equal(sample.outputs == 0, sample.inputs.prod(axis=1) > 0.0)


def test_the_checkerboard_is_told_by_the_parity_of_its_squares() -> None:
    sample = EXAMPLES["checkerboard"].draw(1, 900, 0.0)
    squares = np.floor(sample.inputs + 1.5).astype(int)
    assert np.array_equal(squares.sum(axis=1) % 2, sample.outputs)
    assert (squares.min(), squares.max()) == (0, 2)
    assert len(np.unique(squares, axis=0)) == 9
    assert abs(np.bincount(sample.outputs) - 450).max() == 0


def test_spirals_grow_by_the_angle_and_lie_across_from_each_other() -> None:
    sample = EXAMPLES["spirals"].draw(2, 400, 0.0)
    radii, angles = np.hypot(*sample.inputs.T), np.arctan2(sample.inputs[:, 1], sample.inputs[:, 0])
    turned = angles - 1.5 * np.pi * radii - np.pi * sample.outputs
    assert np.allclose(np.exp(1j * turned), 1.0)


def test_clouds_have_the_spread_asked_for_around_their_centres() -> None:
    for key, corners in (("two_gaussians", 2), ("gaussians", 3)):
        sample = EXAMPLES[key].draw(0, 6000, 0.5)
        for label in range(corners):
            cloud = sample.inputs[sample.outputs == label]
            assert cloud.std(axis=0) == pytest.approx([0.5, 0.5], rel=0.05)
        still = EXAMPLES[key].draw(0, 60, 0.0).inputs
        assert len(np.unique(still.round(9), axis=0)) == corners
        assert np.ptp(np.hypot(*still.T)) < 1e-9


def test_curves_and_surfaces_are_their_formulas_and_noise_is_their_standard_deviation() -> None:
    line = EXAMPLES["sine"].draw(0, 50, 0.0)
    assert np.allclose(line.outputs, np.sin(2.0 * line.inputs[:, 0]))
    flat = EXAMPLES["plane"].draw(0, 50, 0.0)
    assert LinearRegression().fit(flat.inputs, flat.outputs).coef_ == pytest.approx([1.0, -0.5])
    surface = EXAMPLES["hills"].draw(0, 5000, 0.0)
    highest = surface.inputs[surface.outputs.argmax()]
    assert np.abs(np.abs(highest) - 1.0).max() < 0.1
    assert highest.prod() > 0.0
    for key in ("sine", "plane", "hills"):
        still, shaken = EXAMPLES[key].draw(0, 5000, 0.0), EXAMPLES[key].draw(0, 5000, 0.3)
        assert (shaken.outputs - still.outputs).std() == pytest.approx(0.3, rel=0.05)


# ---------------------------------------------------------------------- house prices


def test_house_prices_have_realistic_ranges_and_correlations() -> None:
    columns = {column.name: np.asarray(column.values) for column in example_columns("house_prices", n_rows=20_000)}
    assert tuple(columns) == (SIZE, BEDROOMS, DISTANCE, AGE, PRICE)
    ranges = {SIZE: (25, 300), BEDROOMS: (1, 7), DISTANCE: (0.2, 40), AGE: (0, 120), PRICE: (50_000, 3_000_000)}
    for name, (low, high) in ranges.items():
        assert low <= columns[name].min() <= columns[name].max() <= high
    assert 300_000 < np.median(columns[PRICE]) < 450_000
    correlation = np.corrcoef([columns[name] for name in ranges])
    assert correlation[0, 1] > 0.8  # bedrooms follow the size
    assert correlation[2, 3] < -0.2  # old buildings stand in the centre
    assert correlation[0, 4] > 0.7
    assert correlation[2, 4] < -0.2


def test_house_prices_scatter_by_ten_percent_around_their_expectation() -> None:
    still, usual = EXAMPLES["house_prices"].draw(1, 50_000, 0.0), EXAMPLES["house_prices"].draw(1, 50_000, 1.0)
    assert np.array_equal(still.inputs, usual.inputs)
    off = usual.outputs / still.outputs
    assert np.log(off).std() == pytest.approx(0.1, rel=0.02)
    assert off.mean() == pytest.approx(1.0, abs=0.002)
    wild = EXAMPLES["house_prices"].draw(1, 1000, 10.0).outputs
    assert wild.min() > 0.0
    assert np.isfinite(wild).all()


def test_the_network_explains_house_prices_nearly_as_well_as_least_squares_with_sensible_terms() -> None:
    data = example_data("house_prices", seed=1)
    assert len(data.X_train) + len(data.X_validation) == 100_000
    columns = {column.name: np.asarray(column.values) for column in data.columns}
    size, distance, age = columns[SIZE], columns[DISTANCE], columns[AGE]
    near = np.exp(-distance / 8.0)
    terms = np.column_stack([size, size * near, size * age, size * near * age, columns[BEDROOMS], size * age**2])
    fitted = LinearRegression().fit(terms[data.rows_train], columns[PRICE][data.rows_train])
    best = fitted.score(terms[data.rows_validation], columns[PRICE][data.rows_validation])
    assert 0.92 < best < 0.96
    assert learned(data, 600)["r2"] > best - 0.03


# ---------------------------------------------------------------------- learning, size, noise


@pytest.mark.parametrize(
    ("key", "least"),
    [
        ("two_moons", 0.93), ("circles", 0.97), ("xor", 0.97), ("two_gaussians", 0.93), ("gaussians", 0.93),
        ("checkerboard", 0.85), ("spirals", 0.75), ("sine", 0.85), ("plane", 0.97), ("hills", 0.9),
    ],
)  # fmt: skip
def test_the_network_of_the_first_launch_learns_every_example(key: str, least: float) -> None:
    reached = learned(example_data(key, seed=1), 600)
    assert reached["accuracy" if EXAMPLES[key].task == "classification" else "r2"] > least


@pytest.mark.parametrize("key", EXAMPLES)
@pytest.mark.parametrize("noise", [0.0, 10.0])
def test_tiny_tables_and_any_noise_can_be_prepared(key: str, noise: float) -> None:
    data = example_data(key, n_rows=10, noise=noise)
    assert (len(data.X_train), len(data.X_validation)) == (8, 2)
    assert np.isfinite(data.X_train).all()
    assert EXAMPLES[key].has_noise
    assert EXAMPLES[key].noise_meaning


def test_too_few_rows_are_refused_in_words() -> None:
    for n_rows in (0, 1):
        with pytest.raises(DataError, match="Two moons"):
            example_data(n_rows=n_rows)


def test_the_ways_of_preparing_are_passed_on() -> None:
    data = example_data("plane", validation=0.1, test=0.3, scaling="min_max", target_scaling="none", missing_indicator=True)
    assert (len(data.X_train), len(data.X_validation), len(data.X_test)) == (240, 40, 120)
    assert (data.X_train.min(), data.X_train.max()) == pytest.approx((0.0, 1.0))
    assert (data.target.mean, data.target.scale) == (0.0, 1.0)
    assert [column.name for column in data.columns] == ["x1", "x2", "y"]


def test_an_unknown_example_is_refused() -> None:
    with pytest.raises(DataError, match=r"There is no example 'moon'; choose one of two_moons, "):
        example_data("moon")


# ---------------------------------------------------------------------- as files


@pytest.mark.parametrize("key", EXAMPLES)
def test_a_written_example_reads_back_to_the_same_numbers(key: str, tmp_path: Path) -> None:
    path = tmp_path / f"{key}.csv"
    write_example_csv(key, path, n_rows=200, seed=7)
    drawn = example_columns(key, n_rows=200, seed=7)
    table = read_table(path)
    assert table.names == tuple(column.name for column in drawn)
    assert table.repairs == ()
    sample = EXAMPLES[key].draw(7, 200, EXAMPLES[key].noise)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    inputs = np.array([[float(cell) for cell in row[:-1]] for row in rows])
    assert np.array_equal(inputs, sample.inputs)
    for index, cells in enumerate(table.columns[:-1]):
        assert np.array_equal(np.asarray(cells), sample.inputs[:, index])
    if EXAMPLES[key].task == "classification":
        assert [row[-1] for row in rows] == [f"class {code}" for code in sample.outputs]
    else:
        assert np.array_equal([float(row[-1]) for row in rows], sample.outputs)


def test_rows_come_with_the_names_first() -> None:
    rows = list(example_table("house_prices", n_rows=3))
    assert rows[0] == (SIZE, BEDROOMS, DISTANCE, AGE, PRICE)
    assert len(rows) == 4
    assert all("." not in row[0] for row in rows[1:])  # whole square metres, as people write them


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        write_example_csv("sine", tmp_path / "nowhere" / "sine.csv", n_rows=10)
    assert list(tmp_path.iterdir()) == []


def test_an_example_needs_no_pandas() -> None:
    code = "import sys, engine.data.loading as l, engine.settings as s; l.load_example('two_moons', s.Settings())"
    check = "; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code + check], check=False).returncode == 0
