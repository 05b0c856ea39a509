"""Each loss by itself: its values, its slope, its options, and what happens far out."""

from __future__ import annotations

from math import log, log1p
from typing import Any, NamedTuple, get_args

import numpy as np
import pytest
from scipy import special
from sklearn import metrics
from sklearn.utils.class_weight import compute_class_weight

from engine.data.prepared import Target
from engine.losses import LOSSES, PLAIN, LossOptions, bind_loss, losses_per_sample, softmax
from engine.network import NetworkSpec, encode_targets
from engine.network_choice import network_spec
from engine.settings import LossName, make_settings

FORMS = [  # loss, number of outputs, number of classes (0: a number is predicted)
    ("mse", 1, 0),
    ("mse", 1, 2),
    ("mse", 3, 3),
    ("mae", 1, 0),
    ("huber", 1, 0),
    ("bce", 1, 2),
    ("cross_entropy", 2, 2),
    ("cross_entropy", 4, 4),
    ("hinge", 1, 2),
    ("hinge", 3, 3),
]
CLASS_FORMS = [form for form in FORMS if form[2]]


class Rows(NamedTuple):
    """Outputs and targets as the loss takes them, and the labels as people write them."""

    output: Any
    targets: Any
    y: Any


class Taken(NamedTuple):
    loss: float
    slope: Any


def rows(name: str, n_outputs: int, n_classes: int, options: LossOptions = PLAIN, n_rows: int = 50) -> Rows:
    rng = np.random.default_rng(1)
    y = rng.permutation(np.arange(n_rows) % n_classes).astype(float) if n_classes else rng.normal(size=n_rows)
    output = rng.normal(0.0, 2.0, (n_outputs, n_rows))
    return Rows(output, encoded(name, n_outputs, n_classes, options, y), y)


def encoded(name: str, n_outputs: int, n_classes: int, options: LossOptions, y: Any) -> Any:
    spec = NetworkSpec((1, n_outputs), ("identity",), name, options)
    classes = tuple(str(code) for code in range(n_classes))
    return encode_targets(spec, Target("y", "classification" if classes else "regression", classes), np.array(y, dtype=float))


def take(name: str, output: Any, targets: Any, options: LossOptions = PLAIN) -> Taken:
    """Return loss and slope as a training step takes them."""
    delta = np.full_like(output, np.nan)
    bound = bind_loss(name, output, targets, delta, options)
    with np.errstate(over="ignore", under="ignore"):
        for call in bound.calls:
            call()
        return Taken(bound.value(), delta)


def test_the_table_holds_what_the_settings_offer() -> None:
    assert set(get_args(LossName)) - {"auto"} == set(LOSSES) == {form[0] for form in FORMS}
    assert all(name == loss.name for name, loss in LOSSES.items())


@pytest.mark.parametrize(("name", "n_outputs", "n_classes"), FORMS)
def test_the_loss_of_a_batch_is_the_mean_over_its_rows(name: str, n_outputs: int, n_classes: int) -> None:
    options = LossOptions(huber_delta=0.8)
    output, targets, _ = rows(name, n_outputs, n_classes, options)
    of_rows = losses_per_sample(name, output, targets, options)
    assert of_rows.shape == (50,)
    assert take(name, output, targets, options).loss == pytest.approx(of_rows.mean(), rel=1e-14)
    single = [take(name, output[:, [row]], targets[:, [row]], options).loss for row in range(50)]
    assert single == pytest.approx(of_rows.tolist(), rel=1e-13, abs=1e-15)


