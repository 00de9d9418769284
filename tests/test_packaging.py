"""The distribution holds exactly the three packages, and asks for exactly what its modules import."""

import ast
import email.parser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator

import pytest

from tests import run
from tracer import supported

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ("tracer", "ir", "codegen")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> pathlib.Path:
    """A copy of the checkout, so that the build leaves nothing behind in the real one."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy)
    for name in (*PACKAGES, "tests", "tutorials"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory) -> Iterator[zipfile.ZipFile]:
    """The built distribution."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", target]
    built = subprocess.run([*command, checkout], capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = target.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_wheel_holds_every_file_of_the_packages_and_nothing_else(checkout, wheel) -> None:
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    present = {
        path.relative_to(checkout).as_posix()
        for package in PACKAGES
        for path in (checkout / package).rglob("*")
        if path.is_file()
    }
    assert packed == present


def test_requirements_are_what_the_modules_import(checkout, wheel) -> None:
    imported = set()
    for package in PACKAGES:
        for path in (checkout / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported.update(alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    imported.add(node.module)
    tops = {name.partition(".")[0] for name in imported}
    third_party = {{"attr": "attrs"}.get(name, name) for name in tops - set(sys.stdlib_module_names) - set(PACKAGES)}
    (metadata,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    headers = email.parser.Parser().parsestr(wheel.read(metadata).decode())
    required = {
        re.match(r"[\w.-]+", line).group()
        for line in headers.get_all("Requires-Dist")
        if "extra ==" not in line
    }
    assert third_party == required


def test_the_supported_pythons_are_the_same_everywhere() -> None:
    (major, oldest), (_, newest) = supported.OLDEST, supported.NEWEST
    versions = tuple(f"{major}.{minor}" for minor in range(oldest, newest + 1))
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert versions == run.SUPPORTED
    assert versions == tuple(re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text))
    assert f'requires-python = ">={major}.{oldest},<{major}.{newest + 1}"' in text


@pytest.mark.parametrize(("version", "accepted"), [("3.9", False), ("3.10", True), ("3.13", True), ("3.14", False)])
def test_pip_installs_only_for_supported_pythons(version: str, accepted: bool, wheel, tmp_path: pathlib.Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-index", "--only-binary", ":all:"]
    done = subprocess.run([*command, "--python-version", version, wheel.filename], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode == 0) is accepted, done.stderr
    assert accepted or f"requires a different Python: {version}" in done.stderr, done.stderr


def _other_pythons() -> Iterator[pathlib.Path]:
    """Interpreters of this machine that can read the files, but are not supported."""
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    for version in ("3.7", "3.8", "3.9", "3.14", "3.15"):
        yield from pyenv.glob(f"{version}.*/bin/python")
        if shutil.which(f"python{version}"):
            yield pathlib.Path(shutil.which(f"python{version}"))


def test_other_pythons_are_refused_before_anything_is_loaded() -> None:
    done = [subprocess.run([path, "-B", "-c", "import tracer"], cwd=ROOT, capture_output=True, text=True) for path in _other_pythons()]
    said = [each.stderr for each in done if not each.stderr.startswith("pyenv:")]
    if not said:
        pytest.skip("this machine has supported versions of Python only")
    for text in said:
        assert "\nImportError: tracer needs CPython" in text
