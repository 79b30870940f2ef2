"""The dashboard's host without AWS: its first script, its service, and the app that it starts."""

import os
import platform
import re
import shlex
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from components.bundles import app
from components.user_data import PORT, Host, environment_file, user_data
from lake import names
from tests.doubles.athena import DATABASE, WORKGROUP, AthenaServer
from tests.doubles.bucket import REGION

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "components" / "host" / "orders-lake-dashboard.service"
HERE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
PYTHON = "{}.{}".format(*sys.version_info[:2])

MOST_EXPOSURE = 2.0
"""Of 10, by systemd's own reckoning."""
SOON = 30.0
"""Seconds; it takes one or two."""

STUBS = {
    "dnf": "",
    "systemctl": "",
    "curl": "",
    # the last word is where the object goes
    "aws": 'cp "$BUNDLE" "${@: -1}"',
    "python3.11": f'exec {shlex.quote(sys.executable)} "$@"',
    "amazon-cloudwatch-agent-ctl": "",
}
"""command -> what it does here besides being noted: what only the host has, or may do."""


WRITE_OR_EXECUTE = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)  # PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN: linux/prctl.h
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Starts what follows as the service's MemoryDenyWriteExecute= does: no memory of it is ever both.
A kernel before 6.3 goes on without."""


class Machine:
    """A folder that a host's first script takes for the machine."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        for name, does in STUBS.items():
            stub = self.bin / name
            stub.write_text(f'#!/bin/bash\necho {name} "$@" >> {folder}/asked\n{does}\n')
            stub.chmod(0o755)
        agent = self.root / "opt" / "aws" / "amazon-cloudwatch-agent" / "bin"
        agent.mkdir(parents=True)
        (self.bin / "amazon-cloudwatch-agent-ctl").rename(agent / "amazon-cloudwatch-agent-ctl")
        for there in ("etc/systemd/system", "etc/logrotate.d", "var/log"):
            (self.root / there).mkdir(parents=True)
        self._asked = folder / "asked"

    def place(self, path: str) -> Path:
        """Return where an absolute path lies here."""
        return self.root / path.lstrip("/")

    def start(self, script: str, bundle: Path) -> subprocess.CompletedProcess[str]:
        """Run the first script as the machine would, with its folders in place of the real."""
        here = re.sub(r"(?<![\w.])/(etc|opt|var)/", rf"{self.root}/\1/", script)
        return subprocess.run(
            ["bash", "-c", here],
            env={"PATH": f"{self.bin}:{os.environ['PATH']}", "BUNDLE": str(bundle)},
            capture_output=True,
            text=True,
            check=False,
        )

    def asked(self, command: str) -> list[str]:
        """Return what a command was given, a text a call."""
        lines = self._asked.read_text().split("\n")
        return [line.removeprefix(f"{command} ") for line in lines if line.startswith(command)]


def settings(path: Path) -> dict[str, list[str]]:
    """Return what a unit file says, a list a key."""
    found: dict[str, list[str]] = {}
    for line in path.read_text().split("\n"):
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def host(bundle, **environment):
    return Host("eu-central-1", "b-1", "bundles/app.zip", bundle.sha256, environment, "/orders/dev")


