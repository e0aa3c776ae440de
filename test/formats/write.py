"""Trains the models of the conformance run in one version of scikit-learn and writes each as an export and as pickle and joblib do, for main.ts to compare.

    python write.py FOLDER [--quick] [CLASS ...]

One line of JSON is printed for a start, {"versions": {library: version}}, and one for each model: {"model": name, "estimator": class,
"export": path, "files": {how: path}}, with "error" instead where Python failed.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
sys.path[:0] = [str(PROJECT / "python" / "src"), str(PROJECT / "fixtures"), str(PROJECT / "test" / "conformance")]

from nuthatch_export import launch  # noqa: E402

launch.pin()  # before numpy is imported

import joblib  # noqa: E402
import numpy  # noqa: E402
import scipy  # noqa: E402
import sklearn  # noqa: E402
from nuthatch_export import export  # noqa: E402
from settings import settings  # noqa: E402
from train import fit  # noqa: E402

try:
    import skops.io  # noqa: E402
    from skops.io.exceptions import UnsupportedTypeException  # noqa: E402
except ModuleNotFoundError:
    skops = None

SEED = 1
COMPRESSIONS = {"joblib": 0, "zlib": ("zlib", 3), "gzip": ("gzip", 3)}


def main(folder: Path, quick: bool, classes: list[str]) -> None:
    warnings.simplefilter("ignore")
    libraries = {"scikit-learn": sklearn, "numpy": numpy, "scipy": scipy, "joblib": joblib}
    say({"versions": {"Python": sys.version.split()[0], **{name: library.__version__ for name, library in libraries.items()}}})
    written: set[str] = set()
    for number, setting in enumerate(settings(int(sklearn.__version__.split(".")[1]), [SEED])):
        kind = type(setting.estimator).__name__
        if (classes and kind not in classes) or (quick and kind in written):
            continue
        line = {"model": setting.name, "estimator": kind}
        try:
            estimator = fit(setting)
            path = folder / f"{number}.json"
            export(estimator, path, golden=False)
            files = write(estimator, folder / str(number))
            say({**line, "export": str(path), "files": files})
        except Exception as error:
            say({**line, "error": f"{type(error).__name__}: {error}"})
        written.add(kind)


def write(estimator, path: Path) -> dict[str, str]:
    """The estimator in every protocol of pickle and in joblib's files."""
    files = {}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        files[f"pickle {protocol}"] = f"{path}.{protocol}.pkl"
        Path(files[f"pickle {protocol}"]).write_bytes(pickle.dumps(estimator, protocol))
    for name, compress in COMPRESSIONS.items():
        files[name] = f"{path}.{name}"
        joblib.dump(estimator, files[name], compress=compress)
    if skops is not None:
        try:
            skops.io.dump(estimator, f"{path}.skops")
            files["skops"] = f"{path}.skops"
        except (UnsupportedTypeException, TypeError):
            pass  # Birch, and what has no state: skops does not write these
    return files


def say(line: dict) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("classes", nargs="*")
    parser.add_argument("--quick", action="store_true", help="one model of each class")
    main(**vars(parser.parse_args()))
