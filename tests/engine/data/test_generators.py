import subprocess
import sys

import numpy as np
import pytest

from engine.data.errors import DataError
from engine.data.generators import DEFAULT_EXAMPLE, EXAMPLES, example_data


@pytest.mark.parametrize("key", EXAMPLES)
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


def test_size_and_noise_can_be_chosen() -> None:
    still = EXAMPLES["sine"].draw(0, 50, 0.0)
    assert np.allclose(still.outputs, np.sin(2.0 * still.inputs[:, 0]))
    assert len(example_data("sine", n_rows=50, noise=0.0).X_train) == 40


def test_an_unknown_example_is_refused() -> None:
    with pytest.raises(DataError, match=r"There is no example 'moon'; choose one of two_moons, "):
        example_data("moon")


def test_an_example_needs_no_pandas() -> None:
    code = "import sys, engine.data.loading as l, engine.settings as s; l.load_example('two_moons', s.Settings())"
    check = "; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code + check], check=False).returncode == 0
