"""The Qt application object, made once, the same for a window, a picture of it and a test."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from threadpoolctl import threadpool_limits

from gui.icons import app_icon


def make_application(scale: float | None = None) -> QApplication:
    """Return the application, made when there is none yet.

    Parameters
    ----------
    scale : float, optional
        Device pixels per pixel; as the system says where not given.
    """
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    if scale is not None:
        os.environ["QT_SCALE_FACTOR"] = f"{scale:g}"
    # While networks are small, BLAS threads only spin and take the core the window needs.
    threadpool_limits(1, user_api="blas")
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        qInstallMessageHandler(_say_what_matters)
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Backprop Studio")
    application.setOrganizationName("BackpropStudio")
    application.setDesktopFileName("backprop-studio")
    application.setWindowIcon(app_icon())
    return application


def _say_what_matters(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Pass Qt's messages on, but for what the offscreen platform says of every window with size limits."""
    if "propagateSizeHints" not in message and sys.stderr is not None:
        sys.stderr.write(message + "\n")
