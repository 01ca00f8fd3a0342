"""What JSON can say of numbers."""

from math import isfinite
from typing import Any


def finite(value: Any) -> Any:
    """``value`` with None for NaN and infinities, which JSON does not know."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
