"""Opens the window as `python main.py` does, prints the time at which it was first painted, and closes it."""

from __future__ import annotations

import gc
import time


def main() -> None:
    """Print seconds since the epoch at the first paint."""
    gc.disable()  # as the command does
    import main as program  # what the command itself loads before it opens the window
    from engine.data.examples.catalogue import DEFAULT_EXAMPLE
    from engine.settings import Settings
    from gui.appearance import Appearance
    from gui.main_window import MainWindow
    from gui.preferences import Preferences
    from gui.qt_application import make_application

    assert program
    application = make_application()
    window = MainWindow(Appearance(application), Preferences(), Settings())
    painted: list[float] = []

    def note() -> None:
        painted.append(time.time())
        application.quit()

    window.first_painted.connect(note)
    window.open_example(DEFAULT_EXAMPLE)
    window.show()
    application.exec()
    window.shut_down()
    window.close()
    print(painted[0])


if __name__ == "__main__":
    main()