def slope_by_differences(name: str, output: Any, targets: Any, options: LossOptions) -> Any:
    h, slope = 1e-6, np.empty_like(output)
    for place in np.ndindex(*output.shape):
        above, below = output.copy(), output.copy()
        above[place] += h
        below[place] -= h
        slope[place] = (take(name, above, targets, options).loss - take(name, below, targets, options).loss) / (2 * h)
    return slope


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize(("name", "n_outputs", "n_classes"), FORMS)
def test_the_slope_is_that_of_the_loss(name: str, n_outputs: int, n_classes: int, smoothing: float, weighted: bool) -> None:
    if (smoothing and name not in ("bce", "cross_entropy")) or (weighted and not n_classes):
        return
    options = LossOptions(0.8, smoothing, (0.5, 1.5, 2.0, 0.25)[:n_classes] if weighted else ())
    output, targets, _ = rows(name, n_outputs, n_classes, options)
    differences = slope_by_differences(name, output, targets, options)
    assert take(name, output, targets, options).slope == pytest.approx(differences, rel=1e-6, abs=1e-9)


# ---------------------------------------------------------------------- against those of others


def test_errors_of_numbers_equal_those_of_scikit_learn() -> None:
    output, targets, y = rows("mse", 1, 0)
    assert take("mse", output, targets).loss == pytest.approx(metrics.mean_squared_error(y, output[0]), rel=1e-14)
    assert take("mae", output, targets).loss == pytest.approx(metrics.mean_absolute_error(y, output[0]), rel=1e-14)


@pytest.mark.parametrize("delta", [0.01, 0.5, 3.0, 1e6])
def test_huber_equals_that_of_scipy(delta: float) -> None:
    options = LossOptions(huber_delta=delta)
    output, targets, y = rows("huber", 1, 0, options)
    expected = special.huber(delta, output[0] - y)
    assert losses_per_sample("huber", output, targets, options) == pytest.approx(expected, rel=1e-12)
    assert take("huber", output, targets, options).loss == pytest.approx(expected.mean(), rel=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "n_outputs", "n_classes"), [form for form in FORMS if form[0] in ("bce", "cross_entropy")])
def test_cross_entropies_equal_those_of_scikit_learn(name: str, n_outputs: int, n_classes: int, weighted: bool) -> None:
    """scikit-learn divides by the sum of the weights, which is the number of rows where the weights balance the classes."""
    _, _, y = rows(name, n_outputs, n_classes)
    y[:20] = 0.0
    weights = (
        compute_class_weight("balanced", classes=np.arange(n_classes), y=y.astype(int)) if weighted else np.ones(n_classes)
    )
    options = LossOptions(class_weights=tuple(weights.tolist()) if weighted else ())
    output = rows(name, n_outputs, n_classes).output
    probabilities = special.softmax(output, axis=0).T if n_outputs > 1 else special.expit(output[0])
    of_rows = weights[y.astype(int)]
    assert of_rows.mean() == pytest.approx(1.0, rel=1e-14)
    expected = metrics.log_loss(y, probabilities, sample_weight=of_rows, labels=np.arange(n_classes))
    assert take(name, output, encoded(name, n_outputs, n_classes, options, y), options).loss == pytest.approx(
        expected, rel=1e-12
    )


def test_the_hinge_of_two_classes_equals_that_of_scikit_learn() -> None:
    output, targets, y = rows("hinge", 1, 2)
    assert take("hinge", output, targets).loss == pytest.approx(metrics.hinge_loss(y, output[0]), rel=1e-13)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_two_classes_may_have_one_output_or_two(smoothing: float) -> None:
    """Softmax over (0, z) is the sigmoid of z."""
    options = LossOptions(label_smoothing=smoothing)
    output, targets, y = rows("bce", 1, 2, options)
    two = np.vstack([np.zeros_like(output), output])
    one, other = (
        take("bce", output, targets, options),
        take("cross_entropy", two, encoded("cross_entropy", 2, 2, options, y), options),
    )
    assert one.loss == pytest.approx(other.loss, rel=1e-13)
    assert one.slope[0] == pytest.approx(other.slope[1], rel=1e-12, abs=1e-16)


# ---------------------------------------------------------------------- by hand


