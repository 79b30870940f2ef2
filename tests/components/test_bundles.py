import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from components.bundles import (
    ARCHITECTURES,
    FUNCTION_PYTHON,
    HOST_PYTHON,
    BundleError,
    app,
    function,
    layer,
    recipes,
)
from components.bundles.wheels import Target, wheels

ROOT = Path(__file__).parents[2]
AARCH64 = 183
"""Its number in an ELF header (e_machine)."""

ALL = [function, *(lambda a=a: layer(a) for a in ARCHITECTURES)]
ALL += [lambda a=a: app(a) for a in ARCHITECTURES]


def names(bundle):
    with zipfile.ZipFile(bundle.path) as archive:
        return set(archive.namelist())


def tracked(*folders):
    listed = subprocess.run(
        ["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}


@pytest.fixture
def checkout(tmp_path):
    """The parts of the checkout that bundles are made of, elsewhere; what git ignores stays out."""
    root = tmp_path / "elsewhere"
    parts = (*recipes.APP_FOLDERS, "handler", "components", "requirements", "local")
    for part in parts:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, root / part, ignore=ignored)
    for name in ("package.json", "package-lock.json", "node_modules"):
        (root / name).symlink_to(ROOT / name)
    return root


def test_the_same_sources_give_the_same_bytes_wherever_and_whenever(checkout):
    here = [make() for make in ALL]
    # what lies about in a worked-in checkout
    (checkout / "lake" / "__pycache__").mkdir()
    (checkout / "lake" / "__pycache__" / "names.cpython-311.pyc").write_bytes(b"compiled")
    (checkout / "web" / ".app.css.swp").write_bytes(b"an editor's")
    (checkout / "handler" / "entry.py.orig").write_bytes(b"a merge's")
    for path in (checkout / "lake").rglob("*"):
        os.utime(path, (1, 1))
    with_other_habits = {
        **{"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]},
        **{"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "9"},
    }

    subprocess.run(
        [sys.executable, "-m", "components.bundles"],
        cwd=checkout,
        env=with_other_habits,
        umask=0o077,
        check=True,
        stdout=subprocess.DEVNULL,
    )

    for bundle in here:
        there = checkout / "build" / bundle.path.name
        assert there.read_bytes() == bundle.path.read_bytes(), bundle.path.name


def test_the_function_holds_all_that_git_has_of_its_folders_and_no_more_of_ours():
    ours = {name for name in names(function()) if name.split("/")[0] in recipes.APP_FOLDERS}
    ours |= {name for name in names(function()) if name.startswith("handler/")}
    assert ours >= tracked("lake", "handler")
    assert {name.split("/")[0] for name in ours} == {"lake", "handler"}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_app_holds_all_that_git_has_of_its_folders_and_the_pages_assets(architecture):
    found = names(app(architecture))
    expected = {f"app/{name}" for name in tracked("lake", "queries", "web")}
    assert found >= expected
    assert {f"app/web/static/vendor/{name}" for name in ("htmx.js", "normalize.css")} <= found
    assert {"install.sh", "orders-lake-dashboard.service", "requirements.txt"} <= found
    assert not any("/__pycache__/" in name or name.endswith(".pyc") for name in found)


def test_boto3_comes_with_the_function_in_the_locked_version():
    locked = re.search(r"^boto3==(\S+)", (ROOT / "requirements/function.txt").read_text(), re.M)
    assert f"boto3-{locked[1]}.dist-info/METADATA" in names(function())
    assert "boto3/__init__.py" in names(function())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_layer_holds_machine_code_for_its_architecture_alone(architecture):
    machines = {}
    with zipfile.ZipFile(layer(architecture).path) as archive:
        assert all(name.startswith("python/") for name in archive.namelist())
        for name in archive.namelist():
            head = archive.open(name).read(20)
            if head.startswith(b"\x7fELF"):
                machines[name] = int.from_bytes(head[18:20], "little")
    assert "python/polars/__init__.py" in names(layer(architecture))
    expected = {"arm64": AARCH64, "x86_64": 62}[architecture]
    assert machines
    assert set(machines.values()) == {expected}, machines


def test_the_function_itself_holds_no_machine_code():
    with zipfile.ZipFile(function().path) as archive:
        for name in archive.namelist():
            assert not archive.open(name).read(4).startswith(b"\x7fELF"), name


@pytest.mark.parametrize("part", ["function", "layer"])
def test_what_the_function_runs_with_is_built_for_no_python_in_particular(part):
    """So it is the same code that is tested here and runs there."""
    for architecture in ARCHITECTURES:
        lock = ROOT / "requirements" / f"{part}.txt"
        for wheel in wheels(lock, Target(FUNCTION_PYTHON, architecture)):
            assert re.search(r"-(py3|py2\.py3)-none-any|-cp3(\d|1[01])-abi3-", wheel.name), wheel


def test_the_bundles_packages_are_those_of_the_laptop():
    """What runs on AWS is what is tested here."""

    def versions(name):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.M))

    for name in ("function", "layer", "app"):
        more = versions(name).items() - versions("run").items()
        assert {package for package, _ in more} <= {"pip"}, name


def test_the_app_has_a_wheel_for_each_locked_package():
    locked = (ROOT / "requirements" / "app.txt").read_text()
    count = len(re.findall(r"^\S+==", locked, re.M))
    for architecture in ARCHITECTURES:
        held = [name for name in names(app(architecture)) if name.startswith("wheels/")]
        assert len(held) == count
        machine = ARCHITECTURES[architecture]
        for wheel in held:
            assert re.search(rf"-none-any\.whl$|_{machine}\.whl$", wheel), wheel
            assert re.search(r"-(py3|py2\.py3|cp311|cp3\d+-abi3)-", wheel), wheel


def test_what_lies_ready_is_taken_within_milliseconds():
    for make in ALL:
        make()
    began = time.process_time()
    for make in ALL:
        make()
    assert time.process_time() - began < 0.5, "five bundles; it takes 0.05 s on a quiet machine"


def test_a_changed_source_is_built_anew_and_nothing_else(checkout):
    before = {make: make(root=checkout) for make in (function, lambda root: layer("arm64", root))}
    (checkout / "handler" / "entry.py").write_text("changed = True\n")

    after = {make: make(root=checkout) for make in before}

    (old_function, old_layer), (new_function, new_layer) = before.values(), after.values()
    assert new_function.sha256 != old_function.sha256
    assert new_layer == old_layer
    with zipfile.ZipFile(new_function.path) as archive:
        assert archive.read("handler/entry.py") == b"changed = True\n"


def test_a_bundle_that_was_touched_is_built_anew(checkout):
    made = function(checkout)
    made.path.write_bytes(made.path.read_bytes()[:-1] + b"?")

    again = function(checkout)

    assert again == made
    assert zipfile.is_zipfile(again.path)


def test_a_function_that_is_too_large_for_an_upload_is_refused(monkeypatch):
    monkeypatch.setattr(recipes, "MOST_UPLOADED", 1000)
    with pytest.raises(BundleError, match=r"has [\d,]+ bytes and Lambda takes 1,000: choose"):
        function()


def test_a_layer_that_is_too_large_together_with_the_function_is_refused(monkeypatch):
    alone = layer("arm64").unpacked
    monkeypatch.setattr(recipes, "MOST_UNPACKED", alone + 1000)
    with pytest.raises(BundleError, match=r"function and layer unpack to [\d,]+ bytes and Lambda"):
        layer("arm64")


def test_both_fit_into_lambda_by_the_numbers_of_its_quotas():
    assert function().size < 50 * 2**20
    for architecture in ARCHITECTURES:
        assert function().unpacked + layer(architecture).unpacked < 250 * 2**20


def test_an_architecture_that_is_not_there_is_refused():
    with pytest.raises(BundleError, match="'aarch64' is no architecture of a bundle: there are"):
        layer("aarch64")


def test_missing_assets_are_said_with_what_to_install(checkout, monkeypatch):
    shutil.rmtree(checkout / "web" / "static" / "vendor")
    (checkout / "node_modules").unlink()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BundleError, match="holds the page's assets: node or npm is missing: inst"):
        app("arm64", checkout)


