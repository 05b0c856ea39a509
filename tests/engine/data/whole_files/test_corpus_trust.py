"""No file ever executes anything: not the table, not what lies beside it, not a specification."""

import ast
import gzip
import os
import pickle
from pathlib import Path

import pytest

import engine.data
from engine.data import spec_file
from engine.data.errors import DataError
from engine.data.table import read_table
from tests.engine.data.whole_files.corpus import file_of, write
from tests.engine.data.whole_files.corpus_checks import answer, cells_of

PLAIN = file_of("x,colour,when", *(f"{n}.25,{('red', 'green')[n % 2]},{n + 10}.01.2021" for n in range(20)))


class Bomb:
    """What writes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("suffix", [".metadata", ".pkl", ".pickle", ".json", ".spec", ".yaml", ".py", ".meta"])
def test_files_beside_the_table_are_not_opened(suffix: str, tmp_path: Path) -> None:
    """Another program unpickles `x.csv.metadata` when it opens x.csv."""
    marker = tmp_path / "executed"
    path = write(tmp_path, PLAIN)
    pickled = pickle.dumps(Bomb(marker))
    path.with_name(path.name + suffix).write_bytes(pickled)
    path.with_suffix(suffix).write_bytes(pickled)
    answer(path)
    assert not marker.exists()


def test_pickles_are_not_loaded_under_any_name(tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    for pickled in (
        pickle.dumps(Bomb(marker)),
        pickle.dumps(Bomb(marker), protocol=0),
        gzip.compress(pickle.dumps(Bomb(marker))),
    ):
        for name in ("table.csv", "table.pkl", "table.npy", "table.json", "table.csv.gz"):
            answer(write(tmp_path, pickled, name))
            with pytest.raises(DataError):
                spec_file.read_spec(write(tmp_path, pickled, name))
    assert not marker.exists()


def hostile(marker: Path) -> list[str]:
    return [
        f"=cmd|'/C mkdir {marker}'!A0",
        f"@SUM(1+1)*cmd|'/C mkdir {marker}'!A0",
        f"__import__('os').mkdir({str(marker)!r})",
        f"'); __import__('os').mkdir({str(marker)!r}) #",
        "{{ 7 * 7 }}",
        "${7*7}",
        "%(asctime)s",
        "{0.__class__}",
        "{rows}",
        "`id`",
        "$(id)",
        "!!python/object/apply:os.system ['id']",
        "../../etc/passwd",
        "file:///etc/passwd",
        "http://127.0.0.1:9/x.csv",
        "s3://bucket/x.csv",
        "<script>alert(1)</script>",
    ]


def test_hostile_cells_and_names_are_text_as_they_stand(tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    words = hostile(marker)
    quoted = [f'"{word}"' for word in words]
    rows = [[*quoted[n:], *quoted[:n], str(n)] for n in range(1, len(words))]  # no cell below the same name
    content = file_of(",".join([*quoted, "y"]), *(",".join(row) for row in rows))
    table = read_table(write(tmp_path, content))
    assert table.names == (*words, "y")
    assert [cells_of(table, word) for word in words] == [[*words[n + 1 :], *words[:n]] for n in range(len(words))]
    answer(write(tmp_path, content))
    assert not marker.exists()


def test_hostile_cells_among_numbers_are_shown_as_they_stand(tmp_path: Path) -> None:
    for word in hostile(tmp_path / "executed"):
        content = file_of("x,y", *(f"{n}.5,{n}" for n in range(40)), f'"{word}",1')
        table = read_table(write(tmp_path, content))
        told = [repair.what for repair in table.repairs if 42 in repair.lines]
        assert told
        assert word[:20] in told[0] or repr(word)[1:20] in told[0]
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "name", ["{x}.csv", "%s %n.csv", "-rf.csv", "a;b.csv", "$(id).csv", "ü 名 😀.csv", "x" * 200 + ".csv", "a\nb.csv"]
)
def test_hostile_file_names(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(PLAIN)
    assert read_table(path).n_rows == 20
    path.write_bytes(b'a,b\n1,"x\n')
    with pytest.raises(DataError) as refused:
        read_table(path)
    assert "Traceback" not in str(refused.value)


FORBIDDEN_MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "yaml",
    "ruamel",
    "subprocess",
    "pty",
    "ctypes",
    "code",
    "codeop",
    "runpy",
    "importlib",
    "socket",
    "urllib",
    "http",
    "requests",
    "webbrowser",
}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "input", "breakpoint"}
FORBIDDEN_ATTRIBUTES = {
    "system",
    "popen",
    "spawnl",
    "execv",
    "startfile",
    "read_pickle",
    "to_pickle",
    "query",
    "eval",
    "literal_eval",
    "extractall",
}

SOURCES = sorted(Path(next(iter(engine.data.__path__))).rglob("*.py"))


def faults_of(tree: ast.AST) -> list[str]:
    """Return what could execute a file's content."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] in FORBIDDEN_MODULES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FORBIDDEN_MODULES:
            found.append(str(node.module))
        elif isinstance(node, ast.Name) and node.id in FORBIDDEN_CALLS:
            found.append(node.id)
        elif isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_ATTRIBUTES:
            found.append(node.attr)
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            found += [] if isinstance(node.value, ast.Constant) and node.value.value is False else ["allow_pickle"]
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_no_module_can_execute_what_a_file_says(source: Path) -> None:
    assert faults_of(ast.parse(source.read_text(encoding="utf-8"))) == []


def test_the_search_for_such_modules_finds_them() -> None:
    assert len(SOURCES) > 20
    lines = [
        "import pickle",
        "from yaml import safe_load",
        "import os.path, subprocess as s",
        "x = eval('1')",
        "f = exec",
        "os.system('x')",
        "frame.query('a > 1')",
        "np.load(f, allow_pickle=True)",
    ]
    assert all(faults_of(ast.parse(line)) for line in lines)
    assert faults_of(ast.parse("import json, re\nre.compile('x')\nnp.load(f, allow_pickle=False)")) == []
