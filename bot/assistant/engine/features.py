"""Sparse features of a text: words and word pairs, and letters 2 to 5 inside words, weighted by TF-IDF.

They catch what a sentence encoder blurs: street words, typos, codes. Kept as plain numbers and a word list,
so that a trained model holds no pickled objects.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

_WORDS: dict[str, Any] = {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"}
_LETTERS: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (2, 5)}


class TextFeatures:
    """Two TF-IDF tables side by side, each row of length one before they are joined."""

    def __init__(self, parts: list[tuple[dict[str, Any], TfidfVectorizer]]) -> None:
        self._parts = parts
        self._analyzers: list[Any] | None = None
        self._weights: list[Any] = []  # read once: `idf_` is computed at every access

    @classmethod
    def fit(cls, texts: list[str]) -> TextFeatures:
        """Learn the vocabulary of `texts`; what occurs once is left out (names, typos)."""
        least = 2 if len(texts) >= 200 else 1
        parts = []
        for options in (_WORDS, _LETTERS):
            vectorizer = TfidfVectorizer(**options, sublinear_tf=True, min_df=least, dtype=np.float32)
            vectorizer.fit(texts)
            parts.append((options, vectorizer))
        return cls(parts)

    def matrix(self, texts: list[str]) -> sparse.csr_matrix:
        """Return one row for each of `texts`."""
        return sparse.hstack([vectorizer.transform(texts) for _, vectorizer in self._parts], format="csr")

    def row(self, text: str) -> tuple[Any, Any]:
        """Return columns and values of one text: `matrix([text])` without scikit-learn's 1 ms of checks."""
        if self._analyzers is None:
            self._analyzers = [vectorizer.build_analyzer() for _, vectorizer in self._parts]
            self._weights = [np.asarray(vectorizer.idf_, np.float32) for _, vectorizer in self._parts]
        columns: list[Any] = []
        values: list[Any] = []
        offset = 0
        for (_, vectorizer), analyze, idf in zip(self._parts, self._analyzers, self._weights, strict=True):
            known = vectorizer.vocabulary_
            counts = Counter(known[term] for term in analyze(text) if term in known)
            places = np.fromiter(counts, dtype=np.int64, count=len(counts))
            amounts = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
            weights = (np.log(amounts) + 1) * idf[places]
            columns.append(places + offset)
            values.append(weights / max(float(np.linalg.norm(weights)), 1e-9))
            offset += len(known)
        return np.concatenate(columns), np.concatenate(values)

    def columns(self) -> tuple[dict[str, int], dict[str, int], int]:
        """Return the columns of words and pairs, those of runs of letters, and where the latter begin."""
        words, letters = (vectorizer.vocabulary_ for _, vectorizer in self._parts)
        return words, letters, len(words)

    def save(self, folder: Path) -> None:
        """Write the tables into `folder` as text and plain arrays."""
        names = [_terms(vectorizer) for _, vectorizer in self._parts]
        (folder / "terms.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
        np.savez(folder / "idf.npz", *[vectorizer.idf_ for _, vectorizer in self._parts])

    @classmethod
    def load(cls, folder: Path) -> TextFeatures:
        """Read what `save` wrote."""
        names = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        parts = []
        with np.load(folder / "idf.npz", allow_pickle=False) as arrays:
            for options, terms, key in zip((_WORDS, _LETTERS), names, arrays.files, strict=True):
                vectorizer = TfidfVectorizer(**options, sublinear_tf=True, vocabulary=terms, dtype=np.float32)
                vectorizer.idf_ = arrays[key]
                vectorizer.vocabulary_ = {term: column for column, term in enumerate(terms)}
                parts.append((options, vectorizer))
        return cls(parts)


def _terms(vectorizer: TfidfVectorizer) -> list[str]:
    return sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