def test_targets_tell_the_class_in_each_form() -> None:
    assert encoded("bce", 1, 2, PLAIN, [0, 1]).tolist() == [[1.0, -1.0]]
    assert encoded("hinge", 1, 2, PLAIN, [0, 1]).tolist() == [[1.0, -1.0]]
    assert encoded("mse", 1, 2, PLAIN, [0, 1]).tolist() == [[0.0, 1.0]]
    assert encoded("hinge", 3, 3, PLAIN, [2, 0]).T.tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    smoothed = encoded("cross_entropy", 4, 4, LossOptions(label_smoothing=0.2), [1])
    assert smoothed[:, 0] == pytest.approx([0.05, 0.85, 0.05, 0.05], rel=1e-15)


def test_hinge_by_hand() -> None:
    """Class 2 of three with scores 0.5, 1.8, 1.2: the margins fall short by 0.3 and 1.6 of 1."""
    output = np.array([[0.5], [1.8], [1.2]])
    loss, slope = take("hinge", output, np.array([[0.0], [0.0], [1.0]]))
    assert loss == pytest.approx((0.3 + 1.6) / 3, rel=1e-15)
    assert slope[:, 0] == pytest.approx([1 / 3, 1 / 3, -2 / 3], rel=1e-15)


def test_label_smoothing_by_hand() -> None:
    """Log-odds log 3, class 1, label 0.9 instead of 1: 0.9 log(4/3) + 0.1 log 4."""
    options = LossOptions(label_smoothing=0.2)
    loss, slope = take("bce", np.array([[log(3.0)]]), np.array([[-1.0]]), options)
    assert loss == pytest.approx(0.9 * log(4 / 3) + 0.1 * log(4.0), rel=1e-14)
    assert slope[0, 0] == pytest.approx(0.75 - 0.9, rel=1e-13)


def test_at_the_kinks_the_slope_is_that_of_the_flat_side() -> None:
    assert take("mae", np.array([[0.7]]), np.array([[0.7]])).slope.tolist() == [[0.0]]
    assert take("hinge", np.array([[1.0]]), np.array([[-1.0]])).slope.tolist() == [[0.0]]
    assert take("hinge", np.array([[2.0], [1.0]]), np.array([[1.0], [0.0]])).slope.tolist() == [[0.0], [0.0]]


# ---------------------------------------------------------------------- class weights


