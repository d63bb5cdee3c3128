"""`digest`, and `python -m digest`."""

import atexit
import gc

# A command makes little garbage and ends soon; looking for it took a sixth of a build, most of it at the exit.
gc.set_threshold(200_000, 20, 20)
atexit.register(gc.freeze)

from digest.cli.app import main  # noqa: E402

if __name__ == "__main__":
    main()
