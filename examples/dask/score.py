"""Scores the passengers of examples/titanic on Dask, partition by partition.

    python examples/dask/score.py

Needs `pip install ./python dask pandas pyarrow` and `nuthatch`, as in examples/spark.
"""

from pathlib import Path

import dask.dataframe as dd
import pyarrow as pa
from nuthatch_export.batch import Scorer, open_model

TITANIC = Path(__file__).resolve().parents[1] / "titanic"
model = open_model(TITANIC / "model.json")
# On machines that share no disk, model.path must be where each of them finds it.
scorer = Scorer(model.path, methods=("predict",))


def score(frame):
    """Each worker keeps one process, which answers all partitions that come to it."""
    cells = pa.RecordBatch.from_pandas(frame[list(model.names)], preserve_index=False)
    [answer] = scorer.score([cells])
    return frame.assign(prediction=answer.column(0).to_pandas().to_numpy())


passengers = dd.read_csv(TITANIC / "passengers.csv", dtype={"ticket": str}).repartition(npartitions=3)
scored = passengers.map_partitions(score, meta=passengers._meta.assign(prediction=""))
print(f"{passengers.npartitions} partitions")
print(scored.groupby(["sex", "prediction"]).size().compute().sort_index().to_string())
