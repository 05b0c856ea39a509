"""A trainer: takes one update at a time, owns the random generator, and gives out and takes back its complete state."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.compiled_step import CompiledStep, StepCompiler
from engine.data.prepared import PreparedData
from engine.initializers import initial_parameters
from engine.measuring import Measurer
from engine.network_choice import spec_for
from engine.noise import is_random, noise_for
from engine.nonfinite import NonFiniteError, first_non_finite
from engine.optimizers import carried_state, optimizer_for
from engine.records import Measurement, StepRecord, frozen
from engine.schedules import PlateauState, after_epoch, schedule_for
from engine.settings import LIVE_SETTINGS, Settings
from engine.stacked_rows import Rows, rows_of_parts
from engine.trainer_state import StateWords, TrainerState, generator_words, set_generator, take_state

Array = NDArray[np.floating[Any]]

RESCUE_STRIDE = 64
"""Updates between the states from which the last finite state is found again after a failure."""

GATHER_ROWS = 8_192
"""Rows put into their shuffled order at a time: enough to make gathering cheap, small enough never to stall."""


_new_record = tuple.__new__
"""Makes a named tuple without the Python function its class is called through: a hundredth of a small step."""


def quiet() -> np.errstate:
    """Return the context in which training runs: non-finite numbers are found and named by the trainer, not warned about."""
    return np.errstate(all="ignore")


class Evaluated(NamedTuple):
    """Losses over all rows and the predictions they come from, shape (n_outputs, n_rows), as shown."""

    measurement: Measurement
    train_predictions: Array
    validation_predictions: Array | None


class Trainer:
    """Trains one network on one table.

    Parameters
    ----------
    settings : Settings
    data : PreparedData

    Attributes
    ----------
    settings : Settings
        In force now.
    spec : NetworkSpec
    step, epoch : int
        Updates done; the pass over the data the last one belongs to (0 before the first).

    Raises
    ------
    SettingsError
        When the settings do not fit the data.

    Notes
    -----
    Deterministic: the same settings and data give the same numbers, bit for bit, however often the trainer is stopped, its
    state taken out and put back.
    """

    def __init__(self, settings: Settings, data: PreparedData) -> None:
        self.settings = settings
        self.data = data
        self.spec = spec_for(settings, data)
        self._dtype = np.dtype(settings.precision)
        self._generator = np.random.Generator(np.random.PCG64(settings.seed))
        self._noise_generator = np.random.Generator(np.random.PCG64())
        self._restart_noise()
        self._plateau = PlateauState()
        self._plateau_is_due = False
        self._whole_batch: CompiledStep | None = None
        parameters = initial_parameters(self.spec, settings, self._generator)
        self._n_rows = len(data.y_train)
        self.step = 0
        self.epoch = 0
        self._position = self._n_rows  # as at the end of an epoch: the first update starts the first one
        self._n_updates = 0
        self._epoch_words = generator_words(self._generator)
        self._shuffled = False
        self._order: NDArray[np.int64] | None = None
        self._drop_block()
        self._bind(parameters.astype(self._dtype))
        self._rescue = self.state()

    # ------------------------------------------------------------------ what it is now

    @property
    def parameters(self) -> Array:
        """A read-only copy of the flat parameter vector."""
        return frozen(self._parameters)

    @property
    def learning_rate(self) -> float:
        """What the next update multiplies its direction with: the setting times the factor of the schedule.

        Where the loss decides the factor and is still being measured at the end of an epoch, that of the update before.
        """
        factor = self._plateau.factor if self._schedule is None else self._schedule(self.step)
        return self.settings.learning_rate * factor

    @property
    def gradient(self) -> Array | None:
        """A read-only copy of the gradient (penalty included) of the update that led here; None where it was not computed."""
        return frozen(self._gradient) if self._gradient_step == self.step else None

    def state(self) -> TrainerState:
        """Return the complete state; a measurement that decides a part of it is finished first."""
        self._settle()
        counters = (self.step, self.epoch, self._position, self._n_updates)
        noise = generator_words(self._noise_generator) if is_random(self.settings) else None
        plateau = self._plateau if self.settings.schedule == "plateau" else None
        return take_state(self._vector, StateWords(counters, self._shuffled, self._epoch_words, noise, plateau))

    def batch_rows(self) -> NDArray[np.int64]:
        """Return the positions in X_train of the rows the next update will use, in order."""
        if self._order is None or self._position >= self._n_rows:
            if not self.settings.draws_order(self._n_rows):
                return np.arange(self._rows_per_batch)
            ahead = np.random.Generator(np.random.PCG64())
            ahead.bit_generator.state = self._generator.bit_generator.state
            return ahead.permutation(self._n_rows)[: self._rows_per_batch]
        return self._order[self._position : self._position + self._rows_per_batch].copy()

    # ------------------------------------------------------------------ changing it

    def restore(self, state: TrainerState, settings: Settings | None = None) -> None:
        """Put a state back, with the settings that were in force when it was taken (the current ones when None)."""
        settings = settings or self.settings
        if settings != self.settings or len(state.vector) != len(self._vector):
            self.settings = settings
            self.spec = spec_for(settings, self.data)
            self._bind(state.vector[: self.spec.n_parameters])
        np.copyto(self._vector, state.vector)
        words = state.unpacked(random=is_random(settings), plateau=settings.schedule == "plateau")
        self.step, self.epoch, self._position, self._n_updates = words.counters
        self._restore_order(words)
        if words.noise_generator is None:
            self._restart_noise()
        else:
            set_generator(self._noise_generator, words.noise_generator)
        self._take_plateau(words.plateau or PlateauState())
        self._gradient.fill(0.0)  # nothing writes it where nothing is trained, so what failed there would stay
        self._gradient_step = -1
        self._measurer.forget()
        self._rescue = state

    @property
    def epoch_is_open(self) -> bool:
        """Whether the current pass over the data has rows left."""
        return self._position < self._n_rows

    def steps_left_in_epoch(self) -> int:
        """Return how many updates finish the current pass over the data; a whole pass at its end."""
        return self._n_batches(self._n_rows - self._position if self.epoch_is_open else self._n_rows)

    def steps_left(self) -> int | None:
        """Return how many updates are left until the length the settings ask for; None where they ask for none."""
        limits = []
        if self.settings.steps is not None:
            limits.append(self.settings.steps - self.step)
        if self.settings.epochs is not None:
            whole = self.settings.epochs - self.epoch
            limits.append(self._n_batches(self._n_rows - self._position) + whole * self._n_batches(self._n_rows))
        return max(0, min(limits)) if limits else None

    def change(self, settings: Settings) -> None:
        """Take new live settings from the next update on.

        The optimizer's state is kept where the new optimizer can use it (another learning rate, momentum or batch size) and
        starts at zero where it can't (another optimizer).

        Raises
        ------
        ValueError
            When a setting differs that a run can't change.
        SettingsError
            When the settings do not fit the data. Nothing is changed then.
        """
        fixed = set(Settings.model_fields) - set(LIVE_SETTINGS)
        different = [name for name in fixed if getattr(settings, name) != getattr(self.settings, name)]
        if different:
            raise ValueError(f"{', '.join(sorted(different))} can't change inside a run.")
        spec = spec_for(settings, self.data)  # first of all: it may refuse
        self._settle()
        size = self.spec.n_parameters
        state = carried_state(optimizer_for(self.settings), optimizer_for(settings), self._vector[size:], size)
        if settings.optimizer == "lbfgs" and settings.freeze != self.settings.freeze:
            state = None  # what it remembers of other layers would lead it astray
        old_settings, self.settings, self.spec = self.settings, settings, spec
        self._bind(self._parameters.copy())
        if state is None:
            self._n_updates = 0
        else:
            self._vector[size:] = state
        if not is_random(settings):
            self._restart_noise()
        if "plateau" in (old_settings.schedule, settings.schedule) and old_settings.schedule != settings.schedule:
            self._take_plateau(PlateauState())
        self._rescue = self.state()

    def check_edits(self, edits: Sequence[tuple[int, float]]) -> None:
        """Raise ValueError where a parameter does not exist or a number is not finite in the precision of the run."""
        for index, value in edits:
            if not 0 <= index < self.spec.n_parameters:
                raise ValueError(f"there is no parameter {index}; the network has {self.spec.n_parameters:,}.")
            with quiet():
                number = self._dtype.type(value)
            if not isfinite(number):
                raise ValueError(f"{self.spec.describe_parameter(index)} can't become {value}; it should be a finite number.")

    def set_parameter(self, index: int, value: float) -> None:
        """Put a checked number into the flat parameter vector, exactly as given; training goes on from it."""
        self._settle()
        self._parameters[index] = value
        self._gradient_step = -1
        self._measurer.forget()
        self._rescue = self.state()

    def rest(self) -> None:
        """Give back the buffers of the computation, which are made anew when they are needed; for a run that is only kept."""
        self._steps.clear()
        self._whole_batch = None
        self._measurer.rest()
        self._drop_block()

    def take_step(self) -> StepRecord:
        """Do one update and return its record.

        Raises
        ------
        NonFiniteError
            When any number of the step is not finite; the trainer then stands at the step before.
        """
        with quiet():
            return self.take_step_unguarded()

    def take_step_unguarded(self) -> StepRecord:
        """Do one update inside a `quiet()` context of the caller: for loops, which enter it once."""
        start = self._position
        stop = start + self._rows_per_batch
        if self._block_start <= start and stop <= self._block_stop:
            compiled = self._whole_batch or self._step_for(stop - start)
            first = self._block_start
            compiled.batch[:] = self._block[:, start - first : stop - first]
        else:
            compiled, stop = self._next_batch()
        self._n_updates += 1
        rate = self._learning_rate if self._schedule is None else self._learning_rate * self._schedule(self.step)
        compiled.prepare(self._n_updates, rate)
        for call in compiled.calls:
            call()
        loss = compiled.value()
        self.step = step = self.step + 1
        self._gradient_step = step
        self._position = stop
        # One product touches every number of the state: cheap, and non-finite as soon as any of them is.
        if not isfinite(loss + self._sum_of_squares()):
            self._check_finite(loss)
        epoch_ended = stop >= self._n_rows
        if epoch_ended and self._follows_plateau:
            self._plateau_is_due = True
            if self.measures_at_once:
                self._settle()
        elif step % RESCUE_STRIDE == 0:
            self._rescue = self.state()
        return _new_record(StepRecord, (step, self.epoch, loss, epoch_ended))

    @property
    def measures_at_once(self) -> bool:
        """Whether the rows are so few that measuring them is one short piece of work."""
        return self._measurer.at_once

    def measure_slice(self) -> bool:
        """Do the next short piece of the measurement at this step, and return whether it is complete.

        What was begun is given up when a step is taken or the parameters change.
        """
        if not self._measurer.is_done(self.step):
            with quiet():
                done = self._measurer.take_slice(self.step)
            if done and self._plateau_is_due:
                self._follow_plateau()
        return self._measurer.is_done(self.step)

    def measure(self) -> Measurement:
        """Return the losses over all rows of each part, in evaluation mode, without penalty."""
        while not self.measure_slice():
            pass
        return self._as_measurement(self._measurer.losses())

    def decisive_accuracy(self) -> float:
        """Return the accuracy over the rows whose loss decides, counted as they are measured.

        Only where the settings stop at an accuracy.
        """
        self.measure()
        return self._measurer.accuracy()

    def evaluate(self) -> Evaluated:
        """Return the losses as `measure` does, together with the predictions they come from, at once."""
        with quiet():
            (train_loss, train_shown), *rest = self._measurer.with_predictions()
        measurement = self._as_measurement([train_loss, *(loss for loss, _ in rest)])
        return Evaluated(measurement, train_shown, rest[0][1] if rest else None)

    # ------------------------------------------------------------------ inside

    def _bind(self, parameters: Array) -> None:
        """Lay out the vectors for the optimizer in force and bind everything that works on them."""
        size = self.spec.n_parameters
        optimizer = optimizer_for(self.settings)
        self._vector = np.zeros((1 + optimizer.slots) * size + optimizer.scalars, dtype=self._dtype)
        self._vector[:size] = parameters
        self._parameters = self._vector[:size]
        noise = noise_for(self.settings, self._noise_generator)
        self._compiler = StepCompiler(self.settings, self.spec, self._parameters, self._vector[size:], noise)
        self._steps: dict[int, CompiledStep] = {}
        self._whole_batch = None
        self._gradient = self._compiler.gradient
        self._gradient_step = -1
        self._sum_of_squares = partial(self._vector.dot, self._vector)
        self._schedule = schedule_for(self.settings)
        self._follows_plateau = self.settings.schedule == "plateau"
        self._learning_rate = self.settings.learning_rate * self._plateau.factor
        self._rows_per_batch = self.settings.rows_per_batch(self._n_rows)
        parts = rows_of_parts(self.spec, self.data)
        self._rows = parts[0]
        counts_hits = self.settings.stop_accuracy is not None
        self._measurer = Measurer(self.spec, self._parameters, parts[:2], counts_hits=counts_hits)

    def _drop_block(self) -> None:
        self._block = np.empty((0, 0), dtype=self._dtype)
        self._block_start = self._block_stop = 0

    def _as_measurement(self, losses: list[float]) -> Measurement:
        return Measurement(self.step, self.epoch, losses[0], losses[1] if len(losses) > 1 else None)

    def _follow_plateau(self) -> None:
        """Lower the learning rate where the loss at the ends of epochs has stopped falling."""
        self._take_plateau(after_epoch(self._plateau, self.measure().decisive_loss, self.settings))
        self._rescue = self.state()

    def _settle(self) -> None:
        """Finish the measurement at the end of an epoch on which the learning rate depends, if there is one."""
        if self._plateau_is_due:
            self.measure()
            assert not self._plateau_is_due

    def _take_plateau(self, plateau: PlateauState) -> None:
        self._plateau, self._plateau_is_due = plateau, False
        self._learning_rate = self.settings.learning_rate * plateau.factor

    def _restart_noise(self) -> None:
        """Put the generator of dropout and input noise where it stands while nothing draws from it."""
        self._noise_generator.bit_generator.state = np.random.PCG64([self.settings.seed, 1]).state

    def _n_batches(self, n_rows: int) -> int:
        return -(-n_rows // self._rows_per_batch)

    def _start_epoch(self) -> None:
        self._settle()
        self._epoch_words = generator_words(self._generator)
        before, self._shuffled = self._shuffled, self.settings.draws_order(self._n_rows)
        self._order = self._draw_order()
        if before or self._shuffled:
            self._block_start = self._block_stop = 0
        self._position = 0
        self.epoch += 1

    def _draw_order(self) -> NDArray[np.int64]:
        return self._generator.permutation(self._n_rows) if self._shuffled else np.arange(self._n_rows)

    def _restore_order(self, words: StateWords) -> None:
        """Bring the epoch's order of rows back by drawing it again from the generator as it was at the epoch's start."""
        same = words.shuffled == self._shuffled and np.array_equal(words.epoch_generator, self._epoch_words)
        if self._order is not None and self.epoch > 0 and same:
            return
        self._shuffled, self._epoch_words = words.shuffled, words.epoch_generator
        self._block_start = self._block_stop = 0
        set_generator(self._generator, words.epoch_generator)
        self._order = self._draw_order() if self.epoch > 0 else None

    def _next_batch(self) -> tuple[CompiledStep, int]:
        """Return the compiled step with the next rows in its batch, and the position behind them, whatever that takes."""
        if self._position >= self._n_rows:
            self._start_epoch()
        start = self._position
        stop = min(start + self._rows_per_batch, self._n_rows)
        compiled = self._step_for(stop - start)
        if stop - start > GATHER_ROWS:
            self._rows.write(self._rows_between(start, stop), compiled.batch)
            return compiled, stop
        if start < self._block_start or stop > self._block_stop:
            self._gather(start, max(stop, min(start + GATHER_ROWS, self._n_rows)))
        compiled.batch[:] = self._block[:, start - self._block_start : stop - self._block_start]
        return compiled, stop

    def _rows_between(self, start: int, stop: int) -> Rows:
        """Return which rows stand at some positions of the epoch."""
        assert self._order is not None
        return self._order[start:stop] if self._shuffled else slice(start, stop)

    def _step_for(self, batch_size: int) -> CompiledStep:
        """Return the compiled step for batches of a size: that in force, or that of an epoch's rest."""
        compiled = self._steps.get(batch_size)
        if compiled is None:
            compiled = self._steps[batch_size] = self._compiler.compiled(batch_size)
        if batch_size == self._rows_per_batch:
            self._whole_batch = compiled
        return compiled

    def _gather(self, start: int, stop: int) -> None:
        """Bring the rows of some positions into their order, as columns: cheaper for many at a time than batch by batch."""
        self._block = np.ones((self.spec.n_inputs + 1 + self.spec.n_outputs, stop - start), dtype=self._dtype)
        self._rows.write(self._rows_between(start, stop), self._block)
        self._block_start, self._block_stop = start, stop

    def _check_finite(self, loss: float) -> None:
        """Raise, standing at the step before, when a number really is not finite; very large squares alone are no reason."""
        if isfinite(loss) and np.isfinite(self._vector).all():
            return
        raise self._failure(self.step)

    def _failure(self, failed_step: int) -> NonFiniteError:
        """Find what failed first by taking the step's computation again, and stand at the step before."""
        spoiled = self._vector.copy()
        self._go_to_last_finite(failed_step - 1)
        before = self.state()
        rows = self.data.rows_train[self.batch_rows()]
        computation = self._next_batch()[0].computation
        loss = computation()
        failed = first_non_finite(computation, loss, self._gradient, spoiled)
        self.restore(before)
        return NonFiniteError(failed_step, failed, rows, self.spec.n_layers)

    def _go_to_last_finite(self, step: int) -> None:
        self.restore(self._rescue)
        while self.step < step:
            self.take_step_unguarded()
