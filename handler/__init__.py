"""What the function runs: reads a raw file, sorts its rows, commits; knows only lake."""

import os

# before anything imports polars: it reads these once. with one thread, two sinks and bad rows its
# memory grows with the file (3.7 GB at 20 M rows), and more threads than cores gain nothing; the
# chunk size bounds memory (181 MB instead of 424 at 20 M rows) and is part of what decides the
# bytes of an output, so neither may follow the machine.
os.environ["POLARS_MAX_THREADS"] = "2"
os.environ["POLARS_CSV_CHUNK_SIZE"] = str(1 << 20)

# polars' allocator, jemalloc, would make four arenas for each processor of the machine; with one
# its two threads take a fifth less memory and a twentieth less time
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1")
