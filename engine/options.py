"""The command line: what it accepts, built from the one table of settings, and what it asks for once it is read."""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, NoReturn, get_args, get_type_hints

from annotated_types import Ge, Gt, Le, Lt

from engine.data.examples.catalogue import DEFAULT_EXAMPLE, EXAMPLES
from engine.dependent_settings import choices_that_use
from engine.settings import SHORT_NAMES, Settings, SettingsError, Shown, choices, default, make_settings, shown
from engine.version import __version__

Action = Literal["window", "inspect", "headless", "screenshot"]
ThemeName = Literal["light", "dark"]

DESCRIPTION = (
    "Watch a neural network learn from your own CSV file. Without --inspect, --headless or --screenshot a window opens."
)
EPILOG = (
    "Exit status: 0 done; 2 the input or an option is wrong; 3 training stopped on a number that is not finite "
    "(what was reached is still written); 130 interrupted (likewise written)."
)

GROUPS = {
    "data": "data",
    "network": "network",
    "loss": "loss",
    "regularisation": "regularisation",
    "training": "training",
    "schedule": "schedule of the learning rate",
    "run": "end of a run, whichever comes first; without a window 100 epochs if no --epochs, --steps or --seconds are given",
}

METAVARS = {
    "target": "COLUMN",
    "features": "A,B,C",
    "validation": "FRACTION",
    "test": "FRACTION",
    "example_rows": "N",
    "example_noise": "X",
    "hidden": "{8,8|none}",
    "activation": "NAME[,NAME...]",
    "switched_off": "LAYER:UNIT[,...]",
    "dropout": "P[,P...]",
    "freeze": "N[,N...]",
    "batch_size": "{N,full}",
    "seconds": "S",
}
"""What stands for the value where the type alone does not say it."""

FEW_CHOICES = 5
"""So many names stand in place of the value; more are told in the help line."""

LARGEST_LIMIT_MET = 1e5
"""Limits beyond it keep numbers finite; nobody meets them, so the help line leaves them out."""


class OptionError(ValueError):
    """The command line is wrong; the message says which option, what was given and what is allowed."""


@dataclass(frozen=True)
class ScreenshotOptions:
    """How a picture of the window is to be taken.

    Attributes
    ----------
    out : path
        The PNG file to write.
    after_steps : int
        Updates to take before.
    size : tuple of int
        Width and height of the window, in device-independent pixels.
    theme : {"light", "dark"} or None
        None follows the system.
    scale : float
        Device pixels per pixel.
    """

    out: Path
    after_steps: int = 0
    size: tuple[int, int] = (1440, 900)
    theme: ThemeName | None = None
    scale: float = 1.0


@dataclass(frozen=True)
class Command:
    """What a command line asks for.

    Attributes
    ----------
    action : {"window", "inspect", "headless", "screenshot"}
    file : str or None
        The CSV file; None for a built-in example.
    settings : Settings
    example : str
        Key of the built-in example that is taken where there is no file.
    import_spec : path or None
        The file that says how the CSV file is to be read; None leaves it to be recognised.
    out : path or None
        The folder for the results of a run without a window.
    screenshot : ScreenshotOptions or None
    """

    action: Action
    file: str | None
    settings: Settings
    example: str = DEFAULT_EXAMPLE
    import_spec: Path | None = None
    out: Path | None = None
    screenshot: ScreenshotOptions | None = None


class Parser(argparse.ArgumentParser):
    """A parser that reports a mistake as an exception, so that the program can say it in one line of its own."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage and leaving."""
        message = re.sub(r"^argument ([^:]*): ", lambda found: f"{found[1].split('/')[-1]}: ", message)
        message = message.replace("unrecognized arguments: ", "There is no option or place for ")
        raise OptionError(f"{message}; see --help.")


