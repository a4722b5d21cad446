"""``.npy`` files, which may come from elsewhere: mapped, never unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError


def map_array(path: Path) -> NDArray[Any]:
    """The array of booleans, integers or floats in a file, read as it is used.

    Mapped, so that a header cannot claim more memory than the file has bytes. Raises `DataError`
    for other files, damaged ones, pickled objects, and numbers that are none of these.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    # The header is Python text: parsing a damaged one raises many kinds, MemoryError among them.
    except Exception as error:
        raise DataError(f"not a readable .npy file ({error})") from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise DataError("not a readable .npy file (an archive of several)")
    if array.dtype.kind not in "buif":
        raise DataError("the array holds no real numbers")
    return array
