"""The card beside the mouse in the network diagram: the numbers of one link or unit, in words, and where it may stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from engine.losses import LOSSES
from engine.network import NetworkSpec
from gui.session.messages import RunInfo, Snapshot
from gui.theme import SMALL_PX, TEXT_PX, Theme, mix
from gui.views.framed_plot import small_font
from gui.views.network_edits import Target, is_off, numbers_of
from gui.views.network_geometry import LinkId, UnitId
from gui.views.network_tiles import COVERED_SHARE, SIGNED, ColourRange
from gui.views.number_text import short_number, with_minus

_PADDING = 9
_LINE = 18
_GAP = 5
_PAIR_GAP = 12
_DISTANCES = (14, 28, 48, 76, 112, 160)
_EDGE = 6
_SMALLEST_FIXED = 0.00095
_LARGEST_FIXED = 1e6

HINT = "click to change"


@dataclass(frozen=True)
class CardText:
    """What a card says.

    Attributes
    ----------
    title : str
    lines : tuple of tuple of (str, str)
        Lines of (label, value); a value without a label is the number the card is about.
    notes : tuple of str
        What holds for it besides, a line each: "switched off", "frozen".
    """

    title: str
    lines: tuple[tuple[tuple[str, str], ...], ...]
    notes: tuple[str, ...] = ()


def signed(value: float) -> str:
    """Return a weight, bias or gradient with its sign and four decimals; very small and very large ones with an exponent.

    Examples
    --------
    >>> [signed(value) for value in (2.314, -0.0041, 3.2e-5, 0.0)]
    ['+2.3140', '−0.0041', '+3.2e-05', '+0.0000']
    """
    if not np.isfinite(value):
        return "not finite"
    small = 0.0 < abs(value) < _SMALLEST_FIXED
    return with_minus(f"{value:+.1e}" if small or abs(value) >= _LARGEST_FIXED else f"{value:+.4f}")


# ---------------------------------------------------------------------- words


def unit_name(run: RunInfo, unit: UnitId) -> str:
    """Return what a unit is called: an input's name, "layer 1, unit 3", "output", or an output's class."""
    if unit.layer == 0:
        return run.data.features[unit.unit].name
    if unit.layer < run.spec.n_layers:
        return f"layer {unit.layer}, unit {unit.unit + 1}"
    return "output" if run.spec.n_outputs == 1 else f"output {run.data.target.classes[unit.unit]}"


def target_title(run: RunInfo, target: Target, activation: str) -> str:
    """Return what a link or unit is called at the head of a card; `activation` is the function of a unit's shown values."""
    if isinstance(target, LinkId):
        source, unit = UnitId(target.layer - 1, target.source), UnitId(target.layer, target.unit)
        return f"w  {unit_name(run, source)} → {unit_name(run, unit)}"
    return f"input {unit_name(run, target)}" if target.layer == 0 else _unit_title(run, target, activation)


def link_text(run: RunInfo, snapshot: Snapshot, link: LinkId) -> CardText:
    """Return the card of a weight: its value and the gradient of the last update."""
    (weight,) = numbers_of(run.spec, link)
    source_off = is_off(snapshot.spec, UnitId(link.layer - 1, link.source))
    notes = ("nothing comes through: its source is off",) if source_off else ()
    title = target_title(run, link, "")
    return CardText(title, (_value_and_gradient(snapshot, weight.index, ""),), notes + _frozen(snapshot, link.layer))


def unit_text(
    run: RunInfo, snapshot: Snapshot, unit: UnitId, activation: str, response: NDArray[np.floating] | None, span: ColourRange
) -> CardText:
    """Return the card of a unit: its bias, the gradient, and the range of its activation on the map.

    Parameters
    ----------
    activation : str
        The function its shown values come from.
    response : ndarray of shape (grid, grid) or None
        Its map, None where there is none.
    span : ColourRange
        Of the colours of its layer.
    """
    title = target_title(run, unit, activation)
    if unit.layer == 0:
        return CardText(title, *_input_lines(run, snapshot, unit, response))
    bias, *normalization = numbers_of(run.spec, unit)
    lines = [_value_and_gradient(snapshot, bias.index, "bias")]
    if normalization:
        lines.append(tuple((number.name, signed(float(snapshot.parameters[number.index]))) for number in normalization))
    if is_off(snapshot.spec, unit):
        return CardText(title, tuple(lines), ("switched off: held at 0", *_frozen(snapshot, unit.layer)))
    if response is not None:
        lines.append(_activation_range(run.spec, unit, activation, response))
    if span != SIGNED:
        lines.append((_scale_words(span),))
    if unit.layer == run.spec.n_layers and run.data.target.task == "regression" and response is not None:
        target = run.data.target
        lines.append((("in original units", _original(response, target.mean, target.scale)),))
    return CardText(title, tuple(lines), _frozen(snapshot, unit.layer))


