"""The door to training: what was misread, examples, measuring, the gate, and which model serves."""

from __future__ import annotations

from bot.training.dataset import (
    ADDED,
    NEVER_TRAINED,
    Example,
    Folders,
    Written,
    add,
    folded,
    standing_in,
    taught,
    tidy,
)
from bot.training.evaluation import Evaluation, Score, evaluate, held_out_sentences
from bot.training.gate import PROTECTED, CanaryResult, Verdict, decide
from bot.training.privacy import masked, neutral
from bot.training.review import Doubt, Reading, Said, review
from bot.training.serving import POINTER, Change, Pointer, Service, alone, pin, promote, roll_back
from bot.training.serving import read as read_pointer

__all__ = [
    "ADDED",
    "NEVER_TRAINED",
    "POINTER",
    "PROTECTED",
    "CanaryResult",
    "Change",
    "Doubt",
    "Evaluation",
    "Example",
    "Folders",
    "Pointer",
    "Reading",
    "Said",
    "Score",
    "Service",
    "Verdict",
    "Written",
    "add",
    "alone",
    "decide",
    "evaluate",
    "folded",
    "held_out_sentences",
    "masked",
    "neutral",
    "pin",
    "promote",
    "read_pointer",
    "review",
    "roll_back",
    "standing_in",
    "taught",
    "tidy",
]
