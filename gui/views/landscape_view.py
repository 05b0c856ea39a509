"""The loss landscape panel: the true loss on a plane through the path of training, the path, and where training stands now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from engine.landscape.position import interpolated_loss
from engine.landscape.scale import LossScale
from engine.landscape.viridis import VIRIDIS
from engine.records import Measurement
from gui.session.messages import LandscapePicture, LandscapePosition, RunInfo, RunState, Snapshot
from gui.theme import LIGHT, SPACE, Theme
from gui.views.caption_strip import CaptionEntry, CaptionStrip
from gui.views.colour_bar import ColourBar
from gui.views.frame_pace import FIGURES_SECONDS, FramePace
from gui.views.framed_plot import FramedPlot
from gui.views.landscape_layers import NOW_RIM_STYLE, RIM_COLOUR, NowLayer, SurfaceLayer, now_style
from gui.views.landscape_trail import Trail
from gui.views.link_button import LinkButton, MenuLink
from gui.views.loss_text import loss_text
from gui.views.number_text import fixed_number, percent
from gui.views.panel_head import ElidedLabel, PanelHead
from gui.views.point_stamps import PointStyle
from gui.views.ticks import log_ticks

EMPTY_TEXT = "Open a CSV file or choose an example.\nThe loss landscape appears here once the network trains."
WAITING_TEXT = "The surface appears after the first update.\nPress Space to train."

_ALPHA, _BETA = "\N{GREEK SMALL LETTER ALPHA}", "\N{GREEK SMALL LETTER BETA}"
_LENGTH = "(distance in weight space)"
_PATH_AXES = ("towards the start", "across")
_RANDOM_AXES = ("a random direction", "another random direction")

_LEGEND_PX = 6.5

_PATH_WORDS = ("plane: path (chord + residual)", "plane: path", "path")
_RANDOM_WORDS = ("plane: two random directions", "plane: random", "random")
_PLANE_NOTE = (
    f"{_ALPHA} leads from the current point straight to the start of the run; {_BETA} is the direction in which the path "
    "strays most from that line. Both are lengths in the space of all weights and biases."
)


class LandscapeView(QWidget):
    """Surface, path and current point on one plane of the loss landscape.

    Lives in the GUI thread.

    Signals
    -------
    follow_changed(object)
        Whether the plane is to follow training (bool).
    refresh_requested()
        The user wants the surface through the path as it is now.
    """

    follow_changed = Signal(object)
    refresh_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._run: RunInfo | None = None
        self._picture: LandscapePicture | None = None
        self._position: LandscapePosition | None = None
        self._measured: Measurement | None = None
        self._names_step = False
        self._following = True
        self._trail = Trail()
        self._pace = FramePace(FIGURES_SECONDS)
        self.strip = CaptionStrip(max_lines=3)
        self.plot = FramedPlot()
        self.bar = ColourBar()
        self._surface = SurfaceLayer(self.plot.view_box)
        self._now = NowLayer(self.plot.view_box)
        self.plot.explain_with(self.text_at)
        self._plane = ElidedLabel()
        self._follow, self._refresh = MenuLink("Which plane is drawn"), LinkButton("redraw")
        self._refresh.setToolTip("Compute the surface through the path as it is now")
        self._follow.chosen.connect(self._set_following)
        self._refresh.clicked.connect(self.refresh_requested)
        self.head = PanelHead(self._plane, self._follow, self._refresh)
        self._offer_following()
        self._lay_out()
        self.clear()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for part in (self.strip, self.plot, self.bar, self._surface, self._now):
            part.set_theme(theme)
        if self._picture is not None:
            self._surface.set_path(self._trail.points())
            self.strip.set_entries(self._entries())

    def set_network(self, run: RunInfo) -> None:
        """Show another run, whose surface is yet to come."""
        self.clear(WAITING_TEXT)
        self._run = run
        self._pace.restart()
        self._follow.setEnabled(True)
        self._refresh.setEnabled(True)

    def set_picture(self, picture: LandscapePicture) -> None:
        """Show a surface, or a finer one of the same plane; `render` then places the current point on it."""
        if self._run is None or picture.run_id != self._run.run_id:
            return
        same_plane = self._picture is not None and picture.request_id == self._picture.request_id
        self._picture = picture
        if not same_plane:
            self._trail.start_with(picture.path_steps, picture.path_points)
            self._now.set_place((float(picture.path_points[-1, 0]), float(picture.path_points[-1, 1])))
            self._name_plane(picture)
        self.plot.set_window(_ends(picture.alphas), _ends(picture.betas))
        self._surface.set_picture(picture)
        self._surface.set_path(self._trail.points())
        self.bar.set_scale("train loss", VIRIDIS, scale_ticks(picture), _level_places(picture))
        self._show_plane_words(picture)
        self.strip.set_entries(self._entries())
        self._stack.setCurrentIndex(1)

    def render(self, snapshot: Snapshot, position: LandscapePosition | None) -> None:
        """Move the current point, and lead the path on to it.

        Parameters
        ----------
        snapshot : Snapshot
        position : LandscapePosition or None
            None where the point can't be placed on the plane.
        """
        if self._run is None or snapshot.run_id != self._run.run_id:
            return
        if self._picture is None:
            return
        self._position, self._measured = position, snapshot.measurement
        # Once named in play the step stays: at every end of an epoch it would vanish for a moment and move what follows it.
        running = snapshot.state is RunState.RUNNING
        self._names_step = snapshot.measurement.step != snapshot.step or (self._names_step and running)
        self._now.set_place(None if position is None else (position.alpha, position.beta))
        if position is not None and self._trail.append(position.step, position.alpha, position.beta):
            self._surface.add_to_path(position.alpha, position.beta)
        if self._pace.takes(snapshot):
            self.strip.set_entries(self._entries())

    def cut_path(self, step: int) -> None:
        """Drop the path after a step: what follows belongs to another branch."""
        if self._trail.cut_after(step):
            self._surface.set_path(self._trail.points())

    def clear(self, text: str = EMPTY_TEXT) -> None:
        """Show no surface, and in words what to do next."""
        self._run = self._picture = self._position = self._measured = None
        self._trail.clear()
        self._surface.set_picture(None)
        self._now.set_place(None)
        self._plane.set_texts("")
        self._follow.setEnabled(False)
        self._refresh.setEnabled(False)
        self._empty.setText(text)
        self._stack.setCurrentIndex(0)

    def text_at(self, alpha: float, beta: float) -> str:
        """Return coordinates and loss at a point of the plane, in words."""
        picture = self._picture
        if picture is None:
            return ""
        loss = interpolated_loss(picture.alphas, picture.betas, picture.losses, alpha, beta)
        grid = f"{len(picture.alphas)} × {len(picture.betas)}"
        where = f"{_ALPHA} {fixed_number(alpha)}   {_BETA} {fixed_number(beta)}"
        return f"{where}\nloss {loss_text(loss)}\ninterpolated on {grid} computed points"

    # ------------------------------------------------------------------ inside

    def _lay_out(self) -> None:
        page = QWidget()
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.plot, 1)
        row.addWidget(self.bar)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addLayout(row, 1)
        self._empty = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._empty.setProperty("role", "muted")
        self._empty.setMargin(2 * SPACE)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)

    def _name_plane(self, picture: LandscapePicture) -> None:
        """Name the axes for what they are: of the path, or random while the path has gone nowhere."""
        first, second = _RANDOM_AXES if _is_random(picture) else _PATH_AXES
        self.plot.bottom_axis.set_names((f"{_ALPHA}: {first} {_LENGTH}", f"{_ALPHA}: {first}", _ALPHA))
        self.plot.left_axis.set_names((f"{_BETA}: {second} {_LENGTH}", f"{_BETA}: {second}", _BETA))

    def _show_plane_words(self, picture: LandscapePicture) -> None:
        words = _RANDOM_WORDS if _is_random(picture) else _PATH_WORDS
        if picture.final:
            self._plane.set_texts(*words)
        else:
            finer = 2 * len(picture.alphas) - 1
            computing = f"computing {finer} × {finer}"
            self._plane.set_texts(*(f"{computing} · {plane}" for plane in words[:2]), computing, "computing")
        self._plane.setToolTip("\n".join([_PLANE_NOTE, *picture.notes]))

    def _offer_following(self) -> None:
        choices = [(True, "Follow training: lay a new plane as the path grows"), (False, "Keep this plane")]
        self._follow.set_choices(choices, self._following, "following" if self._following else "fixed")

    @Slot(object)
    def _set_following(self, following: bool) -> None:
        self._following = following
        self._offer_following()
        self.follow_changed.emit(following)

    def _entries(self) -> list[CaptionEntry]:
        """Return legend and figures: what is true, what the plane shows, and how much it hides."""
        assert self._picture is not None
        picture, position = self._picture, self._position
        step = position.step if position is not None else int(picture.path_steps[-1])
        walk = f"(a random walk: {percent(picture.random_walk_share, 0)})"
        share = percent(picture.share_in_plane)
        entries = [
            CaptionEntry("start", style=_legend_start(self._theme)),
            CaptionEntry("now, step", f"{step:,}", *_legend_now(self._theme)),
            self._true_loss_entry(),
            CaptionEntry("plane loss", loss_text(position.plane_loss if position else None), full=_PLANE_LOSS_NOTE),
            CaptionEntry("out of plane", percent(position.out_of_plane) if position else "–", full=_OUT_NOTE),
            CaptionEntry("path in this plane", share, after=walk, full=_SHARE_NOTE),
            CaptionEntry(f"{picture.rows_used:,} of {picture.rows_total:,} rows", full=_rows_note(picture)),
        ]
        if picture.n_not_finite:
            style = PointStyle("s", self._theme.not_finite, self._theme.panel, 9.0)
            words = f"{picture.n_not_finite:,} point{'s' if picture.n_not_finite > 1 else ''} not finite"
            entries.append(CaptionEntry(words, style=style, colour=self._theme.not_finite))
        return entries

    def _true_loss_entry(self) -> CaptionEntry:
        """Return the loss at the current point, or the one measured last, with its step: over many rows in play."""
        position, measured = self._position, self._measured
        if position is None or measured is None or not self._names_step:
            return CaptionEntry("true loss", loss_text(position.true_loss if position else None), full=_TRUE_NOTE)
        late = f"at step {measured.step:,}"
        return CaptionEntry("true loss", loss_text(measured.train_loss), after=late, full=f"{_TRUE_NOTE}; last measured {late}")


_TRUE_NOTE = "true loss: the train loss at the current point itself, over all train rows, without penalty"
_PLANE_LOSS_NOTE = "plane loss: the loss drawn under the current point; a dash where the point is outside the window"
_OUT_NOTE = "out of plane: how far the current point lies beside the plane, as a share of its distance from the plane's origin"
_SHARE_NOTE = (
    "path in this plane: share of the path's squared length from the current point that the plane shows; "
    "a random walk of as many points would show the share in brackets"
)


def scale_ticks(picture: LandscapePicture) -> list[tuple[float, str]]:
    """Return places (0 to 1) and texts of losses along the colour scale; ">" at the top where higher ones share its colour."""
    scale = LossScale(picture.loss_floor, picture.loss_ceiling)
    finite = picture.losses[np.isfinite(picture.losses)]
    if scale.is_flat:
        return [(0.5, loss_text(picture.loss_floor))] if finite.size else []
    clipped = float(finite.max()) > picture.loss_ceiling * (1.0 + 1e-9)
    low = max(picture.loss_floor, picture.loss_ceiling * 1e-6)
    inner = log_ticks(float(np.log10(low)), float(np.log10(picture.loss_ceiling)), 12)
    ticks = [(0.0, loss_text(picture.loss_floor)), (1.0, ("> " if clipped else "") + loss_text(picture.loss_ceiling))]
    places = scale.position(np.array(inner))
    return [*ticks, *((float(place), f"{loss:g}") for place, loss in zip(places, inner, strict=True) if 0.0 < place < 1.0)]


def _level_places(picture: LandscapePicture) -> list[float]:
    places = LossScale(picture.loss_floor, picture.loss_ceiling).position(np.array(picture.level_values))
    return [float(place) for place in places if np.isfinite(place)]


def _legend_start(theme: Theme) -> PointStyle:
    return PointStyle("o", "", RIM_COLOUR if theme.name == "light" else theme.text, 8.0, 1.8)


def _legend_now(theme: Theme) -> tuple[PointStyle, str, str, PointStyle]:
    """Return symbol, colour, words behind and rim of the entry of the current point."""
    return replace(now_style(theme), size=_LEGEND_PX), "", "", replace(NOW_RIM_STYLE, size=_LEGEND_PX)


def _rows_note(picture: LandscapePicture) -> str:
    return f"The surface is the mean loss over {picture.rows_used:,} of {picture.rows_total:,} train rows, without penalty."


def _is_random(picture: LandscapePicture) -> bool:
    """Tell whether the path has gone nowhere, so that both directions are random."""
    return not np.any(picture.path_points)


def _ends(axis: Any) -> tuple[float, float]:
    return float(axis[0]), float(axis[-1])
