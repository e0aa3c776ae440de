"""Fits tf-idf and a linear model on messages to a shop and exports them for JavaScript.

    python examples/messages/train.py [FOLDER]

Needs scikit-learn and nuthatch_export (``pip install ./python`` from the project's folder). The messages are made up, from a
seed. Three files are written to the folder, by default the one of this script:

model.json        the fitted pipeline, with golden rows
messages.ndjson   messages that it was not fitted on, a JSON string a line
expected.json     what Python answers for them
"""

import json
import sys
from pathlib import Path

import numpy as np
from nuthatch_export import export
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent

STARTS = ["Hello,", "Hi there!", "Grüezi,", "Good morning –", "", "Dear team,", "URGENT:", "bonjour,"]
ENDS = ["Thanks!", "Please answer soon.", "Kind regards, Zoë", "Merci beaucoup", "🙏", "", "Best, Ömer", "Hurry up!!"]
SAYINGS = {
    "payment": [
        "I was charged {n} times for order {n}", "my card was refused at the checkout", "where is the invoice for {thing}",
        "please refund the {thing}, it cost €{n}.50", "the voucher code does not lower the price", "VAT is missing on my bill",
    ],
    "delivery": [
        "the parcel with the {thing} has not arrived", "tracking says delivered but there is no {thing}",
        "can you ship the {thing} to Genève instead", "the courier left my {thing} in the rain", "it was to come {n} days ago",
        "the box was open and the {thing} gone",
    ],
    "technical": [
        "the {thing} does not switch on", "the app crashes when I pair the {thing}", "error {n} on the display of my {thing}",
        "the battery of the {thing} is empty after {n} hours", "how do I update the firmware", "the {thing} makes a naïve beeping noise",
    ],
}
THINGS = ["kettle", "café grinder", "toaster", "e-reader", "headphones", "lamp", "Bluetooth speaker", "scale"]


def make_messages(count, seed):
    """Messages, and what each is about."""
    random = np.random.RandomState(seed)
    topics = random.choice(list(SAYINGS), count)

    def say(topic):
        said = random.choice(SAYINGS[topic], random.randint(1, 3), replace=False)
        parts = [random.choice(STARTS), *(f"{one}." for one in said), random.choice(ENDS)]
        return " ".join(part for part in parts if part).format(thing=random.choice(THINGS), n=random.randint(2, 60))

    return [say(topic) for topic in topics], topics


messages, topics = make_messages(500, seed=4711)
train, held_out = messages[:400], messages[400:]

words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, strip_accents="unicode", stop_words="english")
pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), max_features=300)
both = FeatureUnion([("words", words), ("pieces", pieces)])
model = make_pipeline(both, LogisticRegression(C=5)).fit(train, topics[:400])

shown = held_out[:10]
export(model, FOLDER / "model.json", rows=held_out[:20] + ["", "?!", "ΚΑΛΗΜΕΡΑ", "日本語"])
lines = "".join(json.dumps(message, ensure_ascii=False) + "\n" for message in shown)
(FOLDER / "messages.ndjson").write_text(lines, encoding="utf-8")
expected = {
    "score": model.score(held_out, topics[400:]),
    "classes": model.classes_.tolist(),
    "predict": model.predict(shown).tolist(),
    "predict_proba": model.predict_proba(shown).tolist(),
}
(FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
print(f"{len(train)} messages fitted; accuracy on {len(held_out)} others: {expected['score']}")
