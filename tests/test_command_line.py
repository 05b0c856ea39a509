"""The program as people and scripts start it: options, exit status, one line when something is wrong, and files."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import main
from engine.options import OptionError, build_parser, option_of, parse_command
from engine.settings import Settings, default
from engine.version import __version__
from gui import display

PROJECT = Path(__file__).parents[1]
PICTURES = {"network.png", "loss.png", "landscape.png", "prediction.png"}
FILES = {
    "summary.json",
    "history.csv",
    "data.npz",
    "model.npz",
    "preparation.json",
    "landscape.npz",
    "parameters.json",
    "train_torch.py",
    "predict.py",
}


def start(*arguments: str, folder: Path = PROJECT, **environment: str) -> subprocess.Popen[str]:
    variables = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.Popen(
        [sys.executable, str(PROJECT / "main.py"), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=variables | environment,
    )


def run(*arguments: str, folder: Path = PROJECT, **environment: str) -> subprocess.CompletedProcess[str]:
    process = start(*arguments, folder=folder, **environment)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def refused(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must be refused, in this process, and return its one line."""
    assert main.main(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    return only_line(err)


def only_line(text: str) -> str:
    (line,) = text.splitlines()
    return line


def size_of_png(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def write_table(path: Path, rows: int = 40) -> Path:
    lines = ["size,colour,price"] + [f"{i},{'red' if i % 3 else 'blue'},{2 * i + (i % 3)}" for i in range(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_table(tmp_path / "prices.csv")


# ---------------------------------------------------------------------- options


def test_help_documents_every_setting_and_nothing_that_does_not_exist() -> None:
    done = run("--help", COLUMNS="200")
    assert (done.returncode, done.stderr) == (0, "")
    for name in Settings.model_fields:
        assert f"{option_of(name)} " in done.stdout
        if isinstance(default(name), int | float | str) and not isinstance(default(name), bool):
            assert f"default: {default(name)}" in done.stdout
    for option in (
        "--inspect",
        "--headless",
        "--out DIR",
        "--screenshot OUT.png",
        "--after-steps",
        "--size",
        "--theme",
        "--scale",
        "--example NAME",
        "--import-spec FILE.json",
    ):
        assert option in done.stdout


def help_of(option: str) -> str:
    """Return what --help says of an option, on one line."""
    text = build_parser().format_help()
    lines = text[text.index(f"\n  {option} ") + 1 :].splitlines()
    own = [lines[0]]
    for line in lines[1:]:
        if not line.startswith("      "):
            break
        own.append(line)
    return " ".join(" ".join(own).split())


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("--skip", "--skip Add a hidden layer's input"),
        ("--dropout", "--dropout P[,P...] Share of hidden units set to 0"),
        ("--dropout", "[at least 0; less than 1; default: 0.0]"),
        ("--freeze", "--freeze N[,N...] Layers that keep"),
        ("--freeze", "[at least 1; default: none]"),
        ("--switched-off", "--switched-off LAYER:UNIT[,...] Inputs"),
        ("--normalization", "--normalization {none,batch,layer} Of the hidden layers"),
        ("--init", "--init NAME Distribution"),
        ("--init", "or short: glorot, he, lecun; default: glorot_uniform]"),
        ("--activation", "leaky_relu, elu, selu, gelu, gelu_tanh, silu, softplus; default: tanh]"),
        ("--schedule", "one of none, step, exponential, cosine, warm_restarts, warm_up, one_cycle, plateau; default: none]"),
        ("--weight-decay", "0.01 with adamw if not given. [at least 0; at most 10]"),
        ("--clip-norm", "[more than 0; default: off]"),
        ("--learning-rate", "[more than 0; default: 0.01]"),
        ("--init-bias", "First value of every bias. [default: 0.0]"),
        ("--seconds", "--seconds S Stop after this time of training"),
    ],
)
def test_help_tells_value_choices_limits_and_default(option: str, line: str) -> None:
    assert line in help_of(option)


def test_help_is_ordered_as_the_panel() -> None:
    text = build_parser().format_help()
    titles = ["data", "network", "loss", "regularisation", "training", "schedule of the learning rate", "end of a run"]
    places = [text.index(f"\n{title}") for title in titles]
    assert places == sorted(places)
    assert text.index("--dropout") > places[3]
    assert text.index("--schedule-factor") > places[5]


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"Backprop Studio {__version__}\n", "")


def test_command_line_without_options_has_the_defaults_of_the_table() -> None:
    command = parse_command([])
    assert (command.action, command.file, command.settings) == ("window", None, Settings())


def given_options(line: str) -> set[str]:
    return {word for word in line.split() if word.startswith("--")}


def test_every_setting_can_be_given() -> None:
    first = (
        "--target y --features a,c --task regression --validation 0.3 --test 0.1 --scaling none --target-scaling min_max "
        "--missing-indicator --example-rows 50 --example-noise 0.3 --hidden 16,8 --activation relu,tanh --init uniform "
        "--init-scale 0.2 --init-bias 0.5 --normalization layer --skip --switched-off 0:1,2:8 --output-activation tanh "
        "--loss huber --huber-delta 0.5 --l1 1e-4 --l2 1e-3 --weight-decay 0.1 --dropout 0.1,0.2 --input-noise 0.3 "
        "--freeze 1,3 --optimizer sgd --learning-rate 0.5 --momentum 0.9 --nesterov --batch-size full --no-shuffle "
        "--clip-norm 2 --clip-value 3 --precision float32 --schedule step --schedule-period 20 "
        "--schedule-factor 0.5 --epochs 7 --steps 99 --seconds 60 --stop-loss 0.1 --stop-accuracy 0.9 --patience 5 --seed 11"
    )
    settings = parse_command(first.split()).settings
    assert settings == Settings(
        target="y", features=("a", "c"), task="regression", validation=0.3, test=0.1, scaling="none",
        target_scaling="min_max", missing_indicator=True, example_rows=50, example_noise=0.3, hidden=(16, 8),
        activation=("relu", "tanh"),
        init="uniform", init_scale=0.2, init_bias=0.5, normalization="layer", skip=True, switched_off=((0, 1), (2, 8)),
        output_activation="tanh", loss="huber", huber_delta=0.5, l1=1e-4, l2=1e-3, weight_decay=0.1, dropout=(0.1, 0.2),
        input_noise=0.3, freeze=(1, 3), optimizer="sgd", learning_rate=0.5, momentum=0.9, nesterov=True, batch_size="full",
        shuffle=False, clip_norm=2.0, clip_value=3.0, precision="float32", schedule="step", schedule_period=20,
        schedule_factor=0.5, epochs=7, steps=99, seconds=60.0, stop_loss=0.1, stop_accuracy=0.9, patience=5, seed=11,
    )  # fmt: skip
    second = "--amsgrad --beta-1 0.8 --beta-2 0.99 --epsilon 1e-6 --class-weights --label-smoothing 0.1"
    settings = parse_command(second.split()).settings
    assert settings == Settings(
        amsgrad=True, beta_1=0.8, beta_2=0.99, epsilon=1e-6, class_weights=True, label_smoothing=0.1
    )  # fmt: skip
    third = "--optimizer adadelta --rho 0.8"
    assert parse_command(third.split()).settings == Settings(optimizer="adadelta", rho=0.8)
    assert {option_of(name) for name in Settings.model_fields} == given_options(f"{first} {second} {third}")


def test_lbfgs_means_all_rows_unless_told_otherwise() -> None:
    assert parse_command(["--optimizer", "lbfgs"]).settings.batch_size == "full"
    assert parse_command([]).settings.batch_size == 32
    with pytest.raises(OptionError, match=r"--batch-size: lbfgs needs all rows"):
        parse_command(["--optimizer", "lbfgs", "--batch-size", "32"])


@pytest.mark.parametrize(("short", "name"), [("glorot", "glorot_uniform"), ("he", "he_normal"), ("lecun", "lecun_normal")])
def test_short_names_of_initialisations(short: str, name: str) -> None:
    assert parse_command(["--init", short]).settings.init == name


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "--momentum 0.9",
            "--momentum: it has no effect with --optimizer adam; take --optimizer sgd or rmsprop, or leave it out.",
        ),
        ("--nesterov", "--nesterov: it has no effect with --optimizer adam; take --optimizer sgd, or leave it out."),
        ("--optimizer sgd --nesterov", "--nesterov: it looks ahead along the momentum"),
        ("--optimizer sgd --amsgrad", "take --optimizer adam or adamw, or leave it out."),
        ("--optimizer sgd --beta-1 0.9", "--beta-1: it has no effect with --optimizer sgd"),
        ("--optimizer rmsprop --beta-2 0.9", "take --optimizer adam, adamw, nadam or lion"),
        ("--rho 0.9", "take --optimizer rmsprop or adadelta"),
        ("--optimizer lion --epsilon 1e-9", "--epsilon: it has no effect with --optimizer lion"),
        (
            "--schedule-period 5",
            "--schedule-period: it has no effect with --schedule none; take --schedule NAME, or leave it out.",
        ),
        ("--schedule-factor 0.5", "--schedule-factor: it has no effect"),
        ("--huber-delta 2", "--huber-delta: it has no effect with --loss auto; take --loss huber, or leave it out."),
        (
            "--init he --init-scale 1",
            "--init-scale: it has no effect with --init he_normal; take --init constant, uniform or normal",
        ),
    ],
)
def test_option_without_effect_is_refused(line: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_command(line.split())
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_default_written_out_is_not_refused() -> None:
    line = "--momentum 0 --schedule-factor 0.1 --huber-delta 1 --init-scale 0.1"
    assert parse_command(line.split()).settings == Settings()


def test_name_with_a_comma_stands_in_quotes() -> None:
    assert parse_command(["--features", 'a, "b, c",d']).settings.features == ("a", "b, c", "d")


def test_no_hidden_layer() -> None:
    assert parse_command(["--hidden", "none"]).settings.hidden == ()


def test_screenshot_options() -> None:
    words = [
        "--screenshot",
        "a.png",
        "x.csv",
        "--after-steps",
        "600",
        "--size",
        "1024x700",
        "--theme",
        "dark",
        "--scale",
        "1.5",
    ]
    command = parse_command(words)
    assert (command.action, command.file) == ("screenshot", "x.csv")
    options = command.screenshot
    assert options is not None
    found = (str(options.out), options.after_steps, options.size, options.theme, options.scale)
    assert found == ("a.png", 600, (1024, 700), "dark", 1.5)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--test", "0.95"], "--test"),
        (["--learn", "0.1"], "--learn"),
        (["--learning-rate", "-1"], "--learning-rate: '-1' is not allowed"),
        (["--learning-rate", "nan"], "--learning-rate"),
        (["--validation", "0.95"], "--validation"),
        (["--epochs", "many"], "--epochs"),
        (["--epochs", "0"], "--epochs"),
        (["--epochs"], "--epochs"),
        (["--batch-size", "0"], "--batch-size"),
        (["--hidden", "8,,8"], "--hidden"),
        (["--hidden", "0"], "--hidden"),
        (["--hidden", "5000"], "4096"),
        (["--activation", "swish"], "--activation"),
        (["--activation", "tanh,relu,tanh"], "--activation: 3 were given for 2 hidden layers"),
        (["--loss", "cosine"], "--loss"),
        (["--skip", "yes", "x.csv"], "x.csv"),
        (["--skip=yes"], "--skip"),
        (["--dropout", "1"], "--dropout: '1' is not allowed; it should be less than 1"),
        (["--dropout", "0.1,0.2,0.3"], "--dropout: 3 were given for 2 hidden layers"),
        (["--dropout", "0.1,"], "--dropout: '' is not allowed"),
        (["--freeze", "4"], "--freeze: there is no layer 4; the network has 3"),
        (["--freeze", "0"], "--freeze: '0' is not allowed"),
        (["--freeze", "out"], "--freeze: 'out' is not allowed"),
        (["--switched-off", "3"], "--switched-off: '3' is not allowed; it should be LAYER:UNIT"),
        (["--switched-off", "1:9"], "--switched-off: 1:9 is no input or hidden unit"),
        (["--normalization", "group"], "--normalization"),
        (["--normalization", "batch", "--batch-size", "1"], "--batch-size: batch normalisation needs"),
        (["--optimizer", "lbfgs", "--dropout", "0.5"], "--dropout: lbfgs needs a loss without random numbers"),
        (["--clip-norm", "0"], "--clip-norm"),
        (["--patience", "0"], "--patience"),
        (["--stop-accuracy", "95"], "--stop-accuracy"),
        (["--precision", "float16"], "--precision"),
        (["--momentum", "0.9"], "--optimizer sgd"),
        (["--inspect"], "--inspect FILE.csv"),
        (["--headless"], "--out DIR"),
        (["--out", "x"], "--headless"),
        (["--size", "800x600"], "--screenshot"),
        (["--screenshot", "a.png", "--size", "big"], "--size"),
        (["--screenshot", "a.png", "--after-steps", "-1"], "--after-steps"),
        (["--screenshot", "a.png", "--scale", "0"], "--scale"),
        (["--screenshot", "a.png", "--theme", "blue"], "--theme"),
        (["--inspect", "--headless", "x.csv"], "--headless"),
        (["a.csv", "b.csv"], "b.csv"),
        (["--test", "0.5", "--validation", "0.5"], "--test: 0.5 beside a validation share of 0.5"),
        (["--example", "moon"], "--example"),
        (["a.csv", "--example", "xor"], "--example is for built-in examples"),
        (["a.csv", "--example-noise", "1"], "--example-noise is for built-in examples"),
        (["--import-spec", "a.json"], "--import-spec says how a file is read"),
        (["--inspect", "a.csv", "--seed", "1"], "--seed is for training"),
    ],
)
def test_wrong_option_is_named(words: list[str], what: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_command(words)
    assert what in str(caught.value)
    assert "\n" not in str(caught.value)


def test_options_are_those_of_the_table_and_a_few_of_the_program() -> None:
    options = {option for action in build_parser()._actions for option in action.option_strings}
    own = {"-h", "--help", "--version", "--inspect", "--headless", "--out", "--screenshot"}
    own |= {"--example", "--import-spec"}
    own |= {"--after-steps", "--size", "--theme", "--scale"}
    assert options == own | {option_of(name) for name in Settings.model_fields}
    assert {"--learning-rate", "--no-shuffle"} < options


# ---------------------------------------------------------------------- exit status 2


def test_wrong_option_gives_status_2_and_one_line() -> None:
    done = run("--headless", "--test", "0.95", "--out", "x")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--test" in only_line(done.stderr)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "missing.csv"),
        (b"", "empty"),
        (bytes(range(256)) * 20, "binary"),
        (b"PK\x03\x04" + b"\x00" * 100, "the ZIP archive is damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "not a CSV file"),
    ],
)
@pytest.mark.parametrize("action", ["--inspect", "--headless"])
def test_bad_file_gives_status_2_and_one_line(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, content: bytes | None, words: str, action: str
) -> None:
    path = tmp_path / ("missing.csv" if content is None else "bad.csv")
    if content is not None:
        path.write_bytes(content)
    out = ["--out", str(tmp_path / "out")] if action == "--headless" else []
    line = refused(capfd, action, str(path), *out)
    assert words in line
    assert path.name in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--target", "weight"], "weight"),
        (["--features", "size,weight"], "weight"),
        (["--target", "price", "--loss", "bce"], "bce"),
        (["--target", "colour", "--output-activation", "tanh"], "tanh"),
    ],
)
def test_options_that_do_not_fit_the_file(
    capfd: pytest.CaptureFixture[str], table: Path, tmp_path: Path, options: list[str], words: str
) -> None:
    assert words in refused(capfd, "--headless", str(table), *options, "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [["--target", "price"], ["--features", "x1"], ["--task", "regression"]])
def test_example_has_its_own_columns(capfd: pytest.CaptureFixture[str], tmp_path: Path, options: list[str]) -> None:
    assert options[0] in refused(capfd, "--headless", *options, "--out", str(tmp_path / "out"))


def test_file_with_one_row_is_too_little_to_learn_from(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("a,b\n1,2\n")
    assert "short.csv" in refused(capfd, "--headless", str(path), "--out", str(tmp_path / "out"))


def test_folder_that_can_not_be_made(capfd: pytest.CaptureFixture[str], table: Path) -> None:
    assert str(table) in refused(capfd, "--headless", str(table), "--steps", "1", "--out", str(table / "out"))


def test_name_with_a_line_break_stays_on_one_line(capfd: pytest.CaptureFixture[str], table: Path, tmp_path: Path) -> None:
    assert "such.csv" in refused(capfd, "--inspect", str(tmp_path / "no\nsuch.csv"))
    refused(capfd, "--headless", str(table), "--target", "a\nb", "--out", str(tmp_path / "out"))


# ---------------------------------------------------------------------- inspect


def test_inspect_prints_one_object(table: Path) -> None:
    done = run("--inspect", str(table))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    keys = {"rows", "columns", "header", "delimiter", "encoding", "decimal", "thousands", "repairs", "target", "task"}
    assert keys < set(found)
    assert (found["rows"], found["header"], found["delimiter"]) == (40, True, ",")
    assert [column["name"] for column in found["columns"]] == ["size", "colour", "price"]
    assert {"name", "kind", "missing", "distinct"} < set(found["columns"][0])


def test_inspect_writes_any_name_to_any_terminal(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("größe,重さ\n" + "".join(f"{i},{i * i}\n" for i in range(20)), encoding="utf-8")
    done = run("--inspect", str(path), PYTHONIOENCODING="ascii")
    assert [column["name"] for column in json.loads(done.stdout)["columns"]] == ["größe", "重さ"]


# ---------------------------------------------------------------------- headless


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A run on a file, started from another folder."""
    folder = tmp_path_factory.mktemp("trained")
    write_table(folder / "prices.csv")
    words = "--headless prices.csv --target price --epochs 3 --batch-size 10 --hidden 5 --out made/results"
    return folder / "made" / "results", run(*words.split(), folder=folder)


def test_headless_is_silent_on_a_pipe(trained: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    done = trained[1]
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_headless_writes_every_file(trained: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert {path.name for path in trained[0].iterdir()} == FILES | PICTURES


def test_headless_results_fit_together(trained: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder = trained[0]
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    with (folder / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with np.load(folder / "data.npz", allow_pickle=False) as data:
        assert len(data["rows_train"]) + len(data["rows_validation"]) == summary["rows"] == 40
        assert len(data["batch_starts"]) == summary["steps"] == len(rows) - 1
        assert data["X_train"].shape[1] == summary["features"]
    assert (summary["task"], summary["loss"], summary["epochs"], summary["stopped"]) == ("regression", "mse", 3, "epochs")
    assert summary["settings"]["batch_size"] == 10
    assert float(rows[-1]["train_loss"]) == summary["train_loss"]
    assert set(summary["metrics"]["train"]) == {"r2", "rmse", "mae"}


def test_pictures_are_1600_pixels_wide(trained: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert {size_of_png(trained[0] / name)[0] for name in PICTURES} == {1600}


def test_same_command_gives_the_same_numbers(trained: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, first = trained
    before = (folder / "history.csv").read_text()
    done = run(*first.args, folder=folder.parents[1])
    assert done.returncode == 0
    assert (folder / "history.csv").read_text() == before


def test_screenshot_is_a_picture_of_the_window(table: Path, tmp_path: Path) -> None:
    words = ["--after-steps", "5", "--size", "1024x700", "--theme", "dark", "--target", "colour"]
    done = run("--screenshot", str(tmp_path / "window.png"), str(table), *words)
    assert (done.returncode, done.stdout) == (0, "")
    assert size_of_png(tmp_path / "window.png") == (1024, 700)


def test_non_finite_value_gives_status_3_and_one_line(table: Path, tmp_path: Path) -> None:
    words = "--target price --activation relu --optimizer sgd --learning-rate 1e6 --epochs 50"
    done = run("--headless", str(table), *words.split(), "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stdout) == (3, "")
    line = only_line(done.stderr)
    assert line.startswith("prices.csv: Step ")
    assert "learning rate" in line
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["stopped"].startswith("non-finite: Step ")
    assert {path.name for path in (tmp_path / "out").iterdir()} >= FILES


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A run that has begun to train and would go on for hours."""
    process = start("--headless", "--steps", str(10**9), "--out", str(tmp_path / "out"))
    deadline = time.monotonic() + 60
    while not (tmp_path / "out").is_dir() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)  # the folder is made just before the first update
    yield process, tmp_path / "out"
    process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows can't send these signals to another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption_gives_status_130_and_writes_what_was_reached(
    endless: tuple[subprocess.Popen[str], Path], number: signal.Signals
) -> None:
    process, out = endless
    process.send_signal(number)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Interrupted at step" in only_line(err)
    summary: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["stopped"].startswith("interrupted: step ")
    assert len((out / "history.csv").read_text().splitlines()) == summary["steps"] + 2
    assert {path.name for path in out.iterdir()} >= FILES


# ---------------------------------------------------------------------- without a display, without Qt


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_without_a_display_the_window_becomes_a_run(table: Path, tmp_path: Path) -> None:
    done = run(str(table), "--steps", "5", folder=tmp_path, QT_QPA_PLATFORM="")
    assert (done.returncode, done.stdout) == (0, "")
    assert "No display" in only_line(done.stderr)
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES | PICTURES


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, True),
        ({"QT_QPA_PLATFORM": "xcb"}, False),
        ({"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":0"}, True),
    ],
)
def test_display_is_recognised(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: bool) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert display.has_display() is expected


