"""The garbage collector keeps out of imports: nothing of them is garbage, and looking for some takes a sixth of a start."""

import gc


def rest() -> None:
    """Until `begin`."""
    gc.disable()


def begin() -> None:
    """What was imported stays: no round looks through it, while somebody waits for a reply."""
    gc.freeze()
    gc.enable()
