"""The classic recipe: Flask, a pickle, a Prometheus summary.

    python flask_recipe.py MODEL.pkl PORT        werkzeug's development server, as `app.run` starts it
    MODEL=MODEL.pkl gunicorn flask_recipe:app    a server for production
"""

import os
import pickle
import sys

from flask import Flask, jsonify, request
from prometheus_client import Summary

REQUEST_TIME = Summary("request_processing_seconds", "Time spent processing request")

app = Flask(__name__)
with open(os.environ.get("MODEL") or sys.argv[1], "rb") as file:
    model = pickle.load(file)


@app.route("/predict", methods=["POST"])
@REQUEST_TIME.time()
def predict():
    features = request.get_json()["features"]
    return jsonify({"prediction": model.predict([features]).tolist()})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[2]))