def test_missing_library_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(display, "FOR_EVERY_PICTURE", {"libno-such.so.1": "libno-such1"})
    with pytest.raises(display.QtMissingError, match=r"sudo apt-get install .*libno-such1"):
        display.require_qt()


def test_run_without_qt_leaves_the_pictures_out_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(display, "FOR_EVERY_PICTURE", {"libno-such.so.1": "libno-such1"})
    assert main.main(["--headless", "--steps", "3", "--out", str(tmp_path / "out")]) == 0
    assert "libno-such1" in only_line(capfd.readouterr().err)
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES


def test_program_without_streams_does_not_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main.main(["--headless", "--test", "1", "--out", str(tmp_path)]) == 2
    for stream in (sys.stdout, sys.stderr):
        stream.close()


def test_command_line_loads_no_qt_before_it_needs_it() -> None:
    program = (
        "import main, sys; main.main(['--headless', '--test', '1']); print(sorted(m for m in sys.modules if 'PySide' in m))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout == "[]\n"


# ---------------------------------------------------------------------- what is learned from


def test_a_spec_file_says_how_a_file_is_read(tmp_path: Path) -> None:
    """What it does not say is recognised: here the delimiter."""
    table = tmp_path / "table.csv"
    rows = [f"{a};{b};{a + 2 * b}" for a in range(9) for b in range(5)]
    table.write_text("\n".join(["a;b;c", *rows]) + "\n", encoding="utf-8")
    spec = tmp_path / "spec.json"
    spec.write_text(
        json.dumps(
            {"columns": [{"name": "a", "role": "target"}, {"name": "c", "role": "ignore"}, {"name": "b", "kind": "category"}]}
        ),
        encoding="utf-8",
    )
    out = tmp_path / "out"
    assert run("--headless", str(table), "--import-spec", str(spec), "--epochs", "1", "--out", str(out)).returncode == 0
    preparation = json.loads((out / "preparation.json").read_text(encoding="utf-8"))
    assert preparation["target"]["name"] == "a"
    assert preparation["columns"]["b"]["levels"] == ["0", "1", "2", "3", "4"]
    assert "c" not in preparation["columns"]
    report = json.loads(run("--inspect", str(table), "--import-spec", str(spec)).stdout)
    assert (report["delimiter"], report["target"]) == (";", "a")
    assert [column["kind"] for column in report["columns"]] == ["numeric", "category", "numeric"]


def test_a_wrong_spec_file_is_named(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    spec = tmp_path / "spec.json"
    spec.write_text('{"delimeter": ";"}', encoding="utf-8")
    done = run("--inspect", str(table), "--import-spec", str(spec))
    assert (done.returncode, done.stdout) == (2, "")
    assert "spec.json" in only_line(done.stderr)
    assert "delimeter" in only_line(done.stderr)


def test_any_example_is_trained_on_with_its_noise_and_rows(tmp_path: Path) -> None:
    words = ("--example", "checkerboard", "--example-rows", "90", "--example-noise", "0", "--test", "0.2", "--epochs", "1")
    assert run("--headless", *words, "--out", str(tmp_path)).returncode == 0
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["rows"] == 90
    assert set(summary["metrics"]) == {"train", "validation", "test"}
    assert summary["test_loss"] > 0.0
    assert len(np.load(tmp_path / "data.npz")["y_test"]) == 18
