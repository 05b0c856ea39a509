"""Painting a graphics view once per frame, together with every other part of the window.

A graphics scene collects what changed and paints its view by itself, at once and apart from the rest of the window: three
plots then cost three more passes over the window per frame. Here an item asks for its view as Qt's plain widgets do, so that
everything that changed in a frame is painted in one pass.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGraphicsScene, QGraphicsView


def paint_by_request(view: QGraphicsView) -> None:
    """Have a view painted only when one of its items (or the view itself) asks for it."""
    view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.NoViewportUpdate)


class OnePaintItem:
    """To be mixed into a graphics item, before its Qt class: `update` asks for one paint of the place it takes."""

    def update(self, *_: Any) -> None:
        """Ask for a paint with the next pass over the window."""
        scene: QGraphicsScene | None = self.scene()  # type: ignore[attr-defined]
        if scene is not None:
            area = self.mapRectToScene(self.boundingRect()).toAlignedRect()  # type: ignore[attr-defined]
            for view in scene.views():
                view.viewport().update(area)
