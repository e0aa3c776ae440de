"""Scores tables of Arrow with `nuthatch predict`, a process that stays: for Spark, Dask and the like."""

from __future__ import annotations

from .command import ScoringError
from .model import ModelFile, open_model
from .scorer import Scorer

__all__ = ["ModelFile", "Scorer", "ScoringError", "open_model"]
