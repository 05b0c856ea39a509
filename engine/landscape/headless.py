"""The landscape of a finished run as arrays for a file: the path's plane, the surface on it and the path's true losses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.prepared import PreparedData
from engine.landscape.cost import affordable_rows
from engine.landscape.directions import path_plane
from engine.landscape.sampling import choose_rows
from engine.landscape.surface import evaluate_surface
from engine.landscape.window import window_around
from engine.network import NetworkSpec, encode_targets, mean_loss

Array = NDArray[np.floating[Any]]

FILE_GRID = 65
FILE_SECONDS = 5.0
"""What a surface in float64 over all rows may cost; above it a stratified sample of the rows is used."""


def landscape_arrays(
    spec: NetworkSpec, data: PreparedData, path: Array, path_steps: NDArray[np.int64], grid: int = FILE_GRID
) -> dict[str, NDArray[Any]]:
    """Return what `landscape.npz` holds, in float64.

    Parameters
    ----------
    path : ndarray of shape (n_points, n_parameters)
        Parameters at `path_steps`, the start first, the final point last.
    grid : int
        Points per side; grid - 1 is a multiple of 8.

    Returns
    -------
    dict of str to ndarray
        origin (= final parameters), direction_1, direction_2, alphas, betas, losses (losses[i, j] at origin
        + alphas[i] direction_1 + betas[j] direction_2: train loss without penalty over rows_used), path (n_points, 2),
        path_steps, path_losses (at the points themselves, over all training rows), rows_used (positions in X_train). With batch
        normalisation the surface goes by the running averages of the origin, path_losses by each point's own.
    """
    plane = path_plane(spec, path)
    points = plane.project(path)
    window = window_around(points, plane.size_of_origin)
    alphas, betas = window.alpha.coordinates(grid), window.beta.coordinates(grid)
    n_rows = max(1, affordable_rows(spec, grid, FILE_SECONDS, np.dtype(np.float64)))
    rows = choose_rows(data.y_train, data.target.task, n_rows)
    X, targets = data.X_train.T, encode_targets(spec, data.target, data.y_train)
    losses = evaluate_surface(spec, plane, X[:, rows], targets[:, rows], alphas, betas, dtype=np.float64)
    with np.errstate(all="ignore"):
        path_losses = [mean_loss(spec, parameters, X, targets) for parameters in np.asarray(path, dtype=np.float64)]
    return {
        "origin": plane.origin,
        "direction_1": plane.direction_1,
        "direction_2": plane.direction_2,
        "alphas": alphas,
        "betas": betas,
        "losses": losses,
        "path": points,
        "path_steps": np.asarray(path_steps, dtype=np.int64),
        "path_losses": np.array(path_losses),
        "rows_used": rows,
    }
