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
ActivationName = Literal[
    "tanh", "relu", "sigmoid", "identity", "leaky_relu", "elu", "selu", "gelu", "gelu_tanh", "silu", "softplus"
]
OutputActivationName = Literal["auto", "identity", "sigmoid", "softmax", "tanh"]
LossName = Literal["auto", "mse", "mae", "huber", "bce", "cross_entropy", "hinge"]
InitializerName = Literal[
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "orthogonal",
    "uniform",
    "normal",
    "constant",
    "zeros",
]
NormalizationName = Literal["none", "batch", "layer"]
OptimizerName = Literal["sgd", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "nadam", "lion", "lbfgs"]
ScheduleName = Literal["none", "step", "exponential", "cosine", "warm_restarts", "warm_up", "one_cycle", "plateau"]
PrecisionName = Literal["float64", "float32"]
ScalingName = Literal["standardise", "min_max", "none"]
GroupName = Literal["data", "network", "loss", "regularisation", "training", "schedule", "run"]

SHORT_NAMES = {"glorot": "glorot_uniform", "he": "he_normal", "lecun": "lecun_normal"}
"""Short names people use for the usual variant of an initialisation."""

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
    group: GroupName
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

    test: Annotated[
        float, Ge(0.0), Le(0.9), Shown("Test", "Share of the rows kept aside for a last measurement; decides nothing.", "data")
    ] = 0.0
    scaling: Annotated[
        ScalingName,
        Shown("Scaling", "Of numbers: to mean 0 and deviation 1, to the range 0 to 1, or none; by the training rows.", "data"),
    ] = "standardise"
    target_scaling: Annotated[
        ScalingName, Shown("Target scaling", "The same for a number to predict; errors are shown in original units.", "data")
    ] = "standardise"
    missing_indicator: Annotated[
        bool,
        Shown("Mark missing", "Beside a filled-in median an input that is 1 where the number was missing.", "data"),
    ] = False
    example_rows: Annotated[
        int | None, Ge(10), Le(1_000_000), Shown("Rows drawn", "Of a built-in example; its own number unless given.", "data")
    ] = None
    example_noise: Annotated[
        float | None, Ge(0.0), Le(10.0), Shown("Noise", "Of a built-in example; its own unless given.", "data")
    ] = None

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
    init_scale: Annotated[
        float,
        Ge(0.0),
        Le(1e6),
        Shown(
            "Initial size",
            "Weights with init constant; half the width with uniform; standard deviation with normal.",
            "network",
        ),
    ] = 0.1
    init_bias: Annotated[float, Ge(-1e6), Le(1e6), Shown("Initial bias", "First value of every bias.", "network")] = 0.0
    normalization: Annotated[
        NormalizationName,
        Shown("Normalisation", "Of the hidden layers' pre-activations, over the batch or over the layer's units.", "network"),
    ] = "none"
    skip: Annotated[
        bool, Shown("Skip connections", "Add a hidden layer's input to its output where both have as many units.", "network")
    ] = False
    switched_off: Annotated[
        tuple[tuple[int, int], ...],
        Shown("Switched off", "Inputs (layer 0) and hidden units held at 0, as layer:unit from 1 on.", "network", live=True),
    ] = ()

    loss: Annotated[LossName, Shown("Loss", "What training minimises; auto follows the task.", "loss")] = "auto"
    huber_delta: Annotated[
        float, Gt(0.0), Le(1e6), Shown("Huber delta", "Scaled error from which the Huber loss grows linearly.", "loss")
    ] = 1.0
    label_smoothing: Annotated[
        float, Ge(0.0), Lt(1.0), Shown("Label smoothing", "Share of each label spread evenly over all classes.", "loss")
    ] = 0.0
    class_weights: Annotated[
        bool, Shown("Class weights", "Weigh rows so that every class counts alike in the loss, however rare.", "loss")
    ] = False

    l1: Annotated[
        float,
        Ge(0.0),
        Le(10.0),
        Shown("L1", "Penalty l1 * sum of |weights|, biases excepted.", "regularisation", live=True),
    ] = 0.0
    l2: Annotated[
        float,
        Ge(0.0),
        Le(10.0),
        Shown("L2", "Penalty (l2 / 2) * sum of squared weights, biases excepted.", "regularisation", live=True),
    ] = 0.0
    weight_decay: Annotated[
        float | None,
        Ge(0.0),
        Le(10.0),
        Shown(
            "Weight decay",
            "Share of all parameters taken off in each update, times the learning rate; 0.01 with adamw if not given.",
            "regularisation",
            live=True,
        ),
    ] = None
    dropout: Annotated[
        tuple[Annotated[float, Ge(0.0), Lt(1.0)], ...],
        Shown(
            "Dropout",
            "Share of hidden units set to 0 at random in each update: one for all layers, or one per layer.",
            "regularisation",
            live=True,
        ),
    ] = (0.0,)
    input_noise: Annotated[
        float,
        Ge(0.0),
        Le(100.0),
        Shown(
            "Input noise",
            "Standard deviation of the noise added to the scaled inputs in each update.",
            "regularisation",
            live=True,
        ),
    ] = 0.0
    freeze: Annotated[
        tuple[Annotated[int, Ge(1)], ...],
        Shown(
            "Frozen layers",
            "Layers that keep their parameters, counted from 1; the output layer is the last.",
            "regularisation",
            live=True,
        ),
    ] = ()

    optimizer: Annotated[
        OptimizerName, Shown("Optimizer", "The rule that turns gradients into updates.", "training", live=True)
    ] = "adam"
    learning_rate: Annotated[
        float, Gt(0.0), Le(1e9), Shown("Learning rate", "Length of a step along the gradient.", "training", live=True)
    ] = 0.01
    momentum: Annotated[
        float, Ge(0.0), Lt(1.0), Shown("Momentum", "Share of the last update kept by SGD and RMSprop.", "training", live=True)
    ] = 0.0
    nesterov: Annotated[bool, Shown("Nesterov", "Look ahead along the momentum of SGD.", "training", live=True)] = False
    amsgrad: Annotated[
        bool, Shown("AMSGrad", "Adam and AdamW divide by the largest second moment so far.", "training", live=True)
    ] = False
    beta_1: Annotated[
        float | None,
        Ge(0.0),
        Lt(1.0),
        Shown("Beta 1", "Decay of the mean gradient; 0.9 if not given.", "training", live=True),
    ] = None
    beta_2: Annotated[
        float | None,
        Ge(0.0),
        Lt(1.0),
        Shown("Beta 2", "Decay of the mean squared gradient; 0.999 if not given, 0.99 with lion.", "training", live=True),
    ] = None
    rho: Annotated[
        float | None,
        Ge(0.0),
        Lt(1.0),
        Shown(
            "Rho",
            "Decay of the mean squared gradient of rmsprop (0.99 if not given) and adadelta (0.9).",
            "training",
            live=True,
        ),
    ] = None
    epsilon: Annotated[
        float | None,
        Gt(0.0),
        Le(1.0),
        Shown(
            "Epsilon",
            "Keeps divisions from growing; 1e-8 if not given, 1e-10 with adagrad, 1e-6 with adadelta.",
            "training",
            live=True,
        ),
    ] = None
    batch_size: Annotated[
        int | Literal["full"], Shown("Batch size", "Rows per update, or full.", "training", "rows", live=True)
    ] = 32
    shuffle: Annotated[
        bool,
        Shown(
            "Reshuffle", "Draw a new order of the rows for every epoch; else they come as they stand.", "training", live=True
        ),
    ] = True
    clip_norm: Annotated[
        float | None,
        Gt(0.0),
        Le(1e9),
        Shown("Clip by norm", "Longest gradient let through; a longer one is scaled down.", "training", live=True),
    ] = None
    clip_value: Annotated[
        float | None,
        Gt(0.0),
        Le(1e9),
        Shown("Clip by value", "Largest entry of the gradient let through, of either sign.", "training", live=True),
    ] = None
    precision: Annotated[PrecisionName, Shown("Precision", "Floating-point type of the computation.", "training")] = "float64"

    schedule: Annotated[
        ScheduleName, Shown("Schedule", "How the learning rate changes as training goes on.", "schedule", live=True)
    ] = "none"
    schedule_period: Annotated[
        int | None,
        Ge(1),
        Le(10**9),
        Shown(
            "Period",
            "Updates of a step, a cycle or the warm-up, 1000 if not given; with plateau epochs of patience, 10 if not given.",
            "schedule",
            "updates",
            live=True,
        ),
    ] = None
    schedule_factor: Annotated[
        float,
        Gt(0.0),
        Le(1.0),
        Shown(
            "Factor",
            "What the learning rate is multiplied with at each step or plateau, or its smallest share of the full rate.",
            "schedule",
            live=True,
        ),
    ] = 0.1

    epochs: Annotated[
        int | None, Ge(1), Shown("Epochs", "Stop after this many passes over the data.", "run", "epochs", live=True)
    ] = None
    steps: Annotated[int | None, Ge(0), Shown("Steps", "Stop after this many updates.", "run", "updates", live=True)] = None
    seconds: Annotated[
        float | None,
        Gt(0.0),
        Le(1e9),
        Shown("Time", "Stop after this time of training.", "run", "s", live=True),
    ] = None
    stop_loss: Annotated[
        float | None,
        Ge(0.0),
        Shown(
            "Stop at loss",
            "Stop at the end of an epoch with a validation loss this low (training loss without validation).",
            "run",
            live=True,
        ),
    ] = None
    stop_accuracy: Annotated[
        float | None,
        Ge(0.0),
        Le(1.0),
        Shown(
            "Stop at accuracy",
            "Stop at the end of an epoch with a validation accuracy this high (training without validation).",
            "run",
            live=True,
        ),
    ] = None
    patience: Annotated[
        int | None,
        Ge(1),
        Shown(
            "Early stopping",
            "Stop after so many epochs without a lower validation loss, and go back to the best.",
            "run",
            "epochs",
            live=True,
        ),
    ] = None
    seed: Annotated[
        int,
        Ge(0),
        Lt(2**63),
        Shown("Seed", "Start of the random numbers: split, first weights, order of rows, dropout, noise.", "network"),
    ] = 3

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
        return SHORT_NAMES.get(value, value) if isinstance(value, str) else value

    @field_validator("batch_size")
    @classmethod
    def _check_batch_size(cls, value: int | str) -> int | str:
        if isinstance(value, int) and value < 1:
            raise ValueError("a batch needs at least 1 row, or 'full' for all rows")
        return value

    def activation_of(self, hidden_layer: int) -> ActivationName:
        """Return the activation of a hidden layer, counted from 0."""
        return self.activation[hidden_layer] if len(self.activation) > 1 else self.activation[0]

    def rows_per_batch(self, n_rows: int) -> int:
        """Return how many rows an update takes of a table of so many training rows."""
        return n_rows if self.batch_size == "full" else min(self.batch_size, n_rows)

    def draws_order(self, n_rows: int) -> bool:
        """Return whether an epoch draws an order of its rows; one that takes all of them at once needs none."""
        return self.shuffle and self.rows_per_batch(n_rows) < n_rows

    @property
    def period(self) -> int:
        """Length of the schedule in updates; with plateau its patience in epochs."""
        return self.schedule_period or (10 if self.schedule == "plateau" else 1000)

    def dropout_of(self, hidden_layer: int) -> float:
        """Return the dropout of a hidden layer, counted from 0."""
        return self.dropout[hidden_layer] if len(self.dropout) > 1 else self.dropout[0]


