"""Training beside scikit-learn on real tables: same start, same batches, same numbers; and minima that its solvers find too.

Where scikit-learn's multilayer perceptron differs, what differs is put right here:

* Its loss holds the penalty (alpha / 2n) sum of squared weights, n being the rows of the batch: l2 = alpha / n, and the penalty
  is taken out of its loss before the comparison.
* Its squared error is halved: with plain descent the learning rate is halved instead, and the penalty doubled; Adam's steps do
  not depend on the size of gradients.
* Its Adam adds epsilon before the correction for the zero start, ours (as in the paper and in torch) after it: both take one
  that is too small to matter.
* Its order of the rows is its own: it is given the trainer's batches one by one, or both take the rows as they stand.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import datasets
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from engine.data.prepared import Feature, PreparedData, Target
from engine.network import encode_targets, mean_loss
from engine.settings import make_settings
from engine.trainer import Trainer

LOADERS = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "digits": datasets.load_digits,
    "breast cancer": datasets.load_breast_cancer,
    "diabetes": datasets.load_diabetes,
}
TINY = 1e-30
"""An epsilon that matters nowhere."""


def prepared(name: str) -> PreparedData:
    X, y = LOADERS[name](return_X_y=True)
    X, is_number = StandardScaler().fit_transform(X), name == "diabetes"
    classes = () if is_number else tuple(str(code) for code in np.unique(y))
    none = np.empty((0, X.shape[1]))
    return PreparedData(
        name=name,
        X_train=X,
        y_train=(y - y.mean()) / y.std() if is_number else y.astype(float),
        X_validation=none,
        y_validation=np.empty(0),
        rows_train=np.arange(len(y)),
        rows_validation=np.empty(0, int),
        features=tuple(Feature(f"x{i}", f"x{i}") for i in range(X.shape[1])),
        target=Target("y", "regression" if is_number else "classification", classes),
        preparation={},
    )


class _OurStart:
    """Starts from given weights; biases stand behind them."""

    start: Any

    def _init_coef(self, fan_in: int, fan_out: int, dtype: Any) -> Any:
        layer = self.start.pop(0)
        assert layer.weights.shape == (fan_in, fan_out)
        return layer.weights.copy(), layer.bias.copy()


class Classifier(_OurStart, MLPClassifier):
    pass


class Regressor(_OurStart, MLPRegressor):
    pass


class Peer:
    """scikit-learn's network, led along the trainer's batches."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer, self.data = trainer, trainer.data
        settings = trainer.settings
        self.is_regression = trainer.data.target.task == "regression"
        self.doubled = 2.0 if self.is_regression else 1.0
        adam = settings.optimizer == "adam"
        options: dict[str, Any] = {
            "hidden_layer_sizes": settings.hidden,
            "activation": {"sigmoid": "logistic"}.get(settings.activation[0], settings.activation[0]),
            "solver": settings.optimizer,
            "learning_rate_init": settings.learning_rate * (1.0 if adam else self.doubled),
            "momentum": settings.momentum,
            "nesterovs_momentum": settings.nesterov,
            "epsilon": TINY,
            "n_iter_no_change": np.inf,
        }
        self.model = (Regressor if self.is_regression else Classifier)(**options)
        self.model.start = trainer.spec.views(trainer.parameters)

    def take_step(self) -> float:
        """Take the trainer's next batch and return its mean loss, without penalty and not halved."""
        rows = self.trainer.batch_rows()
        alpha = self.trainer.settings.l2 * len(rows) / self.doubled
        self.model.set_params(batch_size=len(rows), alpha=alpha, shuffle=False)
        squares = sum((layer.weights**2).sum() for layer in self.trainer.spec.views(self.trainer.parameters))
        classes = {} if self.is_regression else {"classes": np.arange(len(self.data.target.classes))}
        self.model.partial_fit(self.data.X_train[rows], self.data.y_train[rows], **classes)
        return float(self.doubled * (self.model.loss_ - 0.5 * alpha * squares / len(rows)))

    def parameters(self) -> Any:
        return np.concatenate(
            [np.vstack([w, b]).ravel() for w, b in zip(self.model.coefs_, self.model.intercepts_, strict=True)]
        )

    def predictions(self) -> Any:
        if self.is_regression:
            return self.model.predict(self.data.X_train)[None]
        probabilities = self.model.predict_proba(self.data.X_train).T
        return probabilities[1:] if len(probabilities) == 2 else probabilities