@pytest.mark.engine
def test_from_the_first_script_to_an_answer(tmp_path, bucket, aws):
    """Nothing but a Python is needed: no index, no package of this machine, no other file."""
    bundle = app(HERE, python=PYTHON)
    athena = AthenaServer()
    bucket.store().overwrite(names.MARKER, b"a state")
    machine = Machine(tmp_path / "machine")
    told = aws | {
        "AWS_ENDPOINT_URL_ATHENA": athena.url,
        "LAKE_BUCKET": bucket.name,
        "ATHENA_WORKGROUP": WORKGROUP,
        "ATHENA_DATABASE": DATABASE,
        "AWS_REGION": REGION,
        "DASHBOARD_LISTEN": "127.0.0.1:0",
    }

    done = machine.start(user_data(host(bundle, **told)), bundle.path)

    assert done.returncode == 0, done.stderr
    assert machine.asked("dnf") == [
        "--assumeyes --quiet install amazon-cloudwatch-agent python3.11"
    ]
    assert machine.asked("systemctl")[-1] == "enable --now orders-lake-dashboard.service"
    assert machine.asked("curl")[-1].endswith(f" http://127.0.0.1:{PORT}/healthz")

    # what systemd would start now
    service = machine.place("/etc/systemd/system/orders-lake-dashboard.service")
    assert service.read_text() == SERVICE.read_text()
    said = settings(service)
    [environment], [command], [folder] = (
        said["EnvironmentFile"],
        said["ExecStart"],
        said["WorkingDirectory"],
    )
    program, *words = shlex.split(command)
    variables = dict(
        shlex.split(line)[0].split("=", 1)
        for line in machine.place(environment).read_text().split("\n")
        if line
    )
    assert variables == told
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE_OR_EXECUTE, machine.place(program), *words],
        cwd=machine.place(folder),
        env={**variables, "CACHE_DIRECTORY": str(tmp_path / "cache"), "PATH": "/usr/bin:/bin"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = next(
            found[0] for line in process.stderr if (found := re.search(r"http://\S+", line))
        )
        with urllib.request.urlopen(f"{address}/healthz", timeout=SOON) as answer:
            assert (answer.status, answer.read().strip()) == (200, b"ok")
        with urllib.request.urlopen(f"{address}/", timeout=SOON) as answer:
            assert "Orders lake" in answer.read().decode()
    finally:
        process.terminate()
        process.communicate(timeout=SOON)
        athena.stop()
    assert process.returncode == 0


@pytest.mark.engine
def test_a_bundle_that_is_not_the_one_is_not_unpacked(tmp_path):
    bundle = app(HERE, python=PYTHON)
    machine = Machine(tmp_path / "machine")
    another = tmp_path / "another.zip"
    another.write_bytes(bundle.path.read_bytes() + b"\n")

    done = machine.start(user_data(host(bundle)), another)

    assert done.returncode != 0
    assert re.search(
        r"orders-lake: the dashboard could not be set up: line \d+ failed", done.stderr
    )
    assert not machine.place("/opt/orders-lake").exists()
    assert "systemctl" not in (tmp_path / "machine" / "asked").read_text()


def test_the_install_needs_no_pip_and_no_index():
    with zipfile.ZipFile(app(HERE).path) as archive:
        script = archive.read("install.sh").decode()
    assert {"--no-index", "--require-hashes", "--without-pip"} <= set(script.split())
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)


@pytest.fixture
def as_installed(tmp_path):
    """The service with the paths of a folder in which what it starts exists."""
    program = tmp_path / "venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.symlink_to(sys.executable)
    service = tmp_path / SERVICE.name
    service.write_text(SERVICE.read_text().replace("/opt/orders-lake", str(tmp_path)))
    return service


def analyze(*words):
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


def test_systemd_accepts_the_service(as_installed):
    done = analyze("verify", str(as_installed))
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_would_find_a_mistake_in_the_service(as_installed):
    text = as_installed.read_text()
    as_installed.write_text(text.replace("ProtectHome=yes", "ProtectHouse=yes"))
    assert "Unknown key 'ProtectHouse'" in analyze("verify", str(as_installed)).stderr


def test_the_service_is_little_exposed(as_installed):
    done = analyze("security", "--offline=yes", str(as_installed))
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert float(exposure[1]) <= MOST_EXPOSURE, done.stdout


def test_the_service_starts_where_the_bundle_lies_and_reads_what_the_script_writes():
    said = settings(SERVICE)
    script = user_data(Host("r", "b", "k", "0" * 64, {}, "/g"))
    with zipfile.ZipFile(app(HERE).path) as archive:
        assert "app/web/host.py" in archive.namelist()
    assert said["WorkingDirectory"] == ["/opt/orders-lake/app"]
    assert '--extract "$bundle" /opt/orders-lake\n' in script
    assert f"cat > {said['EnvironmentFile'][0]} <<'END'" in script
    written = said["StandardOutput"][0].removeprefix("append:")
    assert f'"file_path": "{written}"' in script
    assert str(Path(written).parent) in re.search(r"mkdir -p (.*)", script)[1].split()


@pytest.mark.parametrize(
    "value",
    ["plain", "", "two words", 'quo"te', "dollar$HOME", "back\\slash", "tick`s", "ünï", "#"],
)
def test_any_value_reaches_the_service_as_it_is(value):
    [line] = environment_file({"NAME": value}).split("\n")
    # systemd reads double quotes as a shell does
    read = subprocess.run(
        ["sh", "-c", f'{line}; printf %s "$NAME"'], capture_output=True, check=True
    )
    assert read.stdout.decode() == value


def test_a_value_with_a_line_end_is_refused():
    with pytest.raises(ValueError, match="NAME holds a character that cannot be printed"):
        environment_file({"NAME": "a\nEVIL=1"})


def test_a_script_that_ec2_would_not_take_is_refused():
    with pytest.raises(ValueError, match="longer than the 16384 bytes"):
        user_data(Host("r", "b", "k", "0" * 64, {"NAME": "x" * 16_384}, "/g"))


def test_words_of_the_shell_in_names_stay_names(tmp_path):
    script = user_data(Host("r", "b; touch evil", "k$(touch evil)", "0" * 64, {}, "/g'x"))
    assert "--bucket 'b; touch evil' --key 'k$(touch evil)'" in script
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