def _frozen(snapshot: Snapshot, layer: int) -> tuple[str, ...]:
    return ("frozen: updates leave it as it is",) if layer in snapshot.settings.freeze else ()


def _scale_words(span: ColourRange) -> tuple[str, str]:
    """Return what a colour of the scale stands for, where it is not the -1 to 1 of the legend's first line."""
    middle = (span.low + span.high) / 2.0
    if middle:
        return "grey at", short_number(middle)
    return "full blue from", f"{short_number(span.high)} (p{round(100 * COVERED_SHARE)} of the layer)"


def _unit_title(run: RunInfo, unit: UnitId, activation: str) -> str:
    target = run.data.target
    if unit.layer < run.spec.n_layers:
        return f"{unit_name(run, unit)} · {activation}"
    if activation in ("sigmoid", "softmax") and target.classes:
        of = target.classes[unit.unit if run.spec.n_outputs > 1 else -1]
        return f"output · {_name_of_share(run.spec)} of {target.name} = {of}"
    return f"output · {target.name}"


def _name_of_share(spec: NetworkSpec) -> str:
    """Return what an output between 0 and 1 is called."""
    return "probability" if LOSSES[spec.loss].gives_probabilities else "score"


def _input_lines(
    run: RunInfo, snapshot: Snapshot, unit: UnitId, response: NDArray[np.floating] | None
) -> tuple[tuple[tuple[tuple[str, str], ...], ...], tuple[str, ...]]:
    """Return the lines and the notes of an input's card."""
    feature = run.data.features[unit.unit]
    observation = snapshot.observation
    if is_off(snapshot.spec, unit):
        return (), (f"switched off: held at {short_number(feature.mean)}",)
    if observation is None or response is None or not response.size:
        return (), ()
    if unit.unit not in observation.input_pair:
        return ((("held at its mean", short_number(float(response.flat[0]) * feature.scale + feature.mean)),),), ()
    scaled = (("scaled", _extent(response)),)
    return (scaled, (("in original units", _original(response, feature.mean, feature.scale)),)), ()


def _activation_range(
    spec: NetworkSpec, unit: UnitId, activation: str, response: NDArray[np.floating]
) -> tuple[tuple[str, str], ...]:
    is_share = unit.layer == spec.n_layers and activation in ("sigmoid", "softmax")
    n_bad = int(response.size - np.isfinite(response).sum())
    pairs = [(_name_of_share(spec) if is_share else "activation", _extent(response))] if n_bad < response.size else []
    if n_bad:
        pairs.append(("not finite", f"{n_bad:,} of {response.size:,} cells"))
    return tuple(pairs)


def _value_and_gradient(snapshot: Snapshot, index: int, label: str) -> tuple[tuple[str, str], ...]:
    value = ((label, signed(float(snapshot.parameters[index]))),)
    if snapshot.gradient is None or snapshot.step == 0:  # no update has led to step 0
        return value
    return (*value, ("gradient", signed(float(snapshot.gradient[index]))))


def _extent(response: NDArray[np.floating]) -> str:
    finite = response[np.isfinite(response)]
    if not finite.size:
        return "not finite"
    return f"{with_minus(f'{float(finite.min()):.2f}')} to {with_minus(f'{float(finite.max()):.2f}')}"


def _original(response: NDArray[np.floating], mean: float, scale: float) -> str:
    finite = response[np.isfinite(response)]
    if not finite.size:
        return "not finite"
    return f"{short_number(float(finite.min()) * scale + mean)} to {short_number(float(finite.max()) * scale + mean)}"


# ---------------------------------------------------------------------- place


