import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.records import Measurement, StepRecords
from gui.session.loss_curve import LossCurve, RecordsNotConsecutive
from gui.session.messages import BranchShown
from gui.session.minmax_pyramid import GrowingArray, MinMaxPyramid

LOSSES = st.floats(allow_nan=True, allow_infinity=True, width=64)
SERIES = arrays(np.float64, st.integers(1, 5000), elements=LOSSES, fill=st.floats(0.0, 10.0))


def records(losses, first_step=1, measurements=()):
    losses = np.asarray(losses, dtype=np.float64)
    return StepRecords(first_step, np.ones(len(losses), np.int64), losses, tuple(measurements))


def curve_of(losses, measurements=()):
    curve = LossCurve()
    curve.append(records(losses, measurements=measurements))
    return curve


def finite_extremes(values):
    finite = values[np.isfinite(values)]
    return (finite.min(), finite.max()) if len(finite) else (math.nan, math.nan)


def assert_ranges_right(values, start, stop, starts, low, high):
    assert starts[0] == start
    assert np.all(np.diff(starts) > 0)
    for begin, end, smallest, largest in zip(starts, [*starts[1:], stop], low, high, strict=True):
        np.testing.assert_equal((smallest, largest), finite_extremes(values[begin:end]))


# -- growing array ------------------------------------------------------------------------------------------------------


def test_growing_array_keeps_earlier_views_unchanged():
    array = GrowingArray(np.float64)
    array.extend(np.arange(50.0))
    view = array.values
    array.extend(np.arange(1000.0))
    np.testing.assert_array_equal(view, np.arange(50.0))
    assert len(array) == 1050
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1.0


# -- pyramid against brute force ----------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(values=SERIES, data=st.data())
def test_pyramid_ranges_equal_brute_force(values, data):
    pyramid = MinMaxPyramid()
    position = 0
    while position < len(values):
        size = data.draw(st.integers(1, 2500), label="chunk")
        pyramid.extend(values[position : position + size])
        position += size
    start = data.draw(st.integers(0, len(values) - 1), label="start")
    stop = data.draw(st.integers(start + 1, len(values)), label="stop")
    n_columns = data.draw(st.integers(1, 400), label="columns")
    starts, low, high = pyramid.ranges(start, stop, n_columns)
    assert len(starts) <= n_columns
    assert_ranges_right(values, start, stop, starts, low, high)
    np.testing.assert_array_equal(pyramid.not_finite, np.flatnonzero(~np.isfinite(values)))
    np.testing.assert_equal(pyramid.extremes, finite_extremes(values))


def test_pyramid_of_three_levels_equals_brute_force():
    values = np.random.default_rng(0).lognormal(size=150_001)
    values[[5, 40_000, 150_000]] = math.nan, math.inf, -math.inf
    pyramid = MinMaxPyramid()
    for piece in np.array_split(values, 37):
        pyramid.extend(piece)
    for start, stop, n_columns in [(0, 150_001, 1), (0, 150_001, 3), (7, 149_999, 700), (33, 34, 5), (40_000, 40_001, 9)]:
        assert_ranges_right(values, start, stop, *pyramid.ranges(start, stop, n_columns))


def test_columns_do_not_move_while_the_series_grows():
    pyramid = MinMaxPyramid()
    pyramid.extend(np.arange(10_000.0))
    before, *_ = pyramid.ranges(0, 9_000, 300)
    after, *_ = pyramid.ranges(0, 9_300, 300)
    assert set(before) <= set(after)


def test_pyramid_uses_at_least_half_of_the_columns():
    pyramid = MinMaxPyramid()
    pyramid.extend(np.arange(100_000.0))
    for stop in (1_000, 1_025, 54_321, 100_000):
        starts, *_ = pyramid.ranges(0, stop, 400)
        assert 200 <= len(starts) <= 400


def test_empty_pyramid_has_no_columns():
    assert [len(part) for part in MinMaxPyramid().ranges(0, 10, 5)] == [0, 0, 0]


# -- batch losses -------------------------------------------------------------------------------------------------------


def test_short_curve_comes_back_step_by_step():
    curve = curve_of([3.0, 2.0, 1.0])
    steps, low, high = curve.batch_range(1, 3, 100)
    np.testing.assert_array_equal(steps, [1, 2, 3])
    np.testing.assert_array_equal(low, [3.0, 2.0, 1.0])
    np.testing.assert_array_equal(high, low)
    assert curve.batch_loss_at(2) == 2.0
    assert curve.batch_loss_at(0) is None
    assert curve.batch_loss_at(4) is None


