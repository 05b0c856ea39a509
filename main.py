"""Backprop Studio: the command line, and the way into the window."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.errors import DataError
from engine.options import Command, OptionError, in_options, parse_command
from engine.settings import SettingsError
from gui.display import QtMissingError, draw_off_screen, has_display, require_qt

if TYPE_CHECKING:
    from engine.data.import_spec import ImportSpec
    from engine.data.prepared import PreparedData
    from engine.run import Progress
    from engine.run_result import RunResult
    from gui.application import Opening

DONE, REFUSED, NOT_FINITE, INTERRUPTED = 0, 2, 3, 130
"""Exit statuses."""

BAR_WIDTH = 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what a command line asks for (that of the process when None) and return the exit status."""
    _open_missing_streams()
    try:
        command = _with_display(parse_command(arguments))
        return ACTIONS[command.action](command)
    except SettingsError as error:
        return _end(REFUSED, in_options(error))
    except (OptionError, DataError, QtMissingError) as error:
        return _end(REFUSED, str(error))
    except BrokenPipeError:  # whoever reads the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        return _end(REFUSED, _what_the_system_says(error))
    except KeyboardInterrupt:
        return _end(INTERRUPTED, "Interrupted; files that were not complete yet were left out.")


def show_window(command: Command) -> int:
    """Open the window."""
    gc.disable()  # what is loaded now lives on; looking through it again and again delays the first window
    require_qt()
    from gui.application import run_window

    return run_window(_opening(command))


def take_screenshot(command: Command) -> int:
    """Write a picture of the window."""
    options = command.screenshot
    assert options is not None
    if not has_display():
        draw_off_screen()
    require_qt()
    from gui import application

    try:
        return application.take_screenshot(
            str(options.out),
            _opening(command),
            after_steps=options.after_steps,
            size=options.size,
            theme=options.theme,
            scale=options.scale,
        )
    except application.ScreenshotError as error:
        return _end(REFUSED, str(error))


def inspect(command: Command) -> int:
    """Print what a file holds."""
    from engine.data.inspect import inspect_file
    from engine.results.json_text import plain

    assert command.file is not None
    print(json.dumps(plain(inspect_file(Path(command.file), _spec(command))), indent=2), flush=True)
    return DONE


def train_headless(command: Command) -> int:
    """Train without a window and write the results."""
    from engine.interruption import Interruption
    from engine.run import run_headless

    assert command.out is not None
    bar = ProgressBar()
    with Interruption() as interrupted:
        data = _load(command)
        if interrupted():
            raise KeyboardInterrupt  # nothing was reached yet that is worth a file
        result = run_headless(command.settings, data, command.out, bar, interrupted)
        bar.close()
        _write_pictures(result, command.out)
    if result.stop.reason == "non-finite":
        return _end(NOT_FINITE, f"{data.name}: {result.stop.sentence} What was reached is in {command.out}.")
    if interrupted():
        return _end(INTERRUPTED, f"Interrupted at step {result.history.step:,}; what was reached is in {command.out}.")
    return DONE


ACTIONS: dict[str, Callable[[Command], int]] = {
    "window": show_window,
    "inspect": inspect,
    "headless": train_headless,
    "screenshot": take_screenshot,
}


class ProgressBar:
    """Shows how far training is on a terminal; on a pipe it shows nothing."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()
        self._started = False

    def __call__(self, progress: Progress) -> None:
        """Draw the bar over the one before."""
        if not self._shows:
            return
        self._started = True
        filled = BAR_WIDTH * progress.step // progress.last_step if progress.last_step else 0
        of_how_many = f" of {progress.last_step:,}" if progress.last_step else ""
        loss = "" if progress.batch_loss is None else f", batch loss {progress.batch_loss:.4g}"
        bar = "#" * filled + "-" * (BAR_WIDTH - filled)
        print(f"\r[{bar}] step {progress.step:,}{of_how_many}{loss}    ", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave the bar as it is and go to the next line."""
        if self._started:
            print(file=sys.stderr)


def _load(command: Command) -> PreparedData:
    """Read and prepare the file, or the built-in example where there is none."""
    from engine.data.loading import load_example, load_file

    if command.file is None:
        return load_example(command.example, command.settings)
    return load_file(command.file, command.settings, spec=_spec(command))


def _spec(command: Command) -> ImportSpec | None:
    """Return how the file is to be read; None leaves it to be recognised."""
    if command.import_spec is None or command.file is None:
        return None
    from engine.data.spec_file import spec_for

    return spec_for(Path(command.file), command.import_spec)


def _opening(command: Command) -> Opening:
    """Return what the window opens on."""
    from gui.application import Opening

    file = None if command.file is None else Path(command.file)
    return Opening(command.settings, file, _spec(command), command.example)


def _with_display(command: Command) -> Command:
    """Turn a window that can't be opened into a run without one."""
    if command.action != "window" or has_display():
        return command
    _say("No display was found, so this trains without a window, as with --headless --out out.")
    return replace(command, action="headless", out=Path("out"))


def _write_pictures(result: RunResult, folder: Path) -> None:
    """Write the pictures where Qt can be loaded; elsewhere say what is missing, for everything else is written."""
    draw_off_screen()
    try:
        require_qt()
    except QtMissingError as error:
        _say(f"The pictures were left out. {error}")
        return
    from gui.pictures import write_pictures

    write_pictures(result, folder)


def _open_missing_streams() -> None:
    """Give a program without a console, which has no streams on Windows, some that take everything and show nothing."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open until the end


def _what_the_system_says(error: OSError) -> str:
    if error.strerror is None:
        return str(error)
    where = f"{error.filename}: " if error.filename is not None else ""
    return f"{where}{error.strerror}; check the path, your rights and the space on the disk."


def _say(message: str) -> None:
    print(" ".join(message.splitlines()), file=sys.stderr)


def _end(status: int, message: str) -> int:
    _say(message)
    return status


if __name__ == "__main__":
    sys.exit(main())
