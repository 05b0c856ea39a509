"""Every command of the window that has a key or a place in a menu, written once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A command: what it is called, its key, and one line that says what it does."""

    name: str
    text: str
    key: str
    help: str
    menu: str


COMMANDS: tuple[Command, ...] = (
    Command("open", "Open CSV…", "Ctrl+O", "Open a table of your own.", "File"),
    Command("paste", "Paste table", "Ctrl+V", "Open the table that stands in the clipboard.", "File"),
    Command("example_file", "Open example file…", "", "Open one of the examples as a CSV file.", "File"),
    Command("draw", "Draw your own points", "", "Click or brush points into the prediction panel, and train on them.", "File"),
    Command("export", "Export run…", "Ctrl+E", "Write this run's files, at the step where it stands, into a folder.", "File"),
    Command("quit", "Quit", "Ctrl+Q", "Close the window; training stops.", "File"),
    Command("play", "Play or pause", "Space", "Train, or replay the recorded future; pause.", "Run"),
    Command("step", "Step", "Right", "One update (or epoch, as chosen in the toolbar) forward.", "Run"),
    Command("back", "Step back", "Left", "One update (or epoch) back in time.", "Run"),
    Command("epoch", "Step one epoch", "Shift+Right", "Train to the end of the epoch.", "Run"),
    Command("reset", "Reset", "R", "Start again from the same first weights; this run is kept.", "Run"),
    Command("rows", "Show the rows", "Ctrl+D", "The table, its scatter plot, and what was done to each column.", "View"),
    Command("reset_layout", "Reset layout", "", "Put every panel back in its place.", "View"),
    Command("help", "Keyboard and help", "F1", "Show this list.", "Help"),
    Command("about", "About Backprop Studio", "", "Version and licence.", "Help"),
)

MENUS: tuple[str, ...] = ("File", "Run", "View", "Help")

KEYS: dict[str, str] = {command.name: command.key for command in COMMANDS if command.key}
