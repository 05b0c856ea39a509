"""The training of a run in PyTorch: the loop over the batches, and what an update asks for."""

from __future__ import annotations

from engine.export.script_text import indented, lines
from engine.export.torch_loss import loss_call
from engine.export.torch_optimizer import decays_by_itself, is_trained, schedule_of, trained_parameters
from engine.network import NetworkSpec
from engine.optimizers import weight_decay_rate
from engine.settings import Settings

_SCHEDULER_STEPS = {
    "cosine": "    if step <= PERIOD:  # from there on the rate stays at its lowest\n        scheduler.step()",
    "one_cycle": "    if step < PERIOD:  # from there on the rate stays at its last\n        scheduler.step()",
}


def training_loop(settings: Settings, spec: NetworkSpec, *, has_validation: bool) -> str:
    """Return the loop that prints the loss of every batch and makes the updates."""
    evaluation = _lbfgs_evaluation if settings.optimizer == "lbfgs" else _gradient_update
    return lines(
        "for step, rows in enumerate(batches, start=1):",
        "    batch = torch.from_numpy(rows.astype(np.int64))",
        *(evaluation(settings, spec) if is_trained(settings, spec) else _printed_loss(spec)),
        *(_schedule_step(settings, has_validation=has_validation) if is_trained(settings, spec) else ()),
    )


def _printed_loss(spec: NetworkSpec) -> list[str]:
    return [f"    loss = {loss_call(spec)}", '    print(f"{step},{loss.item():.17g}")']


def _gradient_update(settings: Settings, spec: NetworkSpec) -> list[str]:
    trained = trained_parameters(settings)
    penalty = _penalty(settings)
    return [
        *_printed_loss(spec),
        "    optimizer.zero_grad()",
        f"{indented(penalty)}\n    (loss + penalty).backward()" if penalty else "    loss.backward()",
        f"    torch.nn.utils.clip_grad_norm_({trained}, CLIP_NORM)" if settings.clip_norm is not None else "",
        f"    torch.nn.utils.clip_grad_value_({trained}, CLIP_VALUE)" if settings.clip_value is not None else "",
        _decay(settings),
        "    optimizer.step()",
    ]


def _lbfgs_evaluation(settings: Settings, spec: NetworkSpec) -> list[str]:
    return ["    with torch.no_grad():", *map(indented, _printed_loss(spec)), _decay(settings), "    optimizer.step(evaluate)"]


def lbfgs_function(settings: Settings, spec: NetworkSpec) -> str:
    """Return the function that L-BFGS asks for loss and gradient, several times in each update."""
    penalty = _penalty(settings)
    return lines(
        "def evaluate():",
        '    """Return the loss of the batch, its penalty included, and leave the gradient in the parameters."""',
        "    optimizer.zero_grad()",
        f"    loss = {loss_call(spec)}",
        f"{indented(penalty)}\n    loss = loss + penalty" if penalty else "",
        "    loss.backward()",
        "    return loss",
    )


def _penalty(settings: Settings) -> str:
    """Return the statements that compute the penalty."""
    terms = {
        "0.5 * L2 * sum(layer.weight.square().sum() for layer in linear_layers)": settings.l2,
        "L1 * sum(layer.weight.abs().sum() for layer in linear_layers)": settings.l1,
    }
    used = [term for term, rate in terms.items() if rate]
    if not used:
        return ""
    return lines(
        "# The penalty is on the weights, not on the biases, and no part of the loss that is printed.",
        f"penalty = {used[0]}",
        *(f"penalty += {term}" for term in used[1:]),
    )


def _decay(settings: Settings) -> str:
    """Return the statements of a decoupled weight decay that the optimizer does not do itself."""
    if not weight_decay_rate(settings) or decays_by_itself(settings):
        return ""
    rate = "LEARNING_RATE" if schedule_of(settings) == "none" else 'optimizer.param_groups[0]["lr"]'
    return lines(
        "    with torch.no_grad():  # decoupled weight decay, before the update",
        f"        for parameter in {trained_parameters(settings)}:",
        f"            parameter.mul_(1 - {rate} * WEIGHT_DECAY)",
    )


def _schedule_step(settings: Settings, *, has_validation: bool) -> list[str]:
    schedule = schedule_of(settings)
    if schedule == "none":
        return []
    if schedule != "plateau":
        return [_SCHEDULER_STEPS.get(schedule, "    scheduler.step()")]
    part = "validation" if has_validation else "training"
    return [
        f"    if step % UPDATES_PER_EPOCH == 0:  # the schedule follows the {part} loss, in evaluation mode",
        "        scheduler.step(evaluation_loss())",
    ]


def plateau_function(spec: NetworkSpec, *, has_validation: bool) -> str:
    """Return the function that computes the loss which the plateau schedule follows."""
    suffix = "_validation" if has_validation else ""
    return lines(
        "def evaluation_loss():",
        f'    """Return the loss over all {"validation" if has_validation else "training"} rows, in evaluation mode."""',
        "    model.eval()",
        "    with torch.no_grad():",
        f"        loss = {loss_call(spec, suffix, rows='')}.item()",
        "    model.train()",
        "    return loss",
    )
