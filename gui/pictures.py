"""The views of the window drawn into PNG files, for runs without a window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from engine.observe import Watch
from engine.results.atomic import replacing
from engine.run_result import RunResult
from gui.appearance import Appearance
from gui.qt_application import make_application
from gui.session.landscape_worker import pictures, position_of
from gui.session.loss_curve import LossCurve
from gui.session.messages import BranchShown, LandscapePicture, LandscapeRequest, RunInfo, RunState
from gui.session.snapshots import SnapshotMaker, branch_infos, run_title
from gui.views.landscape_view import LandscapeView
from gui.views.loss_view import LossView
from gui.views.network_view import NetworkView
from gui.views.prediction_view import PredictionView

WIDTH_PX = 1600
HEIGHT_PX = 1000
SCALE = 2.0
"""Device pixels per pixel, so that text and lines have the weight they have in the window."""

PATH_POINTS, PATH_BYTES, GRID = 256, 32 * 2**20, 65


def write_pictures(result: RunResult, folder: Path) -> list[str]:
    """Write network.png, loss.png, landscape.png and prediction.png, 1600 pixels wide, and return their names.

    Raises
    ------
    OSError
        When a file can't be written.
    """
    application = make_application(SCALE)
    appearance = Appearance(application, "light")
    drawings = _draw(result, appearance)
    for name, widget in drawings.items():
        _write(application, widget, folder / f"{name}.png")
    return [f"{name}.png" for name in drawings]


def _draw(result: RunResult, appearance: Appearance) -> dict[str, QWidget]:
    """Return the views, each showing the end of the run."""
    history = result.history
    run = RunInfo(1, run_title(1, result.data, result.spec), result.settings, result.spec, result.data)
    maker = SnapshotMaker()
    maker.set_run(run)
    maker.watch = Watch(input_pair=(0, min(1, run.data.n_features - 1)))
    snapshot = maker.make(history, run.run_id, RunState.FINISHED)
    network, loss, landscape, prediction = NetworkView(), LossView(), LandscapeView(), PredictionView()
    for view in (network, loss, landscape, prediction):
        view.set_theme(appearance.theme)
        view.set_network(run)
    curve = LossCurve()
    records = history.records(1, history.last_step)
    curve.replace(BranchShown(run.run_id, 0, records, branch_infos(history), history.changes()))
    loss.set_curve(curve)
    picture = _landscape(result, run)
    landscape.set_picture(picture)
    for plain in (network, loss, prediction):
        plain.render(snapshot)
    landscape.render(snapshot, position_of(picture, snapshot.parameters, snapshot.step, snapshot.measurement.train_loss))
    return {"network": network, "loss": loss, "landscape": landscape, "prediction": prediction}


def _landscape(result: RunResult, run: RunInfo) -> LandscapePicture:
    steps, points = result.history.path(PATH_POINTS, PATH_BYTES)
    request = LandscapeRequest(run.run_id, 1, run.spec, run.data, steps, points, GRID)
    *_, last = (picture for picture in pictures(request) if picture is not None)
    return last


def _write(application: QApplication, view: QWidget, path: Path) -> None:
    """Lay a view out at its size, draw it, and put the file in place when it is complete."""
    frame = QWidget()
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(view)
    density = application.devicePixelRatio()
    frame.resize(round(WIDTH_PX / density), round(HEIGHT_PX / density))
    frame.show()
    application.processEvents()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    frame.grab().save(buffer, "PNG")
    frame.close()
    frame.deleteLater()
    with replacing(path) as file:
        file.write(bytes(buffer.data().data()))
