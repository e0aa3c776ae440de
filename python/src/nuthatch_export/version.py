"""The versions this package writes; nothing is imported, so that building needs no numpy."""

VERSION = "1.0.0"

FORMAT = "nuthatch/sklearn-json"
FORMAT_VERSION = "1.0"