def parse_command(arguments: Sequence[str] | None = None) -> Command:
    """Read a command line (that of the process when None).

    Raises
    ------
    OptionError
        When an option is unknown, its value wrong, or two do not go together.
    SystemExit
        After --help or --version.
    """
    given = build_parser().parse_args(arguments)
    action = _action(given)
    _refuse_without_effect(given, action)
    return Command(
        action,
        given.file,
        _settings_from(given),
        example=given.example or DEFAULT_EXAMPLE,
        import_spec=None if given.import_spec is None else Path(given.import_spec),
        out=None if given.out is None else Path(given.out),
        screenshot=_screenshot_options(given) if action == "screenshot" else None,
    )


def build_parser() -> Parser:
    """Return the parser; its training options come from the table of settings."""
    parser = Parser(
        prog="backprop-studio",
        formatter_class=partial(argparse.HelpFormatter, max_help_position=34),
        usage="%(prog)s [FILE.csv] [--inspect | --headless --out DIR | --screenshot OUT.png] [options]",
        description=DESCRIPTION,
        epilog=EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("file", nargs="?", metavar="FILE.csv", help="the table to learn from; the built-in example without one")
    parser.add_argument("--version", action="version", version=f"Backprop Studio {__version__}")
    actions = parser.add_argument_group("instead of a window").add_mutually_exclusive_group()
    actions.add_argument("--inspect", action="store_true", help="print what the file holds, as one JSON object")
    actions.add_argument("--headless", action="store_true", help="train without a window and write the results into --out DIR")
    actions.add_argument("--screenshot", metavar="OUT.png", help="write a picture of the window and exit")
    parser.add_argument_group("with --headless").add_argument(
        "--out", metavar="DIR", help="folder for the results; made if missing, files in it are replaced"
    )
    _add_screenshot_options(parser)
    for group, title in GROUPS.items():
        arguments = parser.add_argument_group(title)
        if group == "data":
            _add_sources(arguments)
        _add_settings(arguments, group)
    return parser


def option_of(name: str) -> str:
    """Return the option that sets the setting `name`: --learning-rate, or --no-shuffle for what is on by default."""
    off = "no-" if name in Settings.model_fields and default(name) is True else ""
    return f"--{off}" + name.replace("_", "-")


def in_options(error: SettingsError) -> str:
    """Return the message of an error in a setting with the option in place of the setting's name."""
    name, colon, rest = str(error).partition(":")
    return f"{option_of(name)}:{rest}" if colon and name in Settings.model_fields else str(error)


# ---------------------------------------------------------------------- building


def _add_screenshot_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("with --screenshot")
    group.add_argument("--after-steps", metavar="N", help="updates to take before the picture [default: 0]")
    group.add_argument("--size", metavar="WxH", help="size of the window in pixels [default: 1440x900]")
    group.add_argument("--theme", choices=get_args(ThemeName), help="colours of the window [default: as the system]")
    group.add_argument("--scale", metavar="X", help="device pixels per pixel, 0.5 to 4 [default: 1.0]")


def _add_sources(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--example",
        metavar="NAME",
        choices=tuple(EXAMPLES),
        help=f"The built-in example to learn where no file is given: {', '.join(EXAMPLES)}. [default: {DEFAULT_EXAMPLE}]",
    )
    group.add_argument(
        "--import-spec",
        metavar="FILE.json",
        help="How to read the file: encoding, delimiter, column kinds and roles, as saved from the import dialog; "
        "what is not given is recognised.",
    )


def _add_settings(group: argparse._ArgumentGroup, name_of_group: str) -> None:
    hints = get_type_hints(Settings)
    for name in Settings.model_fields:
        if shown(name).group != name_of_group:
            continue
        if hints[name] is bool:
            words = shown(name).help if not default(name) else f"Switches off: {shown(name).help}"
            group.add_argument(option_of(name), dest=name, action="store_const", const=not default(name), help=_plain(words))
        else:
            group.add_argument(option_of(name), dest=name, metavar=_metavar(name, hints[name]), help=_help(name, shown(name)))


def _metavar(name: str, hint: Any) -> str:
    if name in METAVARS:
        return METAVARS[name]
    names = _names(name)
    if names:
        return "{" + ",".join(names) + "}" if len(names) <= FEW_CHOICES else "NAME"
    return "N" if int in (hint, *get_args(hint)) else "X"


def _names(name: str) -> tuple[str, ...]:
    """Return the names a setting is chosen from, none where it is no choice."""
    hint = get_type_hints(Settings)[name]
    is_choice = name == "activation" or (bool(get_args(hint)) and all(isinstance(each, str) for each in get_args(hint)))
    return choices(name) if is_choice else ()


def _help(name: str, how: Shown) -> str:
    """Return the help line of the table with names, limits and default added."""
    names = _names(name)
    parts = ["one of " + ", ".join(names)] if len(names) > FEW_CHOICES else []
    if name == "init":
        parts.append("or short: " + ", ".join(SHORT_NAMES))
    parts += _limits_in_words(name)
    default_text = _default_in_words(name, how)
    if default_text:
        parts.append(f"default: {default_text}")
    return _plain(f"{how.help} [{'; '.join(parts)}]" if parts else how.help)


def _plain(text: str) -> str:
    """Return a help line as argparse wants it, which takes the percent sign for its own."""
    return text.replace("%", "%%")


def _default_in_words(name: str, how: Shown) -> str:
    value = default(name)
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    if value is not None:
        return str(value)
    is_number = not {int, float}.isdisjoint(get_args(get_type_hints(Settings)[name]))
    return "off" if is_number and "if not given" not in how.help else ""


def _limits_in_words(name: str) -> Iterator[str]:
    for limit in _limits(name):
        if isinstance(limit, Ge) and float(limit.ge) >= -LARGEST_LIMIT_MET:  # type: ignore[arg-type]
            yield f"at least {limit.ge:g}"
        elif isinstance(limit, Gt):
            yield f"more than {limit.gt:g}"
        elif isinstance(limit, Le) and float(limit.le) <= LARGEST_LIMIT_MET:  # type: ignore[arg-type]
            yield f"at most {limit.le:g}"
        elif isinstance(limit, Lt) and float(limit.lt) <= LARGEST_LIMIT_MET:  # type: ignore[arg-type]
            yield f"less than {limit.lt:g}"


def _limits(name: str) -> list[Any]:
    """Return the limits of a number, or of each number in a list."""
    of_each = (getattr(part, "__metadata__", ()) for part in get_args(Settings.model_fields[name].annotation))
    return [*Settings.model_fields[name].metadata, *(limit for limits in of_each for limit in limits)]


# ---------------------------------------------------------------------- reading


def _action(given: argparse.Namespace) -> Action:
    if given.inspect:
        return "inspect"
    if given.headless:
        return "headless"
    return "window" if given.screenshot is None else "screenshot"


def _refuse_without_effect(given: argparse.Namespace, action: Action) -> None:
    """Refuse what would be left out in silence."""
    if action == "inspect" and given.file is None:
        raise OptionError("--inspect needs a file: --inspect FILE.csv.")
    if action == "headless" and given.out is None:
        raise OptionError("--headless needs a folder for its results: --out DIR.")
    if action != "headless" and given.out is not None:
        raise OptionError("--out goes with --headless only; add --headless or leave it out.")
    if action == "inspect":
        _refuse_settings(given)
    _refuse_wrong_source(given)
    if action != "screenshot":
        for name in ("after_steps", "size", "theme", "scale"):
            if getattr(given, name) is not None:
                raise OptionError(f"{option_of(name)} goes with --screenshot only; add --screenshot OUT.png or leave it out.")


def _refuse_settings(given: argparse.Namespace) -> None:
    for name in Settings.model_fields:
        if getattr(given, name) is not None:
            raise OptionError(f"{option_of(name)} is for training, and --inspect trains nothing; leave one of them out.")


def _refuse_wrong_source(given: argparse.Namespace) -> None:
    """Refuse options that speak of a file where there is none, and those of an example beside a file."""
    if given.file is None and given.import_spec is not None:
        raise OptionError("--import-spec says how a file is read, and none is given; name one: FILE.csv.")
    of_examples = [name for name in ("example", "example_rows", "example_noise") if getattr(given, name) is not None]
    if given.file is not None and of_examples:
        raise OptionError(f"{option_of(of_examples[0])} is for built-in examples; leave it or the file out.")


def _settings_from(given: argparse.Namespace) -> Settings:
    values: dict[str, Any] = {
        name: _READERS[name](text) if name in _READERS else text
        for name in Settings.model_fields
        if (text := getattr(given, name)) is not None
    }
    if values.get("optimizer") == "lbfgs":
        values.setdefault("batch_size", "full")  # it knows no other, so nobody has to say so
    try:
        settings = make_settings(**values)
    except SettingsError as error:
        raise OptionError(in_options(error)) from None
    for name in values:
        _refuse_unused(name, settings)
    return settings


def _refuse_unused(name: str, settings: Settings) -> None:
    """Raise OptionError where a setting asked for has no effect with the others."""
    found = choices_that_use(name)
    if found is None or getattr(settings, name) == default(name):
        return
    decider, users = found
    choice = getattr(settings, decider)
    if choice not in users:
        instead = f"{option_of(decider)} {_either(users) if len(users) <= FEW_CHOICES else 'NAME'}"
        raise OptionError(
            f"{option_of(name)}: it has no effect with {option_of(decider)} {choice}; take {instead}, or leave it out."
        )


def _either(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _read_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


def _read_hidden(text: str) -> tuple[str, ...]:
    return () if text.strip().lower() == "none" else _read_list(text)


def _read_units(text: str) -> tuple[tuple[str, str], ...]:
    """Take LAYER:UNIT,LAYER:UNIT apart."""
    pairs = [re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9})", part) for part in _read_list(text)]
    if not all(pairs):
        raise OptionError(f"--switched-off: {text!r} is not allowed; it should be LAYER:UNIT[,LAYER:UNIT...], as in 1:4,2:1.")
    return tuple((pair[1], pair[2]) for pair in pairs if pair is not None)


def _read_names(text: str) -> tuple[str, ...]:
    """Split a list as a line of a CSV file, so that a name with a comma can stand in quotes."""
    return tuple(name.strip() for line in csv.reader([text], skipinitialspace=True) for name in line)


_READERS: dict[str, Callable[[str], tuple[Any, ...]]] = {
    "hidden": _read_hidden,
    "activation": _read_list,
    "features": _read_names,
    "dropout": _read_list,
    "freeze": _read_list,
    "switched_off": _read_units,
}
"""How the values that are lists are taken apart; the table of settings reads all others."""


def _screenshot_options(given: argparse.Namespace) -> ScreenshotOptions:
    return ScreenshotOptions(
        out=Path(given.screenshot),
        after_steps=_whole_number("--after-steps", given.after_steps or "0"),
        size=_size(given.size or "1440x900"),
        theme=given.theme,
        scale=_scale(given.scale or "1"),
    )


def _whole_number(option: str, text: str) -> int:
    if re.fullmatch(r"[0-9]{1,18}", text) is None:
        raise OptionError(f"{option}: {text!r} is not allowed; it should be a whole number, 0 or more.")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{2,5})[x×]([0-9]{2,5})", text)
    if found is None or not all(200 <= int(side) <= 16_384 for side in found.groups()):
        raise OptionError(f"--size: {text!r} is not allowed; it should be width and height, each 200 to 16384, as in 1440x900.")
    return int(found[1]), int(found[2])


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0.5 <= scale <= 4.0:
        raise OptionError(f"--scale: {text!r} is not allowed; it should be a number from 0.5 to 4.")
    return scale
