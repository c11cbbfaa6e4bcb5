"""Chapters and tests run with one thread unless the environment names a number."""

import os
import subprocess
import sys

from onenn.ledger.threads import VARIABLES, one_thread


def test_what_is_not_set_becomes_one():
    """All three, as each library reads its own."""
    environment = {}
    one_thread(environment)
    assert environment == dict.fromkeys(VARIABLES, "1")


def test_what_is_set_stays():
    """Whoever asks for two threads has them, from every library; and from one where only that one is named."""
    environment, one = {"OMP_NUM_THREADS": "2"}, {"MKL_NUM_THREADS": "3"}
    one_thread(environment)
    one_thread(one)
    assert environment == dict.fromkeys(VARIABLES, "2")
    assert one == {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "3"}


def test_a_process_started_by_the_tests_has_the_threads_of_the_environment():
    """As the kernels of the chapters are: the plugin has set the variables before."""
    code = "import numpy, threadpoolctl; print({i['num_threads'] for i in threadpoolctl.threadpool_info()})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(VARIABLES) <= set(os.environ)
    assert found.strip() in {f"{{{os.environ[name]}}}" for name in VARIABLES}
