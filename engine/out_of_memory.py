"""Whether an error is lack of memory, told without importing torch."""

from __future__ import annotations

_WORDS = ("out of memory", "can't allocate memory", "not enough memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether Python, numpy or torch found no memory, on a GPU or for the CPU."""
    if isinstance(error, MemoryError):
        return True
    # torch.OutOfMemoryError, of which torch.cuda.OutOfMemoryError is another name.
    if any(kind.__name__ == "OutOfMemoryError" for kind in type(error).__mro__):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error) for word in _WORDS)
