"""What holds for every test: no display, no settings of the person who runs them, nothing left behind."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# The same examples on every run: what luck finds belongs into a test of its own (`--hypothesis-profile=search` tries it).
# No time limits: speed is measured in benchmarks/.
hypothesis.settings.register_profile("checks", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", deadline=None)
hypothesis.settings.load_profile("checks")

# Before Qt is imported. Whoever wants to see the windows sets the variable: QT_QPA_PLATFORM=xcb.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = ["tests.leak_guards"]

_settings_home = Path(tempfile.mkdtemp(prefix="backprop-studio-tests-"))


def pytest_configure() -> None:
    """Give programs started by a test settings of their own, too."""
    os.environ["XDG_CONFIG_HOME"] = str(_settings_home)


def pytest_unconfigure() -> None:
    """Remove the settings again."""
    shutil.rmtree(_settings_home, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Run the tests of the virtual display where there can be one, and say what is missing where it should be."""
    if item.get_closest_marker("xvfb") is None:
        return
    if sys.platform != "linux":
        pytest.skip(f"a virtual X display exists on Linux only, not on {sys.platform}")
    if shutil.which("Xvfb") is None:
        pytest.fail("Xvfb is missing. Run the tests with `make test`, or: sudo apt-get install xvfb xauth", pytrace=False)


@pytest.fixture(autouse=True)
def fresh_qt_settings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Start every test that uses Qt with empty settings in a folder of its own."""
    if "qapp" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QSettings

    folder = str(request.getfixturevalue("tmp_path") / "settings")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", folder)
        for storage in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
            QSettings.setPath(storage, QSettings.Scope.UserScope, folder)
        yield
