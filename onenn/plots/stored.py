"""Where a stored result comes from, in a line under its table or its picture: seeds and command.

Chapters: tensor-initialization, global-recovery, recovery-in-practice."""

from __future__ import annotations

from typing import Any

from onenn import figures


def origin(data: Any) -> str:
    """The seeds and the command of a result; nothing for one that was made on the page.

    >>> import xarray
    >>> origin(xarray.Dataset(coords={"seed": [0, 1, 2]}, attrs={"experiment": "peers", "command": "python -m ..."}))
    'Stored: seeds 0 to 2, python -m ...'
    >>> origin(xarray.Dataset(coords={"seed": [0]}))
    ''
    """
    if "experiment" not in data.attrs:
        return ""
    return f"Stored: seeds {int(data.seed.min())} to {int(data.seed.max())}, {data.attrs['command']}"


def draw_origin(fig: Any, *data: Any) -> None:
    """The lines of `origin` under the picture."""
    fig.supxlabel("\n".join(map(origin, data)), fontsize=8, color=figures.INK)
