"""The rules that keep the house in order: which folder may know which, and what a file may hold."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MAY_KNOW = {
    "lake": set(),
    "queries": {"lake"},
    "handler": {"lake"},
    "web": {"lake", "queries"},
    "components": {"lake", "queries"},
    "bootstrap": {"components"},
    "local": {"lake", "queries", "handler", "web"},
}
"""folder -> the other folders of ours that it may import"""

OURS = {*MAY_KNOW, "tests", "benchmarks"}

RUNS_WITH = {"lake": "handler", "handler": "handler", "queries": "web", "web": "web"}
"""folder -> the requirements/<name>.in that lists what it runs with, in its bundle"""

COMES_WITH = {
    "boto3": {"boto3", "botocore"},
    "flask": {"flask", "werkzeug", "jinja2", "markupsafe"},
    "htmx-flask": {"htmx_flask"},
    "pulumi-aws": {"pulumi_aws"},
    "pyyaml": {"yaml"},
}
"""distribution -> the modules that it brings, where that is not its own name alone"""

PACKAGE_HOST = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.org|npmjs\.com/|yarnpkg\.com|(?<!google\.)golang\.org(?!/x/)|maven\.org"
    r"|debian\.org|ubuntu\.com|conda\.io|jsdelivr\.net|unpkg\.com|cdnjs\.",
    re.IGNORECASE,
)
"""golang.org/x/... and google.golang.org/... are no addresses: Go's modules are called so"""
MACHINE_PATH = re.compile(r"(?<![\w.~)}])/(?:home|root|Users|work)/")


def files(*endings: str) -> list[Path]:
    """The project's own files: those in git, and those that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    found = [ROOT / name for name in sorted(listed) if name.endswith(endings or ("",)) and name]
    return [path for path in found if path.is_file()]


def imports(path: Path) -> set[str]:
    """The top-level modules that a file imports, also late, also for types alone."""
    return _imported(ast.parse(path.read_bytes()))


def imports_when_it_runs(path: Path) -> set[str]:
    """The same without what stands under `if TYPE_CHECKING`, and without the standard library."""
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    return _imported(tree) - set(sys.stdlib_module_names)


def _imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "an import says by full name where from"
            found.add(node.module.split(".")[0])
    return found


def modules(folder: str) -> list[Path]:
    return [path for path in files(".py") if path.relative_to(ROOT).parts[0] == folder]


@pytest.mark.parametrize("folder", MAY_KNOW)
def test_arrows_between_folders_point_one_way(folder):
    for path in modules(folder):
        strangers = (imports(path) & OURS) - {folder} - MAY_KNOW[folder]
        assert not strangers, f"{path.relative_to(ROOT)} may not know {strangers}"


@pytest.mark.parametrize("folder", RUNS_WITH)
def test_a_folder_imports_only_what_it_is_shipped_or_installed_with(folder):
    listed = (ROOT / "requirements" / f"{RUNS_WITH[folder]}.in").read_text().split("\n")
    shipped = {name for line in listed for name in COMES_WITH.get(line, {line.replace("-", "_")})}
    for path in modules(folder):
        missing = imports_when_it_runs(path) - OURS - shipped
        assert not missing, f"{path.relative_to(ROOT)} needs {missing}"


def test_lake_needs_no_more_than_the_standard_library_and_boto3():
    for path in modules("lake"):
        more = imports_when_it_runs(path) - {"lake", "boto3", "botocore"}
        assert not more, f"{path.relative_to(ROOT)} needs {more}"


def test_settings_alone_know_where_settings_come_from():
    for path in [*modules("components"), *modules("bootstrap")]:
        if path.name != "settings.py":
            names = {
                ast.unparse(node)
                for node in ast.walk(ast.parse(path.read_bytes()))
                if isinstance(node, ast.Attribute)
            }
            # a program hands its configuration over, and does no more with it
            asked = names & {"pulumi.Config"} if path.name != "__main__.py" else set()
            assert not asked, f"{path.relative_to(ROOT)} takes plain values, not {asked}"


def test_the_stacks_program_only_wires():
    tree = ast.parse((ROOT / "__main__.py").read_bytes())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While)
    assert not [node for node in ast.walk(tree) if isinstance(node, kinds)]
    assert imports(ROOT / "__main__.py") == {"gc", "pulumi", "components"}


def test_every_folder_says_in_a_sentence_what_lives_there():
    folders = {path.parent for path in files(".py") if path.name != "__main__.py"}
    ours = {path for path in folders if path.relative_to(ROOT).parts[:1] != ("tests",)} - {ROOT}
    for folder in ours:
        told = ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
        assert told and told.endswith("."), folder


def test_no_folder_is_a_heap():
    heaps = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
    for path in files():
        words = {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
        assert not words & heaps, path


def test_no_file_names_a_package_host_or_a_place_on_somebodys_machine():
    for path in files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        for wrong in (PACKAGE_HOST, MACHINE_PATH):
            found = wrong.search(text)
            assert not found, f"{path.relative_to(ROOT)} names {found and found[0]}"


def test_python_lock_files_hold_a_hash_for_every_package_and_no_address():
    locks = files(".txt")
    assert {path.stem for path in locks if path.parent.name == "requirements"} >= {"run", "test"}
    for path in locks:
        if path.parent.name == "requirements":
            text = re.sub(r"\\\n", "", path.read_text())
            lines = [line for line in text.split("\n") if line and not line.startswith("#")]
            assert "://" not in text, path
            for line in lines:
                assert re.match(r"[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line


def test_npm_lock_files_hold_a_hash_for_every_package_and_no_address():
    locks = files("package-lock.json")
    assert ROOT / "package-lock.json" in locks
    for lock in locks:
        packages = json.loads(lock.read_text())["packages"]
        del packages[""]
        assert packages
        for name, package in packages.items():
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, name


def test_actions_are_pinned_by_commit():
    for path in files(".yml"):
        if ".github" in path.parts:
            for used in re.findall(r"uses:\s*(\S+)", path.read_text()):
                pinned = re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used)
                assert pinned or used.startswith("./"), f"{path}: {used}"
