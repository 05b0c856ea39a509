"""The table of metrics: what stands in it, that it fits the narrowest panel, and that nothing in it jumps."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from engine.baselines import baselines
from engine.data.prepared import Feature, PreparedData, Target
from engine.history import History
from engine.metrics import part_metrics
from engine.observe import Watch
from engine.records import Measurement
from engine.settings import make_settings
from engine.trainer import Trainer
from gui.appearance import Appearance
from gui.panels.data_model_panel import MIN_WIDTH
from gui.panels.fit_section import NOT_DEFINED, PARTS, FitSection, in_words
from gui.panels.metric import error_text, r2_text
from gui.session.display_figures import baseline_metrics
from gui.session.messages import Metrics, RunInfo, RunState, Snapshot
from gui.session.snapshots import SnapshotMaker

TWO_CLASSES = Target("label", "classification", ("no", "yes"))
THREE_CLASSES = Target("kind", "classification", ("a", "b", "c"))
NUMBER = Target("price", "regression", (), mean=100.0, scale=50.0)

NARROWEST_PX = MIN_WIDTH - 24
"""What margins and scroll bar leave of the narrowest panel."""


def table(target: Target, n_validation: int = 20) -> PreparedData:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(60 + n_validation, 2))
    y = X[:, 0] + 0.3 * rng.normal(size=len(X))
    if target.classes:
        y = np.clip(np.floor(y + 1.0), 0, len(target.classes) - 1)
    rows = np.arange(len(X))
    return PreparedData(
        "table.csv", X[:60], y[:60], X[60:], y[60:], rows[:60], rows[60:],
        (Feature("x1", "x1"), Feature("x2", "x2")), target, {},
    )  # fmt: skip


def measured(data: PreparedData, n_steps: int = 0) -> Snapshot:
    """Return a frame as the training thread makes it."""
    settings = make_settings(hidden=(3,))
    history = History(Trainer(settings, data))
    history.advance(n_steps)
    maker = SnapshotMaker()
    maker.watch = Watch(maps=False, rows=False)
    maker.set_run(RunInfo(1, "run 1", settings, history.trainer.spec, data))
    return maker.make(history, 1, RunState.PAUSED)


def with_metrics(data: PreparedData, train: Metrics | None, validation: Metrics | None) -> Snapshot:
    return replace(measured(data), train_metrics=train, validation_metrics=validation)


def texts(section: FitSection) -> dict[str, tuple[str, ...]]:
    """Return what the rows in sight say: label, training, validation, baseline."""
    rows = [row for row in section.rows if not row.label.isHidden()]
    return {row.label.text(): (*(row.figures[part].text() for part in PARTS), row.baseline.text()) for row in rows}


@pytest.fixture
def section(qapp: QApplication, qtbot) -> FitSection:
    Appearance(qapp, "light")
    section = FitSection()
    qtbot.addWidget(section)
    section.resize(NARROWEST_PX, 140)
    return section


# ---------------------------------------------------------------------- what stands in it


@pytest.mark.parametrize("target", [TWO_CLASSES, THREE_CLASSES])
def test_classes_have_the_figures_of_the_engine(section: FitSection, target: Target):
    data = table(target)
    section.show_data(data)
    snapshot = measured(data, n_steps=40)
    section.render(snapshot)
    history = History(Trainer(snapshot.settings, data))
    history.advance(40)
    evaluated = history.trainer.evaluate()
    train = part_metrics(target, evaluated.train_predictions, data.y_train)
    validation = part_metrics(target, evaluated.validation_predictions, data.y_validation)
    constant, linear = baselines(data)
    fields = {"Accuracy": "accuracy", "Balanced": "balanced_accuracy", "F1": "f1", "ROC AUC": "roc_auc"}
    assert texts(section) == {
        label: tuple(
            f"{value:.3f}" for value in (train[name], validation[name], max(constant.validation[name], linear.validation[name]))
        )
        for label, name in fields.items()
    }
    assert section.aside.text() == "step 40"


def test_numbers_have_the_better_baseline_of_each_figure(section: FitSection):
    data = table(NUMBER)
    section.show_data(data)
    section.render(measured(data))
    constant, linear = baselines(data)
    shown = texts(section)
    assert list(shown) == ["R²", "RMSE", "MAE"]
    assert linear.validation["rmse"] < constant.validation["rmse"]
    assert shown["R²"][2] == r2_text(linear.validation["r2"])
    assert shown["RMSE"][2] == error_text(linear.validation["rmse"])
    assert section.rows[1].baseline.toolTip().splitlines() == [
        "over the validation rows:",
        f"mean {in_words(constant.validation['rmse'])}",
        f"least squares {in_words(linear.validation['rmse'])}",
    ]


def test_without_validation_rows_the_baseline_is_over_the_training_rows(section: FitSection):
    data = table(TWO_CLASSES, n_validation=0)
    section.show_data(data)
    section.render(measured(data))
    _, linear = baselines(data)
    assert texts(section)["Accuracy"][1:] == (NOT_DEFINED, f"{linear.train['accuracy']:.3f}")
    assert section.rows[0].baseline.toolTip().startswith("over the train rows")
    assert "no validation rows" in section.heads[1].toolTip()


def test_another_run_begins_without_figures(section: FitSection):
    data = table(TWO_CLASSES)
    section.show_data(data)
    snapshot = measured(data)
    section.render(snapshot)
    section.show_data(table(NUMBER))
    assert texts(section) == dict.fromkeys(("R²", "RMSE", "MAE"), (NOT_DEFINED,) * 3)
    assert section.aside.text() == ""
    section.show_data(data)
    section.render(snapshot)
    assert NOT_DEFINED not in texts(section)["ROC AUC"]


def test_figures_that_are_not_defined_are_a_dash(section: FitSection):
    data = table(TWO_CLASSES)
    section.show_data(data)
    section.render(with_metrics(data, Metrics(accuracy=0.9876), None))
    assert texts(section)["Accuracy"] == ("0.988", NOT_DEFINED, NOT_DEFINED)
    assert texts(section)["ROC AUC"][0] == NOT_DEFINED
    assert section.rows[3].figures["train"].toolTip() == "train not defined"


def test_tool_tips_give_the_whole_figure(section: FitSection):
    data = table(NUMBER)
    section.show_data(data)
    section.render(with_metrics(data, Metrics(r2=-123456.7, rmse=1234567.0, mae=math.inf), None))
    assert [shown[0] for shown in texts(section).values()] == ["<−999", "1.23M", "∞"]
    tips = [row.figures["train"].toolTip() for row in section.rows[:3]]
    assert tips == ["train −123,457", "train 1.23457e+06", "train not finite"]


def test_thinned_least_squares_says_how_many_rows(monkeypatch: pytest.MonkeyPatch):
    data = table(NUMBER)
    monkeypatch.setattr("engine.baselines.MAX_PRODUCTS", 180)
    train, _ = baseline_metrics(data)
    assert [name for name, _ in train] == ["mean", "least squares on 30 of 60 rows"]


def test_baselines_are_made_before_the_clock_of_the_measurement(monkeypatch: pytest.MonkeyPatch):
    """Else the first, costly one would hold back the figures of the frames that follow."""
    data = table(TWO_CLASSES)
    history = History(Trainer(make_settings(hidden=(3,)), data))
    maker = SnapshotMaker()
    maker.watch = Watch(maps=False, rows=False)
    monkeypatch.setattr("gui.session.display_figures.baselines", lambda data: time.sleep(0.3) or baselines(data))
    maker.make(history, 1, RunState.PAUSED)
    assert maker.figures.seconds < 0.3


# ---------------------------------------------------------------------- that it fits and stands still


@pytest.mark.parametrize("target", [TWO_CLASSES, NUMBER])
def test_nothing_is_cut_in_the_narrowest_panel(section: FitSection, qtbot, target: Target):
    section.show_data(table(target))
    section.render(measured(table(target)))
    with qtbot.waitExposed(section):
        section.show()
    assert section.width() == NARROWEST_PX
    labels = [label for label in section.findChildren(QLabel) if label.isVisible() and label.text()]
    assert len(labels) > 10
    for label in labels:
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.contentsRect().width(), label.text()
        assert label.mapTo(section, label.rect().topRight()).x() < section.width(), label.text()
    assert section.heads[2].text() == "Base"
    section.resize(NARROWEST_PX + 24, 140)
    QApplication.processEvents()
    assert section.heads[2].text() == "Baseline"


def test_new_figures_lay_nothing_out_anew(section: FitSection, qtbot):
    data = table(NUMBER)
    section.show_data(data)
    with qtbot.waitExposed(section):
        section.show()
    section.render(measured(data))
    QApplication.processEvents()
    watch = LayoutWatch()
    for widget in (section, *section.findChildren(QWidget)):
        widget.installEventFilter(watch)
    section.render(with_metrics(data, Metrics(r2=-12.345, rmse=98765.4, mae=0.00012), Metrics(r2=0.1, rmse=1.0, mae=2.0)))
    section.render(replace(measured(data), measurement=Measurement(1_250_000, 3, 0.1, None), metrics_step=1_234_567))
    QApplication.processEvents()
    assert section.aside.text() == "step 1,234,567"
    assert watch.n_layouts == 0


class LayoutWatch(QObject):
    """Counts the layouts asked for."""

    n_layouts = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.n_layouts += event.type() == QEvent.Type.LayoutRequest
        return False


# ---------------------------------------------------------------------- texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"), (0.01234, "0.0123"), (0.00094, "9.4e−4"), (0.00096, "0.0010"), (1.2e-5, "1.2e−5"), (3e-12, "3e−12"),
        (0.99996, "1.000"), (9.99996, "10.00"), (12.3456, "12.35"), (999.96, "1,000"), (1234.5, "1,234"), (68321.4, "68,321"),
        (99_999.4, "99,999"), (99_999.6, "100.0k"), (123_456.0, "123.5k"), (999_960.0, "1.00M"), (1.5e9, "1.50G"),
        (4.56e14, "456T"), (9.996e14, "1.0e15"), (3e120, "3e120"), (math.inf, "∞"), (math.nan, "NaN"),
    ],
)  # fmt: skip
def test_error_text(value: float, text: str):
    assert error_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.000"), (0.9996, "1.000"), (-0.0001, "0.000"), (-0.5, "−0.500"), (-9.9994, "−9.999"), (-9.9996, "−10.00"),
        (-99.996, "−100.0"), (-999.94, "−999.9"), (-999.96, "<−999"), (-1e300, "<−999"), (-math.inf, "−∞"), (math.nan, "NaN"),
    ],
)  # fmt: skip
def test_r2_text(value: float, text: str):
    assert r2_text(value) == text


def test_every_figure_fits_its_column(section: FitSection):
    section.show_data(table(NUMBER))
    cells = (section.rows[0].figures["train"], section.rows[0].baseline)

    def assert_fits(text: str) -> None:
        for cell in cells:
            assert cell.fontMetrics().horizontalAdvance(text) <= cell.width(), text

    @given(st.floats(min_value=0.0))
    def errors_fit(value: float) -> None:
        assert_fits(error_text(value))

    @given(st.floats(max_value=1.0))
    def r2_fits(value: float) -> None:
        assert_fits(r2_text(value))

    errors_fit()
    r2_fits()
    for exponent in range(-120, 300):
        for digits in (1.0, 4.4444, 8.8888, 9.9999):
            assert_fits(error_text(digits * 10.0**exponent))
            assert_fits(r2_text(-digits * 10.0**exponent))