def place_card(size: QSizeF, pointer: QPointF, panel: QRectF, avoid_points: NDArray[np.floating], avoid_px: float) -> QPointF:
    """Return the upper left corner for a card near the pointer, inside the panel, where it covers least of what it speaks of.

    Parameters
    ----------
    avoid_points : ndarray of shape (n_points, 2)
        Points of the hovered thing, close to each other.
    avoid_px : float
        How far from these points the card should stay.
    """
    best, best_covered = QPointF(_EDGE, _EDGE), np.inf
    for corner in _candidates(size, pointer, panel):
        box = QRectF(corner, size).adjusted(-avoid_px, -avoid_px, avoid_px, avoid_px)
        x, y = avoid_points[:, 0], avoid_points[:, 1]
        covered = int(((x > box.left()) & (x < box.right()) & (y > box.top()) & (y < box.bottom())).sum())
        if covered < best_covered:
            best, best_covered = corner, covered
        if covered == 0:
            break
    return best


def _candidates(size: QSizeF, pointer: QPointF, panel: QRectF) -> list[QPointF]:
    """Return places around the pointer, near ones first, all pushed inside the panel."""
    places = []
    x, y, width, height = pointer.x(), pointer.y(), size.width(), size.height()
    for distance in _DISTANCES:
        over, under = y - distance - height, y + distance
        right, left = x + distance, x - distance - width
        places += [(right, over), (left, over), (right, under), (left, under)]
        places += [(x - width / 2, over), (x - width / 2, under), (right, y - height / 2), (left, y - height / 2)]
    most_x, most_y = panel.width() - _EDGE - width, panel.height() - _EDGE - height
    return [QPointF(round(max(_EDGE, min(x, most_x))), round(max(_EDGE, min(y, most_y)))) for x, y in places]


# ---------------------------------------------------------------------- drawing


class Card:
    """Draws a card; while it stays on one thing it never gets narrower, so that changing numbers don't make it twitch."""

    def __init__(self) -> None:
        self._title_font = small_font(SMALL_PX + 1)
        self._label_font = small_font(SMALL_PX + 1)
        self._value_font = small_font(TEXT_PX, bold=True)
        self._hint_font = small_font(SMALL_PX)
        self._width = 0.0

    def forget_width(self) -> None:
        """Begin anew: the card is about another thing."""
        self._width = 0.0

    def size(self, text: CardText) -> QSizeF:
        """Return the room a text needs."""
        widths = [QFontMetricsF(self._title_font).horizontalAdvance(words) for words in (text.title, *text.notes)]
        widths += [sum(self._pair_width(pair) for pair in line) + _PAIR_GAP * (len(line) - 1) for line in text.lines]
        self._width = max(self._width, float(np.ceil(max(widths))) + 2 * _PADDING)
        return QSizeF(self._width, 2 * _PADDING + _LINE * (2 + len(text.lines) + len(text.notes)) - 4)

    def paint(self, painter: QPainter, corner: QPointF, size: QSizeF, text: CardText, theme: Theme) -> None:
        """Draw the card."""
        box = QRectF(corner, size)
        painter.setPen(QPen(QColor(mix(theme.line, theme.text, 0.16)), 1.0))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(self._title_font)
        painter.setPen(QColor(theme.muted))
        line = QRectF(box.left() + _PADDING, box.top() + _PADDING - 2, box.width() - 2 * _PADDING, _LINE)
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(line, side, text.title)
        for pairs in text.lines:
            line.translate(0, _LINE)
            self._paint_line(painter, QPointF(line.left(), line.bottom() - 5), pairs, theme)
        painter.setFont(self._title_font)
        painter.setPen(QColor(theme.text))
        for note in text.notes:
            line.translate(0, _LINE)
            painter.drawText(line, side, note)
        line.translate(0, _LINE)
        painter.setFont(self._hint_font)
        painter.setPen(QColor(theme.muted))
        painter.drawText(line, side, HINT)

    def _paint_line(self, painter: QPainter, baseline: QPointF, pairs: tuple[tuple[str, str], ...], theme: Theme) -> None:
        for label, value in pairs:
            if label:
                painter.setFont(self._label_font)
                painter.setPen(QColor(theme.muted))
                painter.drawText(baseline, label)
            painter.setFont(self._value_font)
            painter.setPen(QColor(theme.text))
            painter.drawText(baseline + QPointF(self._label_width(label), 0), value)
            baseline += QPointF(self._pair_width((label, value)) + _PAIR_GAP, 0)

    def _label_width(self, label: str) -> float:
        return QFontMetricsF(self._label_font).horizontalAdvance(label) + _GAP if label else 0.0

    def _pair_width(self, pair: tuple[str, str]) -> float:
        return self._label_width(pair[0]) + QFontMetricsF(self._value_font).horizontalAdvance(pair[1])
