"""Trains the forest that servers in Python answer from: the same as that of bench/models/W1, which nuthatch serves.

    python train.py FOLDER [--mlflow]        writes model.pkl, or a folder of MLflow called mlflow
"""

import pickle
import sys
from pathlib import Path

from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

folder = Path(sys.argv[1])
X, y = load_iris(return_X_y=True)
model = RandomForestClassifier(random_state=0).fit(X, y)
if "--mlflow" in sys.argv:
    import mlflow.sklearn

    mlflow.sklearn.save_model(model, folder / "mlflow", serialization_format="pickle")
else:
    (folder / "model.pkl").write_bytes(pickle.dumps(model))
