"""The rules of the house, checked on the source: who may import whom, what things may be called, what may not be written."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

PROJECT = Path(__file__).parents[1]

LOOK = ("gui.appearance", "gui.icons", "gui.qt_application", "gui.theme")
TABLES = ("gui.actions",)

MAY_IMPORT = {
    "main": ("gui", "gui.pictures", "gui.display", *TABLES, *LOOK, "gui.session", "engine"),
    "gui": ("gui.views", "gui.panels", "gui.pictures", "gui.display", *TABLES, *LOOK, "gui.session", "engine"),
    "gui.pictures": ("gui.views", *LOOK, "gui.session", "engine"),
    "gui.views": (*TABLES, *LOOK, "gui.session", "engine"),
    "gui.panels": (*TABLES, *LOOK, "gui.session", "engine"),
    "gui.appearance": ("gui.icons", "gui.theme"),
    "gui.icons": ("gui.theme",),
    "gui.qt_application": ("gui.icons",),
    "gui.theme": (),
    "gui.display": (),
    "gui.actions": (),
    "gui.session": ("engine",),
    "engine": (),
}
"""Each layer, and the layers it may import besides itself. A module belongs to the layer with the longest matching name, so
that `gui` is what stands directly in that folder and is not named further down: the main window and what it is made of."""

MAY_NOT_LOAD = {
    "engine": ("PySide6", "shiboken6", "pyqtgraph", "qtawesome", "threading", "multiprocessing", "concurrent", "torch"),
    "gui.session": ("PySide6.QtWidgets", "PySide6.QtGui", "pyqtgraph", "qtawesome", "pandas"),
    "gui.display": ("PySide6", "shiboken6", "pyqtgraph"),
    "gui": ("torch", "sklearn"),
    "main": ("torch", "sklearn"),
}
"""Libraries that a layer never imports, not even inside a function: no Qt, no threads in the engine, Qt Core in the session."""

NOT_AT_IMPORT_OF_ENGINE = ("PySide6", "shiboken6", "pyqtgraph", "pandas")

NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "shared"}

WORDS_OUT_OF_PLACE = tuple(
    first + second  # in two parts, so that this file doesn't contain them
    for first, second in [
        ("/wo", "rk/"),  # folders of one machine
        ("/tm", "p/"),
        ("/ho", "me/"),
        ("pypi", ".org"),  # where packages come from is the business of the machine, not of the project
        ("python", "hosted.org"),
        ("download.", "pytorch.org"),
        ("anaconda", ".org"),
        ("--index", "-url"),
        ("--extra-index", "-url"),
    ]
)
TEXT_FILES = {".py", ".toml", ".md", ".txt", ".sh", ".qss", ".json", ".yml", ".svg", ""}


def source_files(root: Path) -> list[Path]:
    """Return the files of main, gui and engine."""
    files = [root / "main.py", *sorted(root.glob("gui/**/*.py")), *sorted(root.glob("engine/**/*.py"))]
    return [path for path in files if path.is_file()]


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def layer_of(module: str) -> str:
    return max((layer for layer in MAY_IMPORT if is_within(module, layer)), key=len)


def imported_modules(path: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Yield line and module of every import, also those inside functions; a relative one is spelled out."""
    package = module_name(path, root).split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, _module_or_name(base, alias.name, root)) for alias in node.names)


def _module_or_name(base: str, name: str, root: Path) -> str:
    """Tell `from gui import theme` (a module) from `from gui.theme import Theme` (a name in one)."""
    folder = root.joinpath(*base.split("."))
    is_module = (folder / f"{name}.py").is_file() or (folder / name).is_dir() or base == "PySide6"
    return f"{base}.{name}" if is_module else base


def layering_violations(root: Path) -> list[str]:
    """Return a sentence for every import that points upward, sideways, or at a library the layer may not use."""
    return [
        f"{path.relative_to(root)}:{line}: {problem}"
        for path in source_files(root)
        for line, imported in dict.fromkeys(imported_modules(path, root))
        if (problem := import_problem(module_name(path, root), imported))
    ]


