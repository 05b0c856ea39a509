"""What a machine needs before Qt may start: a display for a window, and the system libraries that Qt's wheels do not bring.

Imports no Qt: a missing library makes Qt's import fail, or aborts the process at its first window, so it is looked for before.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys

FOR_EVERY_PICTURE = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
FOR_WINDOWS_ON_X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
"""Library file, and the Debian and Ubuntu package that brings it."""


class QtMissingError(RuntimeError):
    """Qt can't be loaded; the message is one line that says what to install."""


def has_display() -> bool:
    """Say whether a window can be opened: on Linux only where there is a display, or Qt was told to do without one."""
    if not sys.platform.startswith("linux"):
        return True
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform not in ("", "xcb", "wayland", "wayland-egl"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def draw_off_screen() -> None:
    """Have Qt draw without a display, unless it was told how to draw and can."""
    if not os.environ.get("QT_QPA_PLATFORM") or not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def require_qt() -> None:
    """Make sure that Qt can be loaded and can draw here.

    Raises
    ------
    QtMissingError
        With the command that installs what is missing.
    """
    missing = missing_packages()
    if missing:
        raise QtMissingError(
            f"Qt can't draw: system packages are missing; install them with "
            f"sudo apt-get install -y --no-install-recommends {' '.join(missing)} (Debian's names)."
        )
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        reason = " ".join(str(error).split())
        raise QtMissingError(f"Qt can't be loaded ({reason}); install the Python package PySide6-Essentials.") from error


def missing_packages() -> list[str]:
    """Return the system packages that Qt lacks for the platform it will draw on; none on other systems than Linux."""
    if not sys.platform.startswith("linux"):
        return []
    libraries = FOR_EVERY_PICTURE | (FOR_WINDOWS_ON_X11 if _will_use_x11() else {})
    return [package for library, package in libraries.items() if not _loads(library)]


def _will_use_x11() -> bool:
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    return platform.startswith("xcb") or (not platform and not os.environ.get("WAYLAND_DISPLAY"))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