RUNS: list[tuple[str, dict[str, Any]]] = [
    ("iris", {"hidden": (8,), "activation": ("tanh",), "batch_size": 32}),
    ("iris", {"hidden": (5, 4), "activation": ("identity",), "optimizer": "sgd", "learning_rate": 0.1, "batch_size": "full"}),
    ("wine", {"hidden": (16, 8), "activation": ("relu",), "optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.9}),
    ("digits", {"hidden": (20,), "activation": ("sigmoid",), "batch_size": 200, "l2": 0.01}),
    (
        "digits",
        {"hidden": (24, 12), "activation": ("relu",), "optimizer": "sgd", "momentum": 0.9, "nesterov": True, "l2": 0.001},
    ),
    ("breast cancer", {"hidden": (6,), "activation": ("tanh",), "optimizer": "sgd", "learning_rate": 0.2, "batch_size": 50}),
    ("breast cancer", {"hidden": (10, 5), "activation": ("relu",), "batch_size": "full", "l2": 0.1}),
    ("diabetes", {"hidden": (8,), "activation": ("tanh",), "batch_size": "full"}),
    (
        "diabetes",
        {"hidden": (8, 8), "activation": ("relu",), "optimizer": "sgd", "momentum": 0.5, "batch_size": 64, "l2": 0.02},
    ),
    ("diabetes", {"hidden": (12,), "activation": ("sigmoid",), "batch_size": 100, "l2": 0.05}),
]


@pytest.mark.parametrize(("name", "changes"), RUNS, ids=lambda value: value if isinstance(value, str) else "")
def test_training_takes_the_steps_that_scikit_learn_takes(name: str, changes: dict[str, Any]) -> None:
    trainer = Trainer(make_settings(epsilon=TINY, seed=1, **changes), prepared(name))
    peer = Peer(trainer)
    first = trainer.measure().train_loss
    for _ in range(80):
        expected = peer.take_step()
        assert trainer.take_step().batch_loss == pytest.approx(expected, rel=1e-8)
    assert trainer.parameters == pytest.approx(peer.parameters(), rel=1e-8, abs=1e-10)
    assert trainer.evaluate().train_predictions == pytest.approx(peer.predictions(), rel=1e-8, abs=1e-10)
    assert trainer.measure().train_loss < 0.8 * first, "something was learned"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # it is to stop where we stop
@pytest.mark.parametrize("name", ["wine", "digits"])
def test_the_curve_of_a_whole_fit_is_that_of_scikit_learn(name: str) -> None:
    """Rows as they stand, so that its own loop over epochs and batches, the last of them short, is what is compared."""
    n_epochs, n_rows = 12, 64
    settings = make_settings(hidden=(10,), optimizer="sgd", momentum=0.9, learning_rate=0.05, batch_size=n_rows, shuffle=False)
    trainer = Trainer(settings, prepared(name))
    X, y = trainer.data.X_train, trainer.data.y_train
    model = Classifier(
        hidden_layer_sizes=(10,),
        activation="tanh",
        solver="sgd",
        alpha=0.0,
        batch_size=n_rows,
        learning_rate_init=0.05,
        momentum=0.9,
        nesterovs_momentum=False,
        shuffle=False,
        max_iter=n_epochs,
        n_iter_no_change=np.inf,
    )
    model.start = trainer.spec.views(trainer.parameters)
    model.fit(X, y)
    curve = []
    for _ in range(n_epochs):
        sizes = [len(y[start : start + n_rows]) for start in range(0, len(y), n_rows)]
        assert sizes[-1] < n_rows
        curve.append(np.average([trainer.take_step().batch_loss for _ in sizes], weights=sizes))
    assert curve == pytest.approx(model.loss_curve_, rel=1e-9)


# ---------------------------------------------------------------------- minima that others find too


def minimum(name: str, **changes: Any) -> Trainer:
    """Train a network without hidden layers, whose loss has one minimum, until nothing moves."""
    settings = make_settings(hidden=(), optimizer="lbfgs", learning_rate=1.0, batch_size="full", **changes)
    trainer = Trainer(settings, prepared(name))
    for _ in range(100):
        before = trainer.parameters
        trainer.take_step()
    assert np.array_equal(trainer.parameters, before)
    return trainer


def objective(trainer: Trainer, weights: Any, bias: Any) -> float:
    """Return loss and penalty where the weights, shape (n_inputs, n_outputs), and the biases are these."""
    parameters = np.vstack([weights, bias]).ravel()
    data = trainer.data
    targets = encode_targets(trainer.spec, data.target, data.y_train)
    return mean_loss(trainer.spec, parameters, data.X_train.T, targets) + trainer.settings.l2 / 2 * float((weights**2).sum())


def check_minimum(trainer: Trainer, model: Any) -> None:
    """L-BFGS ends, as torch's does, where the loss falls by less than 1e-9 a step: that near it is to the other's minimum.

    Parameters and predictions are then as near as the root of that.
    """
    weights, bias = np.atleast_2d(model.coef_).T, np.atleast_1d(model.intercept_)
    layer = trainer.spec.views(trainer.parameters)[0]
    ours, theirs = objective(trainer, layer.weights, layer.bias), objective(trainer, weights, bias)
    assert ours == pytest.approx(theirs, rel=0.0, abs=3e-9)
    assert layer.weights == pytest.approx(weights, rel=0.0, abs=5e-4)
    expected = model.predict_proba(trainer.data.X_train).T if hasattr(model, "predict_proba") else None
    if expected is None:
        expected = model.predict(trainer.data.X_train)[None]
    predictions = trainer.evaluate().train_predictions
    assert predictions == pytest.approx(expected[-len(predictions) :], rel=0.0, abs=2e-4)


@pytest.mark.parametrize("name", ["iris", "wine", "breast cancer"])
@pytest.mark.parametrize("l2", [0.01, 0.3])
def test_logistic_regression_ends_where_scikit_learns_does(name: str, l2: float) -> None:
    """It minimises C sum of losses + |w|^2 / 2, which is n C times ours with l2 = 1 / (n C)."""
    trainer = minimum(name, l2=l2)
    data = trainer.data
    model = LogisticRegression(C=1 / (l2 * len(data.y_train)), tol=1e-10, max_iter=10_000)
    check_minimum(trainer, model.fit(data.X_train, data.y_train))


def test_least_squares_end_where_scikit_learns_do() -> None:
    """Without a penalty; two of the columns are nearly the same, so the weights themselves are less certain than the rest."""
    trainer = minimum("diabetes")
    model = LinearRegression().fit(trainer.data.X_train, trainer.data.y_train)
    assert trainer.evaluate().train_predictions[0] == pytest.approx(model.predict(trainer.data.X_train), abs=2e-4)
    assert trainer.measure().train_loss == pytest.approx(1 - model.score(trainer.data.X_train, trainer.data.y_train), abs=3e-9)


@pytest.mark.parametrize("l2", [0.1, 2.0])
def test_ridge_regression_ends_where_scikit_learns_does(l2: float) -> None:
    """It minimises sum of squares + alpha |w|^2: n times ours with l2 / 2 = alpha / n."""
    trainer = minimum("diabetes", l2=l2)
    data = trainer.data
    check_minimum(trainer, Ridge(alpha=l2 / 2 * len(data.y_train)).fit(data.X_train, data.y_train))
