"""The optimizer of a run in PyTorch, its schedule, and the numbers of both."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from engine.export.script_text import call_text, lines
from engine.network import NetworkSpec
from engine.optimizers import optimizer_for, weight_decay_rate
from engine.settings import Settings

LION = '''class Lion(torch.optim.Optimizer):
    """Evolved sign momentum: Chen et al. (2023), "Symbolic discovery of optimization algorithms", algorithm 2."""

    def __init__(self, parameters, lr, betas):
        super().__init__(parameters, {"lr": lr, "betas": betas})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta_1, beta_2 = group["betas"]
            for parameter in group["params"]:
                mean = self.state[parameter].setdefault("mean", torch.zeros_like(parameter))
                parameter.sub_(group["lr"] * torch.sign(beta_1 * mean + (1 - beta_1) * parameter.grad))
                mean.mul_(beta_2).add_((1 - beta_2) * parameter.grad)'''

_CLASSES = {
    "sgd": "torch.optim.SGD",
    "adagrad": "torch.optim.Adagrad",
    "rmsprop": "torch.optim.RMSprop",
    "adadelta": "torch.optim.Adadelta",
    "adam": "torch.optim.Adam",
    "adamw": "torch.optim.AdamW",
    "nadam": "torch.optim.NAdam",
    "lion": "Lion",
    "lbfgs": "torch.optim.LBFGS",
}

_CONSTANTS = {"momentum": "MOMENTUM", "rho": "RHO", "epsilon": "EPSILON"}
"""The name a hyper-parameter has in the script."""

_WITH_DECAY = ("torch.optim.AdamW", "torch.optim.NAdam")
"""Optimizers of torch that have decoupled weight decay themselves."""

_LBFGS_ARGUMENTS = ["max_iter=1", "max_eval=26", "history_size=10", "tolerance_grad=0", 'line_search_fn="strong_wolfe"']

_SCHEDULERS = {
    "step": "StepLR(optimizer, step_size=PERIOD, gamma=FACTOR)",
    "exponential": "ExponentialLR(optimizer, gamma=FACTOR ** (1 / PERIOD))",
    "cosine": "CosineAnnealingLR(optimizer, T_max=PERIOD, eta_min=LEARNING_RATE * FACTOR)",
    "warm_restarts": "CosineAnnealingWarmRestarts(optimizer, T_0=PERIOD, eta_min=LEARNING_RATE * FACTOR)",
    "warm_up": "LinearLR(optimizer, start_factor=FACTOR, total_iters=PERIOD)",
    "one_cycle": (
        "OneCycleLR(optimizer, max_lr=LEARNING_RATE, total_steps=PERIOD, div_factor=1 / FACTOR, cycle_momentum=False)"
    ),
    "plateau": "ReduceLROnPlateau(optimizer, factor=FACTOR, patience=PERIOD, threshold=1e-4)",
}


def is_trained(settings: Settings, spec: NetworkSpec) -> bool:
    """Return whether any layer is left to train."""
    return len(set(settings.freeze)) < spec.n_layers


def schedule_of(settings: Settings) -> str:
    """Return the name of the schedule; one that changes nothing is none."""
    changes_nothing = settings.schedule == "plateau" and settings.schedule_factor == 1.0  # torch refuses this factor
    return "none" if changes_nothing else settings.schedule


def trained_parameters(settings: Settings) -> str:
    """Return the expression for the parameters that are trained."""
    return "trained" if settings.freeze else "model.parameters()"


def decays_by_itself(settings: Settings) -> bool:
    """Return whether the optimizer of torch does the decoupled weight decay itself."""
    return _optimizer_class(settings) in _WITH_DECAY


def update_constants(settings: Settings, n_rows: int) -> str:
    """Return the numbers of the optimizer, of what is done to the gradient, and of the schedule.

    Parameters
    ----------
    n_rows : int
        Number of training rows.
    """
    rate = weight_decay_rate(settings)
    schedule = schedule_of(settings)
    batch_size = n_rows if settings.batch_size == "full" else settings.batch_size
    patience = "  # epochs without a better loss" if schedule == "plateau" else "  # updates"
    return lines(
        f"LEARNING_RATE = {settings.learning_rate!r}",
        *(f"{name} = {value!r}" for name, value in _hyper_parameters(settings).items()),
        f"WEIGHT_DECAY = {rate!r}" if rate else "",
        f"L1 = {settings.l1!r}" if settings.l1 else "",
        f"L2 = {settings.l2!r}" if settings.l2 else "",
        f"CLIP_NORM = {settings.clip_norm!r}" if _clips(settings, settings.clip_norm) else "",
        f"CLIP_VALUE = {settings.clip_value!r}" if _clips(settings, settings.clip_value) else "",
        f"PERIOD = {settings.period!r}{patience}" if schedule != "none" else "",
        f"FACTOR = {settings.schedule_factor!r}" if schedule != "none" else "",
        f"UPDATES_PER_EPOCH = {-(-n_rows // batch_size)}" if schedule == "plateau" else "",
    )


def _clips(settings: Settings, limit: float | None) -> bool:
    """Return whether this limit is in force; the line search of L-BFGS looks at the gradient as it is."""
    return limit is not None and settings.optimizer != "lbfgs"


def _hyper_parameters(settings: Settings) -> dict[str, Any]:
    """Return the hyper-parameters of the optimizer by their names in the script; a momentum of 0 is none."""
    its: dict[str, Any] = asdict(optimizer_for(settings))  # type: ignore[call-overload]  # every optimizer is a dataclass
    constants = {"BETAS": (its["beta_1"], its["beta_2"])} if "beta_1" in its else {}
    constants |= {_CONSTANTS[name]: value for name, value in its.items() if name in _CONSTANTS}
    if not constants.get("MOMENTUM"):
        constants.pop("MOMENTUM", None)
    return constants


def optimizer_paragraph(settings: Settings) -> str:
    """Return the statements that make the optimizer and the schedule."""
    names = {"BETAS": "betas", "EPSILON": "eps", "RHO": "alpha" if settings.optimizer == "rmsprop" else "rho"}
    arguments = [trained_parameters(settings), "lr=LEARNING_RATE"]
    arguments += [f"{names.get(name, name.lower())}={name}" for name in _hyper_parameters(settings)]
    if settings.nesterov and settings.optimizer == "sgd":
        arguments.append("nesterov=True")
    if settings.amsgrad and settings.optimizer in ("adam", "adamw"):
        arguments.append("amsgrad=True")
    if settings.optimizer == "lbfgs":
        arguments += _LBFGS_ARGUMENTS
    name = _optimizer_class(settings)
    if name in _WITH_DECAY:
        arguments += _decay_arguments(settings, name)
    schedule = schedule_of(settings)
    return lines(
        call_text(f"optimizer = {name}(", arguments, ")"),
        "" if schedule == "none" else f"scheduler = torch.optim.lr_scheduler.{_SCHEDULERS[schedule]}",
    )


def _optimizer_class(settings: Settings) -> str:
    """Return the class in torch; Adam with decoupled weight decay is AdamW there."""
    name = "adamw" if settings.optimizer == "adam" and weight_decay_rate(settings) else settings.optimizer
    return _CLASSES[name]


def _decay_arguments(settings: Settings, name: str) -> list[str]:
    if not weight_decay_rate(settings):
        return ["weight_decay=0"] if name == "torch.optim.AdamW" else []
    return ["weight_decay=WEIGHT_DECAY"] + (["decoupled_weight_decay=True"] if name == "torch.optim.NAdam" else [])
