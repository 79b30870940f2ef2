"""`python -m local`: the lake's command line."""

import os
import shlex
import sys

from local.command import main

if __name__ == "__main__":
    try:
        # with the Python that was typed: a command that is printed runs as it is pasted
        main(prog_name=shlex.join([sys.orig_argv[0], "-m", "local"]))
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        if isinstance(end.code, int):
            # all is written: what is left is to give memory back, which the kernel does at once
            os._exit(end.code)
        raise
