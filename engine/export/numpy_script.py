"""The network of a run as a program that predicts with it: NumPy only, readable, with the preparation of its data.

The script stands beside the files of the run: the weights come from model.npz, the constants of the preparation from
preparation.json. Names from the data are written as Python literals (repr), never as part of the code or of a comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import fill
from typing import Any

from engine.data.import_spec import ImportSpec
from engine.data.prepared import PreparedData
from engine.export.numpy_network import needs_math, network_functions
from engine.export.numpy_preparation import has_dates, preparation_functions
from engine.export.numpy_reading import dialect_constants, imports_for, reading_functions
from engine.export.script_text import joined, lines, list_literal
from engine.losses import LOSSES
from engine.network import NetworkSpec
from engine.settings import Settings

_WHAT = """Predict with the network of a training run of Backprop Studio.

It stands in the folder of the run, beside model.npz and preparation.json, and needs numpy:

    python predict.py FILE.csv

Prints a line for each row of the file: {answer}.
In Python, `predict(X)` takes rows that are prepared as X_train in data.npz is, and `prepared(read_columns(path))`
makes them of a file."""

_LIMITS = (
    "The constants below say how the file is written, as the one that was learned from: change them for one that is written "
    "in another way. A file that can't be read so is refused."
)

_HEADER = "The first row of the file names the columns; those that the network does not use may be missing."
_NO_HEADER = "The file has no names of columns, as the one that was learned from: all columns stand in the same order."

_PLAIN_NAME = re.compile(r"column [1-9][0-9]*")
"""What the columns of a file without names are called."""

_IMPORTS = ("csv", "json", "os", "re", "sys")

_FILES = """PREPARATION = json.loads((FOLDER / "preparation.json").read_text(encoding="utf-8"))
with np.load(FOLDER / "model.npz", allow_pickle=False) as arrays:
    PARAMETERS = {name.removeprefix("final/"): arrays[name] for name in arrays.files if name.startswith("final/")}"""

_ANSWERS = {
    "number": '''def answers(outputs):
    """Return the predicted number of each row, in the units of the file it was learned from."""
    return [(float(output) * TARGET_SCALE + TARGET_MEAN,) for output in outputs[:, 0]]''',
    "one output": '''def answers(outputs):
    """Return the predicted class of each row and its {what}; the output is that of the second class."""
    second = outputs[:, 0] > 0.5
    return [(CLASSES[int(code)], float(output if code else 1 - output)) for code, output in zip(second, outputs[:, 0])]''',
    "one output per class": '''def answers(outputs):
    """Return the predicted class of each row and its {what}."""
    return [(CLASSES[int(row.argmax())], float(row.max())) for row in outputs]''',
}

_MAIN = '''def main(arguments):
    """Predict the rows of a file; return the exit status."""
    if len(arguments) != 1:
        print("Usage: python predict.py FILE.csv", file=sys.stderr)
        return 2
    try:
        X = prepared(read_columns(arguments[0]))
    except (OSError, UnicodeError, csv.Error, Refused) as error:
        print(f"{arguments[0]}: {error}; the top of predict.py says how a file is read.", file=sys.stderr)
        return 2
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        csv.writer(sys.stdout, lineterminator="\\n").writerows(answers(predict(X)))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads the answers has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0'''

_START = 'if __name__ == "__main__":\n    sys.exit(main(sys.argv[1:]))'


def numpy_script(settings: Settings, spec: NetworkSpec, data: PreparedData) -> str:
    """Return a script (numpy only) that predicts with the network a run ended with, from the folder it stands in.

    Parameters
    ----------
    settings : Settings
    spec : NetworkSpec
    data : PreparedData
        Its names, and which kinds of columns it has; the constants stay in preparation.json.
    """
    columns: dict[str, dict[str, Any]] = data.preparation.get("columns", {})
    used = {name: constants for name, constants in columns.items() if constants["encoding"] != "left out"}
    import_spec = _import_spec(data)
    header = import_spec.header and (not used or any(_PLAIN_NAME.fullmatch(name) is None for name in used))
    return joined(
        [
            f'"""{_docstring(spec, data, header=header)}\n"""',
            _imports(spec, used, import_spec),
            "FOLDER = Path(__file__).resolve().parent",
            dialect_constants(import_spec, header=header),
            _names(data),
            _FILES,
            *network_functions(spec, settings.precision),
            *reading_functions(import_spec),
            *preparation_functions(used),
            _answers(spec, data),
            _MAIN,
            _START,
        ]
    )


def _docstring(spec: NetworkSpec, data: PreparedData, *, header: bool) -> str:
    if data.target.task == "regression":
        answer = "the predicted number, in the units of the file that was learned from"
    else:
        remark = "" if _figure(spec) == "probability" else f" (with the loss {spec.loss} it is no probability)"
        answer = f"the predicted class and its {_figure(spec)}{remark}"
    limits = fill(f"{_HEADER if header else _NO_HEADER} {_LIMITS}", 118)
    return f"{_WHAT.format(answer=answer)}\n\n{limits}"


def _figure(spec: NetworkSpec) -> str:
    """Return what the outputs are for classes."""
    return "probability" if LOSSES[spec.loss].gives_probabilities else "score"


def _import_spec(data: PreparedData) -> ImportSpec:
    """Return how the file was read; the usual way where the data come from none."""
    fields = data.preparation.get("import_spec")
    return ImportSpec() if fields is None else ImportSpec.from_dict(fields)


def _imports(spec: NetworkSpec, used: Mapping[str, Mapping[str, Any]], import_spec: ImportSpec) -> str:
    names = {
        *_IMPORTS,
        *imports_for(import_spec.compression),
        *(("math",) if needs_math(spec) else ()),
        *(("datetime",) if has_dates(used) else ()),
    }
    return lines(*(f"import {name}" for name in sorted(names)), "from pathlib import Path\n\nimport numpy as np")


def _names(data: PreparedData) -> str:
    """Return what the network learned from, and what its outputs mean."""
    target = data.target
    if target.task == "regression":
        meaning = f"TARGET_MEAN, TARGET_SCALE = {float(target.mean)!r}, {float(target.scale)!r}"
    else:
        meaning = f"CLASSES = {list_literal(target.classes)}"
    return lines("# What the network learned.", f"SOURCE = {data.name!r}", f"TARGET = {target.name!r}", meaning)


def _answers(spec: NetworkSpec, data: PreparedData) -> str:
    if data.target.task == "regression":
        return _ANSWERS["number"]
    outputs = "one output" if spec.n_outputs == 1 else "one output per class"
    return _ANSWERS[outputs].format(what=_figure(spec))