def test_batch_range_of_part_of_a_long_curve():
    losses = np.random.default_rng(1).random(20_000)
    curve = curve_of(losses)
    steps, low, high = curve.batch_range(5_001, 15_000, 77)
    assert_ranges_right(losses, 5_000, 15_000, steps - 1, low, high)


def test_losses_that_are_not_finite_are_counted_and_named():
    losses = np.ones(1_000)
    losses[[99, 499, 999]] = math.nan, math.inf, math.nan
    curve = curve_of(losses)
    assert curve.n_not_finite == 3
    assert curve.batch_extremes == (1.0, 1.0)
    np.testing.assert_array_equal(curve.not_finite_steps(1, 1_000), [100, 500, 1_000])
    np.testing.assert_array_equal(curve.not_finite_steps(101, 999), [500])
    _, low, high = curve.batch_range(1, 1_000, 10)
    assert np.all(low == 1.0)
    assert np.all(high == 1.0)


def test_huge_finite_loss_is_kept_as_it_is():
    curve = curve_of([1.0, 1.2e45])
    assert curve.batch_range(1, 2, 1)[2][0] == 1.2e45
    assert curve.n_not_finite == 0


@pytest.mark.parametrize(("first_step", "word"), [(5, "gap"), (3, "repeat"), (1, "repeat")])
def test_records_that_do_not_follow_raise_and_add_nothing(first_step, word):
    curve = curve_of([1.0, 1.0, 1.0])
    with pytest.raises(RecordsNotConsecutive, match=word):
        curve.append(records([9.0], first_step, [Measurement(first_step, 1, 1.0, None)]))
    assert curve.step_count == 3
    assert curve.n_measured == 0


def test_appending_in_pieces_equals_appending_at_once():
    losses = np.random.default_rng(2).random(12_345)
    pieces = LossCurve()
    for start in range(0, len(losses), 97):
        pieces.append(records(losses[start : start + 97], start + 1))
    whole = curve_of(losses)
    for one, other in zip(pieces.batch_range(1, 12_345, 200), whole.batch_range(1, 12_345, 200), strict=True):
        np.testing.assert_array_equal(one, other)


def test_memory_is_about_ten_bytes_per_step():
    curve = LossCurve()
    for start in range(0, 500_000, 1_000):
        curve.append(records(np.ones(1_000), start + 1))
    assert curve.nbytes <= 10 * curve.step_count


# -- measurements -------------------------------------------------------------------------------------------------------


def test_measurement_at_is_the_nearest_earlier_one():
    curve = curve_of(np.ones(20), [Measurement(0, 0, 3.0, 4.0), Measurement(10, 1, 2.0, 5.0)])
    assert curve.measurement_at(9) == Measurement(0, 0, 3.0, 4.0)
    assert curve.measurement_at(10) == Measurement(10, 1, 2.0, 5.0)
    assert curve.measurement_at(20).step == 10
    assert LossCurve().measurement_at(3) is None


def test_step_0_measured_twice_is_taken_once():
    curve = LossCurve()
    start = Measurement(0, 0, 1.0, None)
    curve.append(records([], measurements=[start]))
    curve.append(records([1.0], measurements=[start, Measurement(1, 1, 0.5, None)]))
    np.testing.assert_array_equal(curve.measured(0, 1, 10)[0], [0, 1])


@pytest.mark.parametrize("steps", [(2, 1), (1, 1), (1, 9)])
def test_measurements_out_of_order_or_beyond_the_records_raise(steps):
    with pytest.raises(RecordsNotConsecutive, match="Measurements"):
        curve_of([1.0, 1.0], [Measurement(step, 1, 1.0, None) for step in steps])


def test_no_validation_rows():
    curve = curve_of([1.0], [Measurement(0, 0, 1.0, None), Measurement(1, 1, 0.5, None)])
    assert not curve.has_validation
    assert curve.best is None
    assert curve.measured_extremes == (0.5, 1.0)
    assert np.isnan(curve.measured(0, 1, 10)[2]).all()
    assert curve.measurement_at(1).validation_loss is None


def test_best_is_the_first_lowest_finite_validation_loss():
    validation = [3.0, 1.0, math.nan, 1.0, 2.0]
    curve = curve_of(np.ones(4), [Measurement(step, 1, 1.0, loss) for step, loss in enumerate(validation)])
    assert curve.best.step == 1


