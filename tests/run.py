"""Run the demo, the tests or the benchmarks, each in a virtual environment of its own.

    python3 tests/run.py demo                  what the compiler does, on real functions and arrays
    python3 tests/run.py test [pytest args]    the tests (also without the word `test`)
    python3 tests/run.py bench [flags]         the benchmarks beside Numba
    python3 tests/run.py matrix [pytest args]  the tests with the oldest and the newest NumPy and llvmlite, on every Python

Only CPython 3.10 to 3.13 with pip is needed: the environment is made under `.venv/` on first use and kept until
`pyproject.toml` or the interpreter changes. `PYTHON=/path/to/python` chooses the interpreter.

`test --pythons quick` also runs the tests but slow ones, with some of their cases, on every other supported CPython
found on the PATH or among the pyenv versions as well, on the first of them with the oldest NumPy and llvmlite; `test
--pythons full` runs every test there. `matrix --quick` runs a case of each test in each environment, `matrix --only
3.13-oldest` those of one.

This file runs before anything is installed: it uses the standard library only, and parses on an old Python 3 so that
its user gets a clear message.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUPPORTED = ("3.10", "3.11", "3.12", "3.13")
PROBE = (
    "import platform, sys, sysconfig;"
    "free_threaded = bool(sysconfig.get_config_var('Py_GIL_DISABLED'));"
    "print('%d.%d' % sys.version_info[:2], platform.python_implementation(), free_threaded, sys.executable)"
)


class SetupError(Exception):
    """Something outside this project keeps the environment from being made; the message says what to do."""


class Interpreter:
    """A usable CPython: the path of its executable and its version such as `3.11`."""

    def __init__(self, path: str, version: str) -> None:
        self.path = path
        self.version = version


def probe(path: str) -> "Interpreter | None":
    """Ask the executable at `path` what it is; None unless it is a supported CPython with a GIL."""
    try:
        answer = subprocess.run([path, "-c", PROBE], capture_output=True, text=True, timeout=60)
    except OSError:
        return None
    words = answer.stdout.split(None, 3)
    if answer.returncode != 0 or len(words) != 4:
        return None
    version, implementation, free_threaded, executable = words
    if implementation != "CPython" or free_threaded == "True" or version not in SUPPORTED:
        return None
    return Interpreter(executable.strip(), version)


def find_interpreter(version: str) -> "Interpreter | None":
    """The CPython of this version on the PATH, else the newest one among the pyenv versions."""
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    releases = [path for path in pyenv.glob(version + ".*") if path.name.replace(".", "").isdigit()]
    releases.sort(key=lambda path: int(path.name.rsplit(".", 1)[1]), reverse=True)
    candidates = [shutil.which("python" + version)] + [str(path / "bin" / "python") for path in releases]
    for candidate in candidates:
        found = probe(candidate) if candidate else None
        if found and found.version == version:
            return found
    return None


def chosen_interpreter() -> Interpreter:
    """The interpreter named by `PYTHON`, else the running one, else any supported one of this machine."""
    wanted = os.environ.get("PYTHON")
    if wanted:
        found = probe(shutil.which(wanted) or wanted)
        if not found:
            raise SetupError("PYTHON=%s is not a CPython 3.10 to 3.13" % wanted)
        return found
    found = probe(sys.executable)
    for version in reversed(SUPPORTED):
        found = found or find_interpreter(version)
    if not found:
        raise SetupError("CPython 3.10 to 3.13 is needed and this is %s; name one with PYTHON=/path/to/python"
                         % sys.version.split()[0])
    return found


def must_succeed(command: "list[str]", hint: str) -> None:
    """Run a command silently; when it fails, show what it printed and raise SetupError with the hint."""
    done = subprocess.run(command, cwd=str(ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SetupError("%s\n%s\n%s" % (" ".join(command), done.stdout.strip(), hint))


def make_venv(interpreter: Interpreter, folder: pathlib.Path) -> "list[str]":
    """Make a virtual environment and return the command that is its pip.

    Some distributions ship Python without `ensurepip`: there the interpreter's own pip installs into it.
    """
    python = str(python_of(folder))
    made = subprocess.run([interpreter.path, "-m", "venv", "--clear", str(folder)], capture_output=True)
    if made.returncode == 0:
        return [python, "-m", "pip"]
    must_succeed([interpreter.path, "-m", "venv", "--clear", "--without-pip", str(folder)],
                 "The venv module does not work (on Debian and Ubuntu: apt install python3-venv).")
    return [interpreter.path, "-m", "pip", "--python", python]


def python_of(folder: pathlib.Path) -> pathlib.Path:
    """The executable inside a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def environment(interpreter: Interpreter, extra: str) -> str:
    """Return the Python of the environment that has this project and the named extra; make it where needed."""
    folder = ROOT / ".venv" / ("%s-%s" % (interpreter.version, extra or "base"))
    stamp = folder / "installed.txt"
    recipe = (ROOT / "pyproject.toml").read_bytes() + interpreter.path.encode() + str(ROOT).encode()
    fingerprint = hashlib.sha256(recipe).hexdigest()
    python = str(python_of(folder))
    if stamp.exists() and stamp.read_text() == fingerprint and probe(python):
        return python
    print("Making the environment %s with Python %s ..." % (folder.relative_to(ROOT), interpreter.version), flush=True)
    pip = make_venv(interpreter, folder)
    target = ".[%s]" % extra if extra else "."
    must_succeed(pip + ["install", "--quiet", "--editable", target],
                 "The installation failed (it needs the package index on first use).")
    stamp.write_text(fingerprint)
    return python


