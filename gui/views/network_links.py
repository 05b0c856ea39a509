"""The links of the network diagram: which weights are drawn, how strong they look, and which of them is under the mouse.

Everything about a link's place is settled once per layout; a frame only looks up weights and puts them in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter, QPainterPath

from engine.network import NetworkSpec
from gui.views.network_geometry import Layout, LinkId, UnitId, curves
from gui.views.network_strokes import LEVELS, NOT_FINITE, LinkPens, LinkShapes, link_width

Array = NDArray[np.floating[Any]]

MAX_LINKS = 400
"""Most links drawn; beyond, the strongest."""

LEAST_SCALE = 1.5
"""The widest link stands for at least this weight, so that a network of small weights looks like one."""


@dataclass(frozen=True)
class LinkLook:
    """How the links are drawn in one frame.

    Attributes
    ----------
    scale : float
        The weight that the widest pen stands for.
    levels : ndarray of int64, shape (n_links,)
        The pen of every link.
    order : ndarray of int64, shape (n_drawn,)
        The links drawn, strongest last.
    n_not_finite : int
        Links whose weight is not finite, drawn or not.
    """

    scale: float
    levels: NDArray[np.int64]
    order: NDArray[np.int64]
    n_not_finite: int = 0


class LinkSet:
    """The links between drawn units, in place.

    Parameters
    ----------
    spec : NetworkSpec
    layout : Layout

    Attributes
    ----------
    ids : list of LinkId
    parameters : ndarray of int64, shape (n_links,)
        Where each link's weight stands in the flat vector.
    points : ndarray of shape (n_links, CURVE_POINTS, 2)
    """

    def __init__(self, spec: NetworkSpec, layout: Layout) -> None:
        self.ids: list[LinkId] = []
        indices, points = [], []
        for layer in range(1, len(layout.columns)):
            sources, units = layout.plans[layer - 1].units, layout.plans[layer].units
            start, fan_out = spec.block(layer, "weights").start, spec.sizes[layer]
            self.ids += [LinkId(layer, source, unit) for source in sources for unit in units]
            indices.append((start + np.array(sources)[:, None] * fan_out + np.array(units)).ravel())
            points.append(curves(layout, layer))
        self.parameters: NDArray[np.int64] = np.concatenate(indices)
        self.points = np.concatenate(points)
        self._ends = np.array([[link.layer - 1, link.source, link.layer, link.unit] for link in self.ids])
        self._shapes = LinkShapes(self.points[:, 0], self.points[:, -1])

    def __len__(self) -> int:
        return len(self.ids)

    def look(self, parameters: Array, on_top: NDArray[np.bool_] | None = None) -> LinkLook:
        """Return how the links are drawn for these parameters.

        Parameters
        ----------
        parameters : ndarray of shape (n_parameters,)
        on_top : ndarray of bool, shape (n_links,), optional
            Links drawn after all others, and in any case.
        """
        weights = parameters[self.parameters].astype(np.float64)
        finite = np.isfinite(weights)
        size = np.where(finite, np.abs(weights), np.inf)
        scale = max(LEAST_SCALE, float(size[finite].max(initial=0.0)))
        steps = np.rint(np.where(finite, weights, 0.0) / scale * LEVELS).astype(np.int64)
        levels = np.where(finite, steps + LEVELS, NOT_FINITE)
        order = np.argsort(size, kind="stable")[-MAX_LINKS:]
        if on_top is not None:
            strongest = order[~on_top[order]]
            order = np.concatenate([strongest, np.flatnonzero(on_top)])
        return LinkLook(scale, levels, order, len(finite) - int(finite.sum()))

    def touching(self, unit: UnitId) -> NDArray[np.bool_]:
        """Return which links begin or end at a unit, shape (n_links,)."""
        ends = self._ends
        begins = (ends[:, 0] == unit.layer) & (ends[:, 1] == unit.unit)
        return np.asarray(begins | ((ends[:, 2] == unit.layer) & (ends[:, 3] == unit.unit)))

    def paint(self, painter: QPainter, look: LinkLook, pens: LinkPens, lit: NDArray[np.bool_] | None = None) -> None:
        """Draw the links, strongest last; where `lit` is given, all others faded."""
        levels = look.levels[look.order].tolist()
        bright = None if lit is None else lit[look.order].tolist()
        self._shapes.paint(painter, look.order.tolist(), levels, pens, bright)

    def path(self, link: int) -> QPainterPath:
        """Return one link's curve."""
        return self._shapes.paths[link]

    def at(self, x: float, y: float, look: LinkLook, widest_px: float, reach_px: float = 4.0) -> int | None:
        """Return the number of the drawn link under a point, the strongest where several are; None where none is near."""
        drawn = look.order
        if not len(drawn):
            return None
        distance = np.maximum(self._distances(drawn, x, y) - link_width(look.levels[drawn], widest_px) / 2.0, 0.0)
        nearest = float(distance.min())
        if nearest > reach_px:
            return None
        return int(drawn[np.flatnonzero(distance <= nearest + 1e-9)[-1]])  # strongest last

    def _distances(self, links: NDArray[np.int64], x: float, y: float) -> Array:
        """Return the distance of a point to each link's curve."""
        starts, along = self.points[links, :-1], np.diff(self.points[links], axis=1)
        to_point = np.array([x, y]) - starts
        length = np.maximum((along**2).sum(axis=2), 1e-12)
        share = np.clip((to_point * along).sum(axis=2) / length, 0.0, 1.0)
        return np.asarray(np.sqrt(((to_point - along * share[..., None]) ** 2).sum(axis=2)).min(axis=1))
