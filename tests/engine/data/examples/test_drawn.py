import numpy as np
import pytest

from engine.data.errors import DataError
from engine.data.examples.drawn import MOST_CLASSES, NAME, DrawnPoints, drawn_data
from engine.network_choice import spec_for
from engine.settings import make_settings
from engine.trainer import Trainer

SETTINGS = make_settings(validation=0.25, hidden=(4,))


def two_clouds(n: int = 40, labels: tuple[int, int] = (0, 1)) -> DrawnPoints:
    generator = np.random.default_rng(0)
    points = np.concatenate([generator.normal(-1.0, 0.3, (n, 2)), generator.normal(1.0, 0.3, (n, 2))])
    return DrawnPoints("classes", points, np.repeat(labels, n))


def a_curve(n: int = 30) -> DrawnPoints:
    x = np.linspace(-2.0, 2.0, n)
    return DrawnPoints("curve", np.column_stack([x, np.sin(x)]), np.zeros(n, dtype=int))


def test_points_are_copied_and_read_only() -> None:
    points, labels = np.zeros((3, 2)), np.array([0, 1, 1])
    drawn = DrawnPoints("classes", points, labels)
    points[0], labels[0] = 9.0, 5
    assert drawn.points[0].tolist() == [0.0, 0.0]
    assert drawn.labels.tolist() == [0, 1, 1]
    for array in (drawn.points, drawn.labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize(
    ("points", "labels", "words"),
    [
        (np.zeros((3, 3)), np.zeros(3), "no drawing"),
        (np.zeros((3, 2)), np.zeros(2), "no drawing"),
        (np.array([[0.0, np.nan]]), np.zeros(1), "not finite"),
        (np.zeros((1, 2)), np.array([MOST_CLASSES]), "another class"),
        (np.zeros((1, 2)), np.array([-1]), "another class"),
    ],
)
def test_what_is_no_drawing_is_refused_in_words(points: np.ndarray, labels: np.ndarray, words: str) -> None:
    with pytest.raises(DataError, match=words):
        DrawnPoints("classes", points, labels)


def test_classes_become_a_table_with_two_inputs_and_a_label() -> None:
    data = drawn_data(two_clouds(), SETTINGS)
    assert data.name == NAME == "Drawn points"
    assert [feature.name for feature in data.features] == ["x1", "x2"]
    assert (data.target.name, data.target.task, data.target.classes) == ("label", "classification", ("class 1", "class 2"))
    assert (len(data.X_train), len(data.X_validation)) == (60, 20)
    assert [column.name for column in data.columns] == ["x1", "x2", "label"]
    restored = data.X_train * [feature.scale for feature in data.features] + [feature.mean for feature in data.features]
    np.testing.assert_allclose(restored, two_clouds().points[data.rows_train])
    assert np.array_equal(data.y_train, two_clouds().labels[data.rows_train])


def test_classes_keep_the_number_of_their_key() -> None:
    assert drawn_data(two_clouds(labels=(2, 5)), SETTINGS).target.classes == ("class 3", "class 6")
    six = DrawnPoints("classes", np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 6)
    data = drawn_data(six, SETTINGS)
    assert data.target.classes == tuple(f"class {key}" for key in range(1, 7))
    assert np.array_equal(data.y_train, six.labels[data.rows_train])


def test_a_curve_becomes_a_regression() -> None:
    data = drawn_data(a_curve(), SETTINGS)
    assert [feature.name for feature in data.features] == ["x"]
    assert (data.target.name, data.target.task) == ("y", "regression")
    y = data.y_train * data.target.scale + data.target.mean
    np.testing.assert_allclose(y, np.sin(a_curve().points[data.rows_train, 0]))


def test_a_network_learns_what_was_drawn() -> None:
    for drawn in (two_clouds(), a_curve()):
        settings = make_settings(SETTINGS, learning_rate=0.03, optimizer="adam")
        data = drawn_data(drawn, settings)
        assert spec_for(settings, data).n_inputs == data.n_features
        trainer = Trainer(settings, data)
        before = trainer.measure().train_loss
        for _ in range(200):
            trainer.take_step()
        assert trainer.measure().train_loss < 0.2 * before


def test_split_and_scaling_follow_the_settings() -> None:
    settings = make_settings(SETTINGS, test=0.25, scaling="none")
    data = drawn_data(two_clouds(), settings)
    assert (len(data.X_train), len(data.X_validation), len(data.X_test)) == (40, 20, 20)
    np.testing.assert_array_equal(data.X_test, two_clouds().points[data.rows_test])


def test_features_and_target_of_the_settings_are_taken() -> None:
    assert [f.name for f in drawn_data(two_clouds(), make_settings(features=("x2",))).features] == ["x2"]
    data = drawn_data(two_clouds(), make_settings(target="x2", features=("x1",)))
    assert (data.target.name, data.target.task) == ("x2", "regression")
    with pytest.raises(DataError, match="no column 'z'"):
        drawn_data(two_clouds(), make_settings(target="z"))


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (DrawnPoints("classes", np.zeros((0, 2)), np.zeros(0)), "draw points of two classes"),
        (DrawnPoints("classes", np.eye(2), np.zeros(2)), "draw points of two classes"),
        (DrawnPoints("classes", np.eye(2), np.arange(2)), "draw a second point of one class"),
        (DrawnPoints("classes", np.zeros((3, 2)), np.array([0, 1, 1])), "two different places"),
        (DrawnPoints("curve", np.eye(2), np.zeros(2)), "draw 3 points of the curve"),
        (DrawnPoints("curve", np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), np.zeros(3)), "two different x"),
        (DrawnPoints("curve", np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]]), np.zeros(3)), "two different y"),
    ],
)
def test_too_little_is_refused_with_what_is_missing(drawn: DrawnPoints, words: str) -> None:
    assert drawn.lack
    with pytest.raises(DataError, match=f"Drawn points: .*{words}"):
        drawn_data(drawn, SETTINGS)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9])
def test_the_least_that_can_be_trained_on_can_be_prepared(share: float) -> None:
    settings = make_settings(validation=share)
    pair = DrawnPoints("classes", np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]]), np.array([0, 1, 1]))
    line = DrawnPoints("curve", np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]]), np.zeros(3))
    for drawn in (pair, line):
        assert not drawn.lack
        assert len(drawn_data(drawn, settings).X_train) >= 2