def oldest_requirements() -> "list[tuple[str, str]]":
    """Each dependency in `pyproject.toml` with the oldest version that it allows."""
    text = (ROOT / "pyproject.toml").read_text().partition("dependencies = [")[2].partition("]")[0]
    return re.findall(r'"([a-z]+)>=([0-9.]+)"', text)


def install_oldest(pip: "list[str]", name: str, version: str) -> str:
    """Install the oldest version from this one on that there are binaries of for this Python; returns what it is."""
    major, minor = map(int, version.split(".")[:2])
    for newer in range(minor, minor + 6):
        wanted = "%s==%d.%d.*" % (name, major, newer)
        done = subprocess.run(pip + ["install", "--quiet", "--only-binary", ":all:", wanted], cwd=str(ROOT), capture_output=True)
        if done.returncode == 0:
            return wanted
    raise SetupError("no binaries of %s from %s on could be installed" % (name, version))


def matrix_environment(interpreter: Interpreter, age: str) -> str:
    """Return the Python of an environment with the oldest or the newest dependencies that are allowed; make it anew."""
    folder = ROOT / ".venv" / ("%s-%s" % (interpreter.version, age))
    pip = make_venv(interpreter, folder)
    for name, version in oldest_requirements() if age == "oldest" else []:
        install_oldest(pip, name, version)
    must_succeed(pip + ["install", "--quiet", "--editable", ".[test]"], "The installation failed.")
    return str(python_of(folder))


def run_matrix(arguments: "list[str]") -> int:
    """Run pytest in each environment, one after the other; nonzero if any fails."""
    parser = argparse.ArgumentParser(prog="tests/run.py matrix", description="Unknown arguments go to pytest.", allow_abbrev=False)
    parser.add_argument("--only", action="append", help="such as 3.13-oldest; again for several")
    options, for_pytest = parser.parse_known_args(arguments)
    status = 0
    for version in SUPPORTED:
        interpreter = find_interpreter(version)
        for age in ("oldest", "newest") if interpreter else ():
            name = "%s-%s" % (version, age)
            if options.only and name not in options.only:
                continue
            python = matrix_environment(interpreter, age)
            text = "import numpy, llvmlite; print('NumPy', numpy.__version__, 'llvmlite', llvmlite.__version__)"
            print("\n%s:" % name, subprocess.check_output([python, "-c", text], text=True).strip(), flush=True)
            status = subprocess.call([python, "-m", "pytest", "-p", "no:cacheprovider"] + for_pytest, cwd=str(ROOT)) or status
    return status


def run_demo(arguments: "list[str]") -> int:
    """Install, then run the tutorial's demo."""
    python = environment(chosen_interpreter(), "")
    return subprocess.call([python, str(ROOT / "tutorials" / "demo.py")] + arguments)


def run_benchmarks(arguments: "list[str]") -> int:
    """Install with Numba, then run the benchmarks."""
    python = environment(chosen_interpreter(), "bench")
    return subprocess.call([python, "-m", "tests.benchmarks"] + arguments, cwd=str(ROOT))


def run_elsewhere(interpreter: Interpreter, arguments: "list[str]", oldest: bool) -> "tuple[int, str]":
    """Run pytest on one of the other interpreters, maybe with the oldest dependencies; return its status and all it printed."""
    python = matrix_environment(interpreter, "oldest") if oldest else environment(interpreter, "test")
    # Several run at once, and the chosen interpreter has its cache in the same checkout.
    command = [python, "-m", "pytest", "-p", "no:cacheprovider"] + arguments
    done = subprocess.run(command, cwd=str(ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def run_tests(arguments: "list[str]") -> int:
    """Run the tests on the chosen interpreter and, if asked, on the other supported ones; nonzero if any fails."""
    parser = argparse.ArgumentParser(prog="tests/run.py test", description="Unknown arguments go to pytest.",
                                     allow_abbrev=False)
    parser.add_argument("--pythons", choices=("quick", "full"), help="also run on every other supported CPython")
    options, for_pytest = parser.parse_known_args(arguments)
    chosen = chosen_interpreter()
    others = []
    if options.pythons:
        found = [find_interpreter(version) for version in SUPPORTED if version != chosen.version]
        others = [interpreter for interpreter in found if interpreter]
    print("Python %s (%s)" % (chosen.version, chosen.path), flush=True)
    python = environment(chosen, "test")
    elsewhere = for_pytest + (["--quick"] if options.pythons == "quick" else [])
    # The others beside the chosen one, which takes longest and prints as it goes.
    with concurrent.futures.ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1)) as pool:
        running = [(other, pool.submit(run_elsewhere, other, elsewhere, other is others[0])) for other in others]
        status = subprocess.call([python, "-m", "pytest"] + for_pytest, cwd=str(ROOT))
        for other, future in running:
            code, output = future.result()
            libraries = ", the oldest libraries" if other is others[0] else ""
            print("\nPython %s (%s)%s" % (other.version, other.path, libraries))
            print(output.strip() if code else output.strip().splitlines()[-1], flush=True)
            status = status or code
    return status


def main(arguments: "list[str]") -> int:
    """Dispatch on the first word."""
    commands = {"demo": run_demo, "test": run_tests, "bench": run_benchmarks, "matrix": run_matrix}
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    name = arguments[0] if arguments and arguments[0] in commands else "test"
    rest = arguments[1:] if arguments[:1] == [name] else arguments
    try:
        return commands[name](rest)
    except SetupError as error:
        print("error: %s" % error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