def make_settings(base: Settings | None = None, **changes: Any) -> Settings:
    """Return checked settings: `base` (or the defaults) with `changes`.

    Raises
    ------
    SettingsError
        With one sentence that names the setting, what was given and what is allowed.
    """
    settings = _checked({**(base.model_dump() if base is not None else {}), **changes})
    _check_together(settings)
    return settings


def checked_value(name: str, value: Any) -> Any:
    """Return one setting's value as the table has it, whatever the others are.

    Raises
    ------
    SettingsError
        With one sentence that names the setting, what was given and what is allowed.
    """
    return getattr(_checked({name: value}), name)


def _checked(values: dict[str, Any]) -> Settings:
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(_first_problem(error)) from None


def _check_together(settings: Settings) -> None:
    """Raise SettingsError where settings that are right by themselves do not go together."""
    if settings.validation + settings.test > 0.9:
        raise SettingsError(
            f"test: {settings.test:g} beside a validation share of {settings.validation:g} leaves too few rows to train on; "
            "both together should be at most 0.9."
        )
    n_hidden = len(settings.hidden)
    for name in ("activation", "dropout"):
        given = len(getattr(settings, name))
        if given < 1 or given not in (1, n_hidden):
            raise SettingsError(
                f"{name}: {given} were given for {n_hidden} hidden layers; give one for all layers or one per layer."
            )
    for layer in settings.freeze:
        if layer > n_hidden + 1:
            raise SettingsError(
                f"freeze: there is no layer {layer}; the network has {n_hidden + 1}, the output layer being the last."
            )
    for layer, unit in settings.switched_off:
        if not 0 <= layer <= n_hidden or unit < 1 or (layer > 0 and unit > settings.hidden[layer - 1]):
            raise SettingsError(f"switched_off: {layer}:{unit} is no input or hidden unit of this network.")
    if settings.normalization == "batch" and settings.batch_size == 1:
        raise SettingsError(
            "batch_size: batch normalisation needs at least 2 rows per batch; take more rows or another normalisation."
        )
    if settings.nesterov and settings.optimizer == "sgd" and settings.momentum == 0.0:
        raise SettingsError("nesterov: it looks ahead along the momentum; give a momentum above 0 first.")
    if settings.optimizer == "lbfgs":
        _check_lbfgs(settings)


def _check_lbfgs(settings: Settings) -> None:
    """Raise SettingsError where the loss would change between two looks at it, which no line search survives."""
    if settings.batch_size != "full":
        raise SettingsError("batch_size: lbfgs needs all rows in every update; take full.")
    for name in ("clip_norm", "clip_value"):
        if getattr(settings, name) is not None:
            raise SettingsError(
                f"{name}: lbfgs searches along the true gradient and clips none; leave it out or take another optimizer."
            )
    for name in ("dropout", "input_noise"):
        value = getattr(settings, name)
        if value not in (0.0, (0.0,)) and any(value if isinstance(value, tuple) else (value,)):
            raise SettingsError(f"{name}: lbfgs needs a loss without random numbers; take 0 or another optimizer.")


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


def for_other_data(settings: Settings) -> Settings:
    """Return settings without what belongs to one table: target, features, task, and what follows from it."""
    of_one_table = ("target", "features", "task", "loss", "output_activation", "example_rows", "example_noise")
    of_its_classes_and_inputs = ("label_smoothing", "class_weights", "stop_accuracy", "switched_off")
    return make_settings(settings, **{name: default(name) for name in (*of_one_table, *of_its_classes_and_inputs)})


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
