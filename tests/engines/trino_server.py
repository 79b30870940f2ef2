"""A real Trino, the engine inside Athena: found or installed, started, asked, stopped."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import trino

from queries.literal import literal
from tests.engines import glue
from tests.engines.fetched import CACHE, CannotRun

VERSION = "476"
"""Close to Athena's engine version 3, and the newest that was measured here."""
LEAST_JAVA = 24
HOME = CACHE / f"trino-{VERSION}"
HEAP = "3G"
START_S = 180
"""Longest start, seconds; 20 are usual on two cores."""
CATALOG = "awsdatacatalog"
"""Athena's name of the Glue catalog."""


class TrinoServer:
    """A Trino with one hive catalog over the folder `lakes`, on a free port of this machine."""

    def __init__(self, folder: Path) -> None:
        self.lakes = folder / "lakes"
        self.lakes.mkdir(parents=True)
        self.port = _free_port()
        self._log = folder / "server.log"
        java = find_java()
        server = install()
        _configure(folder / "etc", self.lakes, self.port)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(server / "bin" / "launcher", "run"),
                    f"--etc-dir={folder / 'etc'}",
                    f"--data-dir={folder / 'data'}",
                ],
                env=os.environ | {"JAVA_HOME": str(java), "PATH": _path_with(java)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def query(self, sql: str, schema: str | None = None) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run one statement; return its columns' types and its rows."""
        connection = trino.dbapi.connect(
            host="127.0.0.1", port=self.port, user="test", catalog=CATALOG, schema=schema
        )
        try:
            cursor = connection.cursor()
            cursor.execute(sql)
            rows = [tuple(row) for row in cursor.fetchall()]
            return [column[1] for column in cursor.description or ()], rows
        finally:
            connection.close()

    def execute(
        self, sql: str, binds: Sequence[Any], schema: str | None = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run a statement with parameters as Athena does: literals after USING."""
        using = f" USING {', '.join(map(literal, binds))}" if binds else ""
        return self.query(f"EXECUTE IMMEDIATE {literal(sql)}{using}", schema)

    def create_lake(self, name: str) -> Path:
        """Make a folder lake, and a schema of that name with the stack's tables over it."""
        root = self.lakes / name
        self.query(f"CREATE SCHEMA {name} WITH (location = 'local:///{name}')")
        for table in glue.registered()[0]:
            (root / table.prefix).mkdir(parents=True)
            self.query(table.for_trino(name))
        return root

    def stop(self) -> None:
        """End the server and everything it started."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, 9)
            self._process.wait()

    def _wait(self) -> None:
        """Wait for an answer: the server says it has started before it can give one."""
        until = time.monotonic() + START_S
        fault: object = "no answer"
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise CannotRun(f"Trino ended while it started: {self._last_words()}")
            try:
                # the coordinator answers before its worker knows the catalog: write and read there
                self.query("CREATE SCHEMA IF NOT EXISTS ready")
                self.query("CREATE TABLE IF NOT EXISTS ready.one AS SELECT 1 AS n")
                self.query("SELECT n FROM ready.one")
            except Exception as error:
                fault = error
                time.sleep(0.5)
            else:
                return
        raise CannotRun(f"Trino gave no answer for {START_S} s ({fault}): {self._last_words()}")

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])


def find_java() -> Path:
    """Return the home of a Java that Trino runs on. Raises CannotRun."""
    for home in _java_homes():
        try:
            said = subprocess.run(
                [home / "bin" / "java", "-version"], capture_output=True, text=True, check=True
            ).stderr
        except (OSError, subprocess.CalledProcessError):
            continue
        found = re.search(r'version "(\d+)', said)
        if found and int(found[1]) >= LEAST_JAVA:
            return home
    raise CannotRun(
        f"Trino {VERSION} needs Java {LEAST_JAVA} or newer: install one and set JAVA_HOME to it."
    )


def install() -> Path:
    """Return Trino's folder; fetch it through Maven if it is not there yet. Raises CannotRun."""
    server = HOME / f"trino-server-{VERSION}"
    if server.exists():
        return server
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotRun(
            f"Trino {VERSION} is not in {HOME} and Maven, which fetches it, is missing: "
            "apt-get install maven."
        )
    HOME.mkdir(parents=True, exist_ok=True)
    artifact = f"-Dartifact=io.trino:trino-server:{VERSION}:tar.gz"
    _run(maven, "-q", "-B", "dependency:get", "-Dtransitive=false", artifact)
    _run(maven, "-q", "-B", "dependency:copy", artifact, f"-DoutputDirectory={HOME}")
    archive = HOME / f"trino-server-{VERSION}.tar.gz"
    unpacked = HOME / "unpacking"
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir()
    _run("tar", "-xzf", str(archive), "-C", str(unpacked))
    # one plugin starts faster than all; they share files as hard links, so the archive must be
    # unpacked whole first
    for plugin in (unpacked / server.name / "plugin").iterdir():
        if plugin.name != "hive":
            shutil.rmtree(plugin)
    (unpacked / server.name).rename(server)
    unpacked.rmdir()
    archive.unlink()
    return server


def _run(*words: str) -> None:
    try:
        subprocess.run(words, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as fault:
        said = getattr(fault, "stdout", "") or getattr(fault, "stderr", "") or fault
        raise CannotRun(f"Trino could not be installed: {' '.join(words)}: {said}") from fault


def _java_homes() -> Iterable[Path]:
    if "JAVA_HOME" in os.environ:
        yield Path(os.environ["JAVA_HOME"])
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path).resolve().parent.parent
    for place in (
        "/usr/lib/jvm",
        "/opt",
        "/usr/local",
        str(Path.home() / ".sdkman/candidates/java"),
    ):
        folder = Path(place)
        if folder.is_dir():
            yield from sorted(folder.iterdir(), reverse=True)


def _path_with(java: Path) -> str:
    return f"{java / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _configure(etc: Path, lakes: Path, port: int) -> None:
    files = {
        "node.properties": """
            node.environment=test
            node.id=orders-lake
            """,
        "jvm.config": f"""
            -Xmx{HEAP}
            -XX:TieredStopAtLevel=1
            """,
        "config.properties": f"""
            coordinator=true
            node-scheduler.include-coordinator=true
            http-server.http.port={port}
            discovery.uri=http://127.0.0.1:{port}
            """,
        f"catalog/{CATALOG}.properties": f"""
            connector.name=hive
            hive.metastore=file
            hive.metastore.catalog.dir=local:///meta
            fs.native-local.enabled=true
            local.location={lakes}
            hive.non-managed-table-writes-enabled=true
            hive.security=allow-all
            hive.recursive-directories=true
            """,
    }
    for name, content in files.items():
        (etc / name).parent.mkdir(parents=True, exist_ok=True)
        lines = (line.strip() for line in content.strip().splitlines())
        (etc / name).write_text("\n".join(lines) + "\n")