def test_packages_that_cannot_be_had_are_said_with_the_reason(checkout, tmp_path, monkeypatch):
    lock = checkout / "requirements" / "layer.txt"
    lock.write_text(f"polars==2.1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(BundleError, match=r"(?s)layer\.txt names .* on arm64: .*ERROR"):
        wheels(lock, Target(FUNCTION_PYTHON, "arm64"), tmp_path / "cache")


def test_a_wheel_that_is_not_the_locked_one_is_not_taken(tmp_path):
    text = (ROOT / "requirements" / "function.txt").read_text()
    lock = tmp_path / "small.txt"
    lock.write_text(re.search(r"^six==(?:.*\\\n)+.*\n", text, re.M)[0])
    target = Target(FUNCTION_PYTHON, "arm64")
    [held] = wheels(lock, target, tmp_path)
    content = held.read_bytes()
    held.write_bytes(b"another")

    [again] = wheels(lock, target, tmp_path)

    assert (again, again.read_bytes()) == (held, content)


def test_a_lock_with_a_condition_is_refused(tmp_path):
    lock = tmp_path / "app.txt"
    lock.write_text(f"colorama==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:{'0' * 64}\n")
    with pytest.raises(BundleError, match="colorama is locked with a condition"):
        wheels(lock, Target(HOST_PYTHON, "arm64"), tmp_path)
