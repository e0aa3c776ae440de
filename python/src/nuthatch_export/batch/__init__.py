"""Scores tables of Arrow with `nuthatch predict`, which runs beside this process and stays: what Spark and Dask build on."""

from __future__ import annotations

from .command import ScoringError
from .model import ModelFile, open_model
from .scorer import Scorer

__all__ = ["ModelFile", "Scorer", "ScoringError", "open_model"]