def test_few_measurements_come_as_they_are_with_nan():
    curve = curve_of(np.ones(3), [Measurement(0, 0, 1.0, 2.0), Measurement(3, 1, math.nan, math.inf)])
    steps, train, validation = curve.measured(0, 3, 10)
    np.testing.assert_array_equal(steps, [0, 3])
    np.testing.assert_array_equal(train, [1.0, math.nan])
    np.testing.assert_array_equal(validation, [2.0, math.inf])
    np.testing.assert_array_equal(curve.measured_not_finite_steps(), [3])
    np.testing.assert_array_equal(curve.all_not_finite_steps(), [3])
    assert curve.measured_extremes == (1.0, 2.0)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), n_steps=st.integers(200, 4000), n_points=st.integers(5, 300), data=st.data())
def test_thinned_measurements_keep_the_extremes_and_the_end(seed, n_steps, n_points, data):
    rng = np.random.default_rng(seed)
    measured = np.flatnonzero(rng.random(n_steps + 1) < rng.random())
    losses = rng.lognormal(size=(2, n_steps + 1))
    curve = curve_of(np.ones(n_steps), [Measurement(int(s), 1, losses[0, s], losses[1, s]) for s in measured])
    first = data.draw(st.integers(0, n_steps - 1))
    last = data.draw(st.integers(first, n_steps))
    inside = measured[(measured >= first) & (measured <= last)]
    steps, train, validation = curve.measured(first, last, n_points)
    assert len(steps) <= max(n_points, 5)
    assert np.all(np.diff(steps) >= 0)
    if len(inside):
        for drawn, all_losses in ((train, losses[0, inside]), (validation, losses[1, inside])):
            assert (drawn.min(), drawn.max(), drawn[-1]) == (all_losses.min(), all_losses.max(), all_losses[-1])
    if len(measured):
        assert curve.measured_extremes == (losses[:, measured].min(), losses[:, measured].max())


def test_sparkline_covers_the_whole_line():
    curve = curve_of(np.ones(5_000), [Measurement(step, 1, 1.0 + step, 2.0) for step in range(5_001)])
    steps, train, _ = curve.sparkline(100)
    assert (steps[0], steps[-1]) == (0, 5_000)
    assert (train.min(), train.max()) == (1.0, 5_001.0)
    assert len(steps) <= 201


# -- smoothing ----------------------------------------------------------------------------------------------------------


def brute_force_medians(losses, steps, window):
    found = []
    for step in steps:
        part = losses[max(0, step - window) : step]
        part = part[np.isfinite(part)]
        found.append(np.median(part) if len(part) else math.nan)
    return found


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), window=st.integers(1, 60), data=st.data())
def test_running_median_equals_brute_force_while_the_curve_grows(seed, window, data):
    rng = np.random.default_rng(seed)
    losses = rng.lognormal(size=3_000)
    losses[rng.integers(0, 3_000, 20)] = math.nan
    curve, position = LossCurve(), 0
    for _ in range(4):
        size = data.draw(st.integers(1, 700))
        curve.append(records(losses[position : position + size], position + 1))
        position += size
        first = data.draw(st.integers(1, position))
        last = data.draw(st.integers(first, position + 10))
        steps, medians = curve.smoothed(first, last, 50, window)
        assert len(steps) <= 50
        assert np.all((steps >= first) & (steps <= min(last, position)))
        np.testing.assert_allclose(medians, brute_force_medians(losses, steps, window))


def test_median_of_losses_that_are_all_not_finite_is_nan():
    steps, medians = curve_of([math.nan, math.inf, 1.0]).smoothed(1, 3, 10, 2)
    np.testing.assert_array_equal(steps, [1, 2, 3])
    np.testing.assert_array_equal(medians, [math.nan, math.nan, 1.0])


# -- lines --------------------------------------------------------------------------------------------------------------


def test_replace_takes_the_other_line_and_its_changes():
    curve = curve_of(np.ones(100), [Measurement(0, 0, 1.0, 1.0)])
    generation = curve.generation
    shown = BranchShown(1, 2, records([5.0, 4.0]), (), ((2, "learning rate 0.01 → 0.1"), (1, "batch 32 → 8")))
    curve.replace(shown)
    assert curve.step_count == 2
    assert curve.n_measured == 0
    assert curve.best is None
    assert not curve.has_validation
    assert curve.generation > generation
    assert curve.changes == ((1, "batch 32 → 8"), (2, "learning rate 0.01 → 0.1"))
    curve.append(records([3.0], 3))
    curve.add_change(1, "batch 32 → 8, L2 0 → 0.1")  # the history tells all that was changed at a step in one
    assert curve.changes == ((1, "batch 32 → 8, L2 0 → 0.1"), (2, "learning rate 0.01 → 0.1"))
    curve.add_change(1, "")
    assert [step for step, _ in curve.changes] == [2]
