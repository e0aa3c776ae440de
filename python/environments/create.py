"""Makes the pinned Python environments that reference answers come from, or uses them again.

    python3.11 python/environments/create.py sklearn-1.9 sklearn-1.7      (all of them without names)

The packages of sklearn-1.9 are pinned in sklearn-1.9.txt beside this file; the environment becomes
.venvs/sklearn-1.9, with a stamp of what was installed. One line "<name> <path of its python>" is printed
for each. A changed file is installed again.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
WANTED = (3, 11)
# Wheels of every pinned version exist for this Python; a build from source would not be the reference.
# Of large packages little is imported, and compiled then.
INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--only-binary", ":all:", "-r")


def names() -> list[str]:
    """The environments that are described here."""
    return sorted(path.stem for path in HERE.glob("*.txt"))


def create(name: str) -> Path:
    """The environment's python; makes or completes the environment where it is not as described.

    Raises SystemExit with a sentence where that is impossible.
    """
    requirements = HERE / f"{name}.txt"
    if not requirements.is_file():
        raise SystemExit(f"no environment is called {name}; there are {', '.join(names())}")
    folder = PROJECT / ".venvs" / name
    python = folder / "bin" / "python"
    stamp = folder / "installed.sha256"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if _runs(python) and stamp.is_file() and stamp.read_text() == digest:
        return python
    stamp.unlink(missing_ok=True)
    # An environment that exists is completed; one that cannot be, perhaps half made, is made afresh.
    if not (_runs(python) and _install(python, requirements)):
        _say(f"making .venvs/{name}")
        subprocess.run([_base_python(), "-m", "venv", "--clear", str(folder)], check=True, stdout=sys.stderr)
        if not _install(python, requirements):
            raise SystemExit(f"the packages in {requirements.name} cannot be installed")
    stamp.write_text(digest)
    return python


def _install(python: Path, requirements: Path) -> bool:
    _say(f"installing {requirements.name}")
    return subprocess.run([str(python), *INSTALL, str(requirements)], stdout=sys.stderr).returncode == 0


def _runs(python: Path) -> bool:
    asked = [str(python), "-c", f"import pip, sys; sys.exit(sys.version_info[:2] != {WANTED})"]
    return python.exists() and subprocess.run(asked, stderr=subprocess.DEVNULL).returncode == 0


def _base_python() -> str:
    if sys.version_info[:2] == WANTED:
        return sys.executable
    found = shutil.which("python3.11")
    if found is None:
        raise SystemExit("python3.11 is needed for the reference environments, and was not found")
    return found


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or names():
        print(wanted, create(wanted), flush=True)
