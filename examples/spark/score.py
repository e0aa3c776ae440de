"""Scores the passengers of examples/titanic on Spark, as a data frame and as a column.

    python examples/spark/score.py

Needs `pip install './python[spark]'`, Java 17 and `nuthatch` (or NUTHATCH_COMMAND, from the project's folder
`export NUTHATCH_COMMAND="node dist/src/cli/main.js"` after `npm ci && npm run build`).
"""

import json
from pathlib import Path

from nuthatch_export.spark import predict_in_arrow, predict_udf
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

TITANIC = Path(__file__).resolve().parents[1] / "titanic"
MODEL = str(TITANIC / "model.json")
SCHEMA = "ticket string, pclass int, sex string, age double, family int, fare double, embarked string, deck string"

spark = SparkSession.builder.getOrCreate()
passengers = spark.read.csv(str(TITANIC / "passengers.csv"), header=True, schema=SCHEMA).repartition(4)

scored = predict_in_arrow(passengers, MODEL, ["predict", "predict_proba"])
scored.select("ticket", "prediction", "predict_proba_survived").printSchema()

groups = scored.groupBy("sex", "prediction").agg(F.count("*").alias("passengers"))
for row in groups.orderBy("sex", "prediction").collect():
    print(row.sex, row.prediction, row.passengers)

chances = predict_udf(MODEL, "predict_proba")
best = passengers.withColumn("chances", chances()).orderBy(F.desc(F.col("chances")[1]), "ticket").first()
print(f"best chances: {best.sex}, {best.age} years, class {best.pclass}: {best.chances[1]:.3f}")

# What Python answered when the model was exported.
expected = json.loads((TITANIC / "expected.json").read_text())
tickets = [line.split(",")[0] for line in (TITANIC / "passengers.csv").read_text().splitlines()[1:]]
found = {row.ticket: row.prediction for row in scored.collect()}
same = sum(found[ticket] == label for ticket, label in zip(tickets, expected["predict"]))
print(f"{same} of {len(tickets)} as in Python")
