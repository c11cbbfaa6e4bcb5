"""One-hidden-layer networks f(x; W, v) = sum_i v_i phi(w_i . x): theorems that verify themselves.

Names are imported on first use, so that `import onenn` is quick.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Activation": "activations",
    "activation": "activations",
    "register_activation": "activations",
    "OneHiddenLayer": "network",
    "random_teacher": "network",
    "match": "network",
    "RecoveryRegressor": "recovery",
    "recover": "recovery",
    "tensor_initialize": "recovery",
    "Verdict": "verdict",
}
_MODULES = (
    "activations",
    "arrays",
    "contexts",
    "diversity",
    "experiments",
    "figures",
    "gaussian",
    "landscape",
    "ledger",
    "network",
    "overparam",
    "plots",
    "properties",
    "recovery",
    "rigorous",
)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    elif name in _MODULES:
        value = importlib.import_module(f".{name}", __name__)
    else:
        raise AttributeError(
            f"module 'onenn' has no attribute {name!r}; it has {', '.join(sorted({*_HOMES, *_MODULES}))}"
        )
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES})
