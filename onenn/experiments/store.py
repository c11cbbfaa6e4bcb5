"""Results that are kept with the book: a Dataset as text of one line per row, and where to find it.

chapters/_data/<name>.json holds coordinates, numbers, and the attributes function, seeds, versions, command.
"""

from __future__ import annotations

import json
import os
import re
import sysconfig
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray

FORMAT = "onenn.experiments.result 1"
_INSTALLED = "share/onenn/_data"


class NotStored(FileNotFoundError):
    """There is no stored result of that name; the text says where it was looked for and how to make it."""


def save(result: xarray.Dataset, path: str | PathLike[str]) -> Path:
    """Writes a Dataset of numbers and texts as JSON, whole or not at all; returns the path.

    Numbers are written so that `load` gives them back exactly; nan and infinities keep their names.
    Raises: ValueError when the name does not end in .json.

    >>> import tempfile, xarray
    >>> data = xarray.Dataset({"value": ("n", [0.1, float("nan")])}, coords={"n": [1, 2]}, attrs={"command": "by hand"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(save(data, folder + "/a.json")).identical(data)
    True
    """
    path = Path(path)
    if path.suffix != ".json":
        raise ValueError(f"path is {path}; expected a name that ends in .json")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(_text(result), encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def load(path: str | PathLike[str]) -> xarray.Dataset:
    """The Dataset that `save` wrote.  Raises: FileNotFoundError; ValueError when the file is of another format."""
    import xarray

    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']!r}")
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"{path} is no result of this format ({error}); expected {FORMAT!r}, written by save"
        ) from None
    sizes = {name: len(values) for name, values in data["coordinates"].items()}
    variables = {}
    for name, variable in data["variables"].items():
        shape = [sizes[dim] for dim in variable["dims"]]
        if "except" in variable:  # mostly one text: `failure`
            values = np.full(shape, variable["all"], dtype=object)
            for index, text in variable["except"]:
                values[tuple(index)] = text
        else:
            values = np.reshape(np.array(variable["values"], dtype=variable["dtype"]), shape)
        variables[name] = (variable["dims"], values)
    return xarray.Dataset(variables, coords=data["coordinates"], attrs=data["attributes"])


def stored(name: str) -> xarray.Dataset:
    """The stored result `name` of the book: of an experiment that `python -m onenn.experiments` lists.

    It is looked for in the folder _data beside the notebook and above it, in the book that the package was installed
    from, and among the files installed with the package.
    Raises: NotStored, which names these places and the command that makes the result; ValueError for no name.
    """
    check_name(name)
    places = [folder / f"{name}.json" for folder in places_of_data()]
    for place in places:
        if place.is_file():
            return load(place)
    listed = "\n".join(f"  {place}" for place in dict.fromkeys(places))
    raise NotStored(
        f"there is no stored result {name!r}. Looked for:\n{listed}\nTake _data/{name}.json from the source of the "
        f"book and put it into a folder _data beside the notebook, or compute it: python -m onenn.experiments {name}"
    )


def check_name(name: str) -> None:
    """Raises: ValueError when `name` could not be that of a file in every system, or of an experiment."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise ValueError(f"name is {name!r}; expected lower-case letters, digits and hyphens, as in 'recovery-rate'")


def places_of_data() -> list[Path]:
    """The folders in which stored results are looked for, first things first."""
    here = Path.cwd()
    near = [folder / sub / "_data" for folder in (here, *here.parents[:2]) for sub in (".", "chapters")]
    installed = Path(sysconfig.get_path("data")) / _INSTALLED
    return [*filter(Path.is_dir, near), *filter(None, [book_data()]), installed]


def book_data() -> Path | None:
    """chapters/_data of the book that this package lies in, or None when it is installed elsewhere."""
    root = Path(__file__).resolve().parents[2]
    return root / "chapters" / "_data" if (root / "_toc.yml").is_file() else None


def _text(result: xarray.Dataset) -> str:
    """One line per row of the last dimension, so that a changed number changes one line."""
    head = {"format": FORMAT, "attributes": result.attrs}
    coordinates = {str(name): result.coords[name].values.tolist() for name in result.coords}
    lines = [json.dumps(head, indent=1, ensure_ascii=False)[:-2] + ',\n "coordinates": {']
    lines.append(",\n".join(f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in coordinates.items()))
    lines.append(' },\n "variables": {')
    lines.append(",\n".join(f"  {json.dumps(str(name))}: {_variable(result[name])}" for name in result.data_vars))
    return "\n".join([*lines, " }\n}\n"])


def _variable(variable: Any) -> str:
    dims = json.dumps(list(variable.dims))
    values = variable.values
    if values.dtype.kind in "OU":
        odd = [[list(index), str(text)] for index, text in np.ndenumerate(values) if text]
        return f'{{"dims": {dims}, "all": "", "except": {json.dumps(odd, ensure_ascii=False)}}}'
    rows = values.reshape(-1, values.shape[-1]) if values.ndim else values.reshape(1, 1)
    body = ",\n".join(f"   {json.dumps(row.tolist())}" for row in rows)
    return f'{{"dims": {dims}, "dtype": "{values.dtype}", "values": [\n{body}]}}'
