"""`python -m local`: the lake's command line."""

import os
import sys

from local.command import main

if __name__ == "__main__":
    try:
        main(prog_name="python -m local")
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        if isinstance(end.code, int):
            # all is written: what is left is to give memory back, which the kernel does at once
            os._exit(end.code)
        raise
