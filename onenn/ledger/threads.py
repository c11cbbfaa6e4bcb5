"""One thread for the numerical libraries of the chapters: OMP_NUM_THREADS and its like are 1 unless set.

Sums then have one order whatever the number of cores, and chapters that run side by side do not wait for each other.
"""

import os
from collections.abc import MutableMapping

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def one_thread(environment: MutableMapping[str, str] = os.environ) -> None:
    """For all kernels and workers that this process starts; for itself only where the libraries are not loaded yet.

    >>> given = {"OMP_NUM_THREADS": "2"}
    >>> one_thread(given)
    >>> sorted(given.items())
    [('MKL_NUM_THREADS', '2'), ('OMP_NUM_THREADS', '2'), ('OPENBLAS_NUM_THREADS', '2')]
    """
    number = environment.get("OMP_NUM_THREADS", "1")
    for name in VARIABLES:
        environment.setdefault(name, number)
