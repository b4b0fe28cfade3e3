"""What fails and is being mended: (start of the SDK's name, start of the target's, ability, cause).

A test that is listed here and passes fails the run, so the list cannot go stale. It is
meant to be empty.
"""

KNOWN = []
