"""Measure whole processes: from the start to the end, with everything that they import."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Run:
    """What a process took and said."""

    seconds: float
    """wall time"""
    cpu_seconds: float
    peak_mb: float
    """largest resident set, in millions of bytes"""
    output: str


def python(*words: object, cpus: set[int] | None = None) -> Run:
    """Run this Python with those words, on those processors or on all.

    Raises CalledProcessError if it fails.
    """
    command = [sys.executable, *(str(word) for word in words)]
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output)
        if cpus is not None:
            os.sched_setaffinity(process.pid, cpus)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        output.seek(0)
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / MEGABYTE
        return Run(seconds, usage.ru_utime + usage.ru_stime, peak, output.read())


def resident_mb(pid: int) -> float:
    """Return the resident set of a running process, in millions of bytes."""
    words = ["ps", "-o", "rss=", "-p", str(pid)]
    return int(subprocess.check_output(words)) * 1024 / MEGABYTE