def import_problem(module: str, imported: str) -> str | None:
    for layer, libraries in MAY_NOT_LOAD.items():
        if is_within(module, layer) and any(is_within(imported, library) for library in libraries):
            return f"{module} ({layer}) may not use {imported}"
    if not any(is_within(imported, top) for top in ("main", "gui", "engine")):
        return None
    layer, target = layer_of(module), layer_of(imported)
    allowed = target == layer or target in MAY_IMPORT[layer]
    return None if allowed else f"{module} ({layer}) may not import {imported} ({target})"


def write_tree(root: Path, files: dict[str, str]) -> None:
    for name, source in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source), encoding="utf-8")


def test_imports_point_downward() -> None:
    assert layering_violations(PROJECT) == []


HOUSE = {"gui/theme.py": "", "gui/views/loss_view.py": "", "gui/panels/toolbar.py": "", "gui/session/session.py": ""}


@pytest.mark.parametrize(
    ("file", "source", "problem"),
    [
        ("engine/trainer.py", "import gui.session.session", "(engine) may not import gui.session"),
        ("engine/trainer.py", "from gui import theme", "(engine) may not import gui.theme"),
        ("engine/trainer.py", "from PySide6.QtCore import QObject", "(engine) may not use PySide6.QtCore"),
        ("engine/trainer.py", "import numpy\ndef f():\n    import pyqtgraph as pg", "(engine) may not use pyqtgraph"),
        ("engine/data/reading/reader.py", "import threading", "(engine) may not use threading"),
        ("gui/session/worker.py", "from gui.views import loss_view", "(gui.session) may not import gui.views"),
        ("gui/session/worker.py", "from ..views import loss_view", "(gui.session) may not import gui.views"),
        ("gui/session/worker.py", "from PySide6 import QtCore, QtWidgets", "(gui.session) may not use PySide6.QtWidgets"),
        ("gui/views/network_view.py", "import gui.main_window", "(gui.views) may not import gui.main_window (gui)"),
        ("gui/views/network_view.py", "from gui.panels.toolbar import Toolbar", "(gui.views) may not import gui.panels"),
        ("gui/panels/data_panel.py", "from gui.views.loss_view import LossView", "(gui.panels) may not import gui.views"),
        ("gui/theme.py", "from engine.settings import Settings", "(gui.theme) may not import engine"),
        ("gui/pictures.py", "import main", "(gui.pictures) may not import main"),
        ("main.py", "from gui.views.loss_view import LossView", "(main) may not import gui.views"),
        ("gui/session/worker.py", "from gui.shortcuts import PLAY", "(gui.session) may not import gui.shortcuts (gui)"),
        ("gui/shortcuts.py", "import main", "(gui) may not import main"),
    ],
)
def test_import_that_points_elsewhere_is_found(tmp_path: Path, file: str, source: str, problem: str) -> None:
    write_tree(tmp_path, {**HOUSE, file: source})
    (found,) = layering_violations(tmp_path)
    assert found.startswith(f"{Path(file)}:")
    assert problem in found


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("main.py", "from engine.run import run\nfrom gui.main_window import MainWindow"),
        ("gui/main_window.py", "from gui.views.loss_view import LossView\nfrom gui.panels import toolbar\nimport pyqtgraph"),
        ("gui/pictures.py", "from gui.views.loss_view import LossView"),
        ("gui/views/network_view.py", "from gui import theme\nfrom gui.views import loss_view\nfrom PySide6 import QtWidgets"),
        ("gui/session/worker.py", "from PySide6.QtCore import QObject\nfrom engine.trainer import Trainer"),
        ("engine/trainer.py", "import numpy\nfrom engine.network import Network"),
        ("engine/data/reading/reader.py", "def read():\n    import pandas"),
    ],
)
def test_import_that_points_downward_is_allowed(tmp_path: Path, file: str, source: str) -> None:
    write_tree(tmp_path, {**HOUSE, file: source})
    assert layering_violations(tmp_path) == []


def test_engine_loads_without_qt_and_pandas() -> None:
    modules = [module_name(path, PROJECT) for path in sorted((PROJECT / "engine").rglob("*.py"))]
    assert first_module_that_loads(modules, NOT_AT_IMPORT_OF_ENGINE, PROJECT) == ""


def test_module_that_loads_pandas_is_found(tmp_path: Path) -> None:
    write_tree(tmp_path, {"engine/__init__.py": "", "engine/good.py": "", "engine/slow.py": "import pandas"})
    found = first_module_that_loads(["engine", "engine.good", "engine.slow"], NOT_AT_IMPORT_OF_ENGINE, tmp_path)
    assert found == "engine.slow loads pandas"


