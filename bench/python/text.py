"""Documents into tf-idf and a logistic regression, for bench/workloads/text.ts.

    python text.py --make FILE      fits the pipeline and writes its export, which becomes bench/models/text/model.nut
    python text.py                  fits it again and answers, line by line, as main.py does for matrices

Seeded: made-up words of a few syllables, drawn as often as words of a language are, four topics, about a hundred words a
document with capitals and punctuation.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

SEED = 0
TRAINED, ASKED = 1500, 60
SYLLABLES = "ka lo mi ner tu sa ri pon del va sto gra en ta shi ber co lu min dor fe xa qui ost".split()


def documents():
    """Texts and topics."""
    import numpy

    random = numpy.random.RandomState(SEED)
    words = list(dict.fromkeys("".join(random.choice(SYLLABLES, random.randint(1, 5))) for _ in range(9000)))
    common = 1 / numpy.arange(2, len(words) + 2)
    topics = [common * numpy.where(random.rand(len(words)) < 0.15, 6, 1) for _ in range(4)]
    texts, labels = [], random.randint(4, size=TRAINED + ASKED)
    for label in labels:
        drawn = [words[k] for k in random.choice(len(words), random.randint(80, 121), p=topics[label] / topics[label].sum())]
        for at in range(0, len(drawn), random.randint(6, 15)):
            drawn[at] = drawn[at].capitalize()
            if at:
                drawn[at - 1] += random.choice([".", ",", "!", " –", ";"])
        texts.append(" ".join(drawn))
    return texts, labels


def fitted():
    """The pipeline, and the documents it is asked."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts, labels = documents()
    model = make_pipeline(TfidfVectorizer(max_features=3000, sublinear_tf=True), LogisticRegression(C=10))
    return model.fit(texts[:TRAINED], labels[:TRAINED]), texts[TRAINED:]


def make(path: str) -> None:
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python" / "src"))
    from nuthatch_export import export

    model, asked = fitted()
    export(model, path, asked, max_rows=0)


def answer_lines() -> None:
    import numpy
    import sklearn

    model, asked = fitted()

    def encode(array, dtype) -> str:
        return base64.b64encode(numpy.ascontiguousarray(array, dtype=dtype).tobytes()).decode()

    def timed(size: int, calls: int, first: int) -> float:
        batches = [[asked[(at * size + row) % ASKED] for row in range(size)] for at in range(min(calls, ASKED))]
        begun = time.perf_counter()
        for call in range(first, first + calls):
            model.predict(batches[call % len(batches)])
        return (time.perf_counter() - begun) * 1e6

    print(json.dumps({"version": sklearn.__version__}), flush=True)
    for line in sys.stdin:
        if not line.strip():
            continue
        question = json.loads(line)
        if question["op"] == "answer":
            labels, scores = model.predict(asked), model.predict_proba(asked)
            found = {"labels": encode(labels, numpy.int32), "scores": encode(scores, numpy.float64)}
        else:
            found = {"us": timed(question["rows"], question["calls"], question["first"])}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    make(sys.argv[2]) if sys.argv[1:2] == ["--make"] else answer_lines()
