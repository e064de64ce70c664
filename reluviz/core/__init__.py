"""numpy and numba: pure functions over frozen data. Never Qt, never torch."""