@pytest.mark.parametrize("smoothing", [0.0, 0.25])
@pytest.mark.parametrize(("name", "n_outputs", "n_classes"), CLASS_FORMS)
def test_a_row_counts_by_the_weight_of_its_class(name: str, n_outputs: int, n_classes: int, smoothing: float) -> None:
    if smoothing and name not in ("bce", "cross_entropy"):
        return
    plain = LossOptions(label_smoothing=smoothing)
    weighted = plain._replace(class_weights=(0.5, 1.5, 2.0, 0.25)[:n_classes])
    output, targets, y = rows(name, n_outputs, n_classes, plain)
    of_rows = np.array(weighted.class_weights)[y.astype(int)]
    expected = losses_per_sample(name, output, targets, plain) * of_rows
    assert losses_per_sample(name, output, targets, weighted) == pytest.approx(expected, rel=1e-12, abs=1e-15)
    loss, slope = take(name, output, targets, weighted)
    assert loss == pytest.approx(expected.mean(), rel=1e-13)
    assert slope == pytest.approx(take(name, output, targets, plain).slope * of_rows, rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("counts", [(30, 10), (5, 90, 12), (7, 0, 3, 40)])
def test_class_weights_are_those_that_scikit_learn_calls_balanced(counts: tuple[int, ...]) -> None:
    y = np.repeat(np.arange(len(counts)), counts)
    present = np.unique(y)
    target = Target("y", "classification", tuple("abcd"[: len(counts)]))
    weights = np.array(network_spec(make_settings(class_weights=True), 2, target, counts).loss_options.class_weights)
    assert weights[present] == pytest.approx(compute_class_weight("balanced", classes=present, y=y), rel=1e-15)
    assert weights[y].mean() == pytest.approx(1.0, rel=1e-14)


# ---------------------------------------------------------------------- far out


FAR = [0.0, 1.0, 36.0, 745.0, 1e4]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("z", FAR)
def test_binary_cross_entropy_from_any_logit(z: float, sign: float, dtype: str) -> None:
    """On the right side nearly nothing, on the wrong side the logit itself: never an overflow, never a NaN."""
    output, targets = np.array([[sign * z]], dtype=dtype), np.array([[-1.0]], dtype=dtype)  # class 1
    loss, slope = take("bce", output, targets)
    expected = log1p(np.exp(-z)) + (z if sign < 0 else 0.0)
    eps = float(np.finfo(dtype).eps)
    assert loss == pytest.approx(expected, rel=4 * eps, abs=1e-38)
    # The slope is exp(u - softplus(u)), whose exponent is rounded to 1e4 eps at most.
    assert slope[0, 0] == pytest.approx(-special.expit(-sign * z), rel=eps * (4 + 2 * z), abs=1e-38)
    assert slope.dtype == dtype
    assert losses_per_sample("bce", output, targets, PLAIN).item() == pytest.approx(loss, rel=2 * eps)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("z", FAR)
def test_softmax_cross_entropy_from_any_logits(z: float, dtype: str) -> None:
    output = np.array([[z], [0.0], [-z]], dtype=dtype)
    for label in range(3):
        loss, slope = take("cross_entropy", output, np.eye(3, dtype=dtype)[:, [label]])
        expected = special.logsumexp([z, 0.0, -z]) - [z, 0.0, -z][label]
        assert loss == pytest.approx(expected, rel=8 * float(np.finfo(dtype).eps), abs=2 * float(np.finfo(dtype).eps))
        assert slope[:, 0] == pytest.approx(special.softmax([z, 0.0, -z]) - np.eye(3)[label], rel=1e-6, abs=1e-7)
        assert slope.dtype == dtype


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "n_outputs", "n_classes"), FORMS)
def test_huge_outputs_give_finite_losses(name: str, n_outputs: int, n_classes: int, dtype: str) -> None:
    output, targets, _ = rows(name, n_outputs, n_classes)
    output, targets = (1e4 * np.sign(output)).astype(dtype), targets.astype(dtype)
    loss, slope = take(name, output, targets)
    assert np.isfinite(loss)
    assert np.isfinite(slope).all()
    assert slope.dtype == dtype
    assert np.isfinite(losses_per_sample(name, output, targets, PLAIN)).all()


@pytest.mark.parametrize(("name", "n_outputs", "n_classes"), FORMS)
def test_single_precision_is_close_to_double(name: str, n_outputs: int, n_classes: int) -> None:
    options = LossOptions(class_weights=(0.5, 1.5, 2.0, 0.25)[:n_classes])
    output, targets, _ = rows(name, n_outputs, n_classes)
    double = take(name, output, targets, options)
    single = take(name, output.astype("float32"), targets.astype("float32"), options)
    assert single.loss == pytest.approx(double.loss, rel=1e-6)
    assert single.slope == pytest.approx(double.slope, rel=1e-4, abs=1e-7)
    assert losses_per_sample(name, output.astype("float32"), targets.astype("float32"), options).dtype == "float32"


@pytest.mark.parametrize(("name", "n_outputs", "n_classes"), FORMS)
def test_what_is_no_number_reaches_the_loss(name: str, n_outputs: int, n_classes: int) -> None:
    output, targets, _ = rows(name, n_outputs, n_classes)
    output[-1, 3] = np.nan
    with np.errstate(invalid="ignore"):
        assert np.isnan(take(name, output, targets).loss)


def test_softmax_is_scipys_and_never_overflows() -> None:
    z = np.random.default_rng(3).normal(0.0, 5.0, (4, 30))
    z[:, 0] = [1e4, -1e4, 0.0, 1e4]
    out = np.empty_like(z)
    softmax(z, out)
    assert out == pytest.approx(special.softmax(z, axis=0), rel=1e-13)
    assert out[:, 0].tolist() == [0.5, 0.0, 0.0, 0.5]
    softmax(z, z)
    assert z.tobytes() == out.tobytes()