def first_module_that_loads(modules: list[str], libraries: tuple[str, ...], root: Path) -> str:
    """Import the modules one after the other in a fresh interpreter; say which is the first to bring a library with it."""
    program = f"""
        import importlib, sys
        sys.path.insert(0, {str(root)!r})
        for module in {modules!r}:
            importlib.import_module(module)
            for library in {libraries!r}:
                if library in sys.modules:
                    sys.exit(print(module, "loads", library, end=""))
    """
    return subprocess.run(
        [sys.executable, "-P", "-c", dedent(program)], capture_output=True, text=True, check=True, cwd=root
    ).stdout


def test_module_names_say_what_is_inside() -> None:
    assert names_that_say_nothing(PROJECT) == []


@pytest.mark.parametrize("file", ["engine/utils.py", "gui/helpers/colour.py", "gui/views/common.py"])
def test_module_name_that_says_nothing_is_found(tmp_path: Path, file: str) -> None:
    write_tree(tmp_path, {**HOUSE, file: ""})
    assert names_that_say_nothing(tmp_path) == [str(Path(file))]


def names_that_say_nothing(root: Path) -> list[str]:
    return [
        str(path.relative_to(root))
        for path in source_files(root)
        if NAMES_THAT_SAY_NOTHING.intersection(path.relative_to(root).with_suffix("").parts)
    ]


def test_signals_of_the_session_reach_bound_methods() -> None:
    assert receivers_without_a_thread(PROJECT) == []


@pytest.mark.parametrize(
    "receiver", ["lambda: None", "partial(print, 1)", "functools.partial(print, 1)", "lambda: None, Qt.QueuedConnection"]
)
def test_receiver_without_a_thread_is_found(tmp_path: Path, receiver: str) -> None:
    write_tree(tmp_path, {"gui/session/session.py": f"worker.stepped.connect(self.show)\nworker.stepped.connect({receiver})"})
    assert receivers_without_a_thread(tmp_path) == [f"{Path('gui/session/session.py')}:2"]


def receivers_without_a_thread(root: Path) -> list[str]:
    """Return where a signal is connected to something that is no bound method: it would run in the sender's thread."""
    return [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in source_files(root)
        if is_within(module_name(path, root), "gui.session")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "connect"
        if node.args and not isinstance(node.args[0], ast.Attribute)
    ]


def test_every_except_names_what_it_catches() -> None:
    assert bare_excepts(PROJECT) == []


def test_bare_except_is_found(tmp_path: Path) -> None:
    write_tree(tmp_path, {"engine/trainer.py": "try:\n    pass\nexcept:\n    pass\n"})
    assert bare_excepts(tmp_path) == [f"{Path('engine/trainer.py')}:3"]


def bare_excepts(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in source_files(root)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]


def test_project_speaks_of_itself_alone() -> None:
    assert words_out_of_place(PROJECT) == []


@pytest.mark.parametrize("file", ["engine/trainer.py", "README.md", ".ci/run", "Makefile"])
@pytest.mark.parametrize("word", WORDS_OUT_OF_PLACE)
def test_word_out_of_place_is_found(tmp_path: Path, file: str, word: str) -> None:
    write_tree(tmp_path, {file: f"first line\nsee {word}there"})
    assert words_out_of_place(tmp_path) == [f"{Path(file)}:2: {word}"]


def words_out_of_place(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)}:{number}: {word}"
        for path in project_texts(root)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for word in WORDS_OUT_OF_PLACE
        if word in line
    ]


def project_texts(root: Path) -> list[Path]:
    """Return the text files of the project; not the environment or what runs and checks leave at the top level."""
    top = ["main.py", "pyproject.toml", "Makefile", "README.md", "CONTRIBUTING.md", "LICENSE", ".gitignore"]
    folders = ["gui", "engine", "resources", "tests", "benchmarks", "docs", ".ci"]
    files = [root / name for name in top] + [path for folder in folders for path in sorted((root / folder).rglob("*"))]
    return [path for path in files if path.is_file() and path.suffix in TEXT_FILES and "__pycache__" not in path.parts]
