"""`python -m local`: the lake's command line."""

from local.command import main

if __name__ == "__main__":
    main(prog_name="python -m local")
