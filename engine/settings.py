"""Every setting of a run, written once: type, limits, default, unit and help line.

The window, the command line and the files all read this table, so a limit or a help line is changed here and nowhere else.
Names follow scikit-learn and PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

TaskName = Literal["auto", "classification", "regression"]
ActivationName = Literal["tanh", "relu", "sigmoid", "identity"]
OutputActivationName = Literal["auto", "identity", "sigmoid", "softmax", "tanh"]
LossName = Literal["auto", "mse", "bce", "cross_entropy"]
InitializerName = Literal["glorot_uniform", "glorot_normal", "he_uniform", "he_normal"]
OptimizerName = Literal["sgd", "adam"]
PrecisionName = Literal["float64", "float32"]

MAX_HIDDEN_LAYERS = 64
MAX_UNITS = 4096


class SettingsError(ValueError):
    """A setting is wrong; the message says which one, what was given and what is allowed."""


@dataclass(frozen=True)
class Shown:
    """How a setting is presented to people.

    Attributes
    ----------
    label : str
        The name in the window.
    help : str
        One line that says what the setting does.
    group : str
        The section of the panel it belongs to.
    unit : str
        The unit of the number, empty where it has none.
    live : bool
        Whether it may change while a run goes on; any other change starts a new run.
    """

    label: str
    help: str
    group: Literal["data", "network", "loss", "training", "run"]
    unit: str = ""
    live: bool = False


class Settings(BaseModel):
    """The settings of one run; immutable, validated when made.

    Raises
    ------
    pydantic.ValidationError
        When a value is out of its limits. Use :func:`make_settings` for an error in one plain sentence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Annotated[str | None, Shown("Target", "The column to predict.", "data")] = None
    features: Annotated[tuple[str, ...] | None, Shown("Features", "The columns to predict from.", "data")] = None
    task: Annotated[TaskName, Shown("Task", "Predict a class or a number.", "data")] = "auto"
    validation: Annotated[
        float, Ge(0.0), Le(0.9), Shown("Validation", "Share of the rows kept aside to measure, never trained on.", "data")
    ] = 0.2

    hidden: Annotated[tuple[int, ...], Shown("Hidden layers", "Units of each hidden layer.", "network", "units")] = (8, 8)
    activation: Annotated[
        tuple[ActivationName, ...],
        Shown("Activation", "Function of the hidden units: one for all layers, or one per layer.", "network"),
    ] = ("tanh",)
    output_activation: Annotated[
        OutputActivationName, Shown("Output", "Function of the output units; auto follows the loss.", "network")
    ] = "auto"
    init: Annotated[InitializerName, Shown("Initialisation", "Distribution the first weights are drawn from.", "network")] = (
        "glorot_uniform"
    )

    loss: Annotated[LossName, Shown("Loss", "What training minimises; auto follows the task.", "loss")] = "auto"
    l2: Annotated[
        float,
        Ge(0.0),
        Le(10.0),
        Shown("L2", "Penalty (l2 / 2) * sum of squared weights, biases excepted.", "loss", live=True),
    ] = 0.0

    optimizer: Annotated[
        OptimizerName, Shown("Optimizer", "The rule that turns gradients into updates.", "training", live=True)
    ] = "adam"
    learning_rate: Annotated[
        float, Gt(0.0), Le(1e9), Shown("Learning rate", "Length of a step along the gradient.", "training", live=True)
    ] = 0.01
    momentum: Annotated[
        float, Ge(0.0), Lt(1.0), Shown("Momentum", "Share of the last update kept by SGD.", "training", live=True)
    ] = 0.0
    batch_size: Annotated[
        int | Literal["full"], Shown("Batch size", "Rows per update, or full.", "training", "rows", live=True)
    ] = 32

    epochs: Annotated[int | None, Ge(1), Shown("Epochs", "Stop after this many passes over the data.", "run", "epochs")] = None
    steps: Annotated[int | None, Ge(0), Shown("Steps", "Stop after this many updates.", "run", "updates")] = None
    seed: Annotated[
        int, Ge(0), Lt(2**63), Shown("Seed", "Start of the random numbers: split, first weights, order of rows.", "network")
    ] = 3
    precision: Annotated[PrecisionName, Shown("Precision", "Floating-point type of the computation.", "training")] = "float64"

    @field_validator("hidden")
    @classmethod
    def _check_hidden(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(value) > MAX_HIDDEN_LAYERS:
            raise ValueError(f"{len(value)} hidden layers were asked for; at most {MAX_HIDDEN_LAYERS} are allowed")
        if any(not 1 <= units <= MAX_UNITS for units in value):
            raise ValueError(f"each hidden layer needs 1 to {MAX_UNITS} units, or 'none' for no hidden layer")
        return value

    @field_validator("init", mode="before")
    @classmethod
    def _expand_init(cls, value: object) -> object:
        """Take the short names people use for the usual variant of each."""
        return {"glorot": "glorot_uniform", "he": "he_normal"}.get(value, value) if isinstance(value, str) else value

    @field_validator("batch_size")
    @classmethod
    def _check_batch_size(cls, value: int | str) -> int | str:
        if isinstance(value, int) and value < 1:
            raise ValueError("a batch needs at least 1 row, or 'full' for all rows")
        return value

    def activation_of(self, hidden_layer: int) -> ActivationName:
        """Return the activation of a hidden layer, counted from 0."""
        return self.activation[hidden_layer] if len(self.activation) > 1 else self.activation[0]


def make_settings(base: Settings | None = None, **changes: Any) -> Settings:
    """Return checked settings: `base` (or the defaults) with `changes`.

    Raises
    ------
    SettingsError
        With one sentence that names the setting, what was given and what is allowed.
    """
    values = {**(base.model_dump() if base is not None else {}), **changes}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsError(_first_problem(error)) from None
    if not len(settings.activation) >= 1 or len(settings.activation) not in (1, len(settings.hidden)):
        raise SettingsError(
            f"activation: {len(settings.activation)} were given for {len(settings.hidden)} hidden layers; "
            "give one for all layers or one per layer."
        )
    return settings


def shown(name: str) -> Shown:
    """Return how the setting `name` is presented."""
    return next(item for item in Settings.model_fields[name].metadata if isinstance(item, Shown))


def limits(name: str) -> tuple[float | None, float | None]:
    """Return the lowest and highest value of a numeric setting (open limits as they are); None where it has no limit."""
    low: float | None = None
    high: float | None = None
    for item in Settings.model_fields[name].metadata:
        if isinstance(item, Ge | Gt):
            low = float(item.ge if isinstance(item, Ge) else item.gt)  # type: ignore[arg-type]
        if isinstance(item, Le | Lt):
            high = float(item.le if isinstance(item, Le) else item.lt)  # type: ignore[arg-type]
    return low, high


def choices(name: str) -> tuple[str, ...]:
    """Return the allowed names of a setting that is chosen from a list."""
    annotation = Settings.model_fields[name].annotation
    if name == "activation":
        annotation = ActivationName
    return tuple(str(choice) for choice in get_args(annotation))


def default(name: str) -> Any:
    """Return the default of the setting `name`."""
    return Settings.model_fields[name].default


LIVE_SETTINGS: tuple[str, ...] = tuple(name for name in Settings.model_fields if shown(name).live)
"""Settings that may change inside a run; a change is an event in its history."""


def describe_change(before: Settings, after: Settings) -> str:
    """Return a change of live settings in words: "learning rate 0.01 to 0.03"."""
    parts = [
        f"{shown(name).label.lower()} {getattr(before, name)} to {getattr(after, name)}"
        for name in LIVE_SETTINGS
        if getattr(before, name) != getattr(after, name)
    ]
    return ", ".join(parts)


def for_other_data(settings: Settings) -> Settings:
    """Return settings without what belongs to one table: target, features, task, and what follows from it."""
    return make_settings(settings, target=None, features=None, task="auto", loss="auto", output_activation="auto")


def _first_problem(error: ValidationError) -> str:
    """Turn pydantic's report into one sentence: setting, value given, rule broken."""
    problem = error.errors(include_url=False)[0]
    name = str(problem["loc"][0]) if problem["loc"] else "settings"
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{name}: there is no such setting."
    rules = {
        "greater_than": "it should be more than {gt:g}",
        "greater_than_equal": "it should be at least {ge:g}",
        "less_than": "it should be less than {lt:g}",
        "less_than_equal": "it should be at most {le:g}",
        "literal_error": "it should be one of {expected}",
        "value_error": "{error}",
    }
    rule = rules[kind].format(**context) if kind in rules else _EXPECTED_TYPES.get(kind, problem["msg"])
    return f"{name}: {problem['input']!r} is not allowed; {rule}."


_EXPECTED_TYPES = {
    "int_parsing": "it should be a whole number",
    "int_from_float": "it should be a whole number",
    "int_type": "it should be a whole number",
    "float_parsing": "it should be a number",
    "float_type": "it should be a number",
    "finite_number": "it should be a finite number",
}
