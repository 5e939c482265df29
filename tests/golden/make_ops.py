"""Values and gradients of every op by PyTorch, in float64, for tests/core_golden.cpp.

Made with Python 3.11 and torch 2.15.0:  python make_ops.py  writes ops.json beside this file.
A loss is sum(result * cotangent). Numbers are row-major and round-trip exactly; a batch has 5 rows.
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(7)
ROWS = 5


def draw(shape, low, high):
    values = low + (high - low) * torch.rand(shape, generator=generator)
    return (values * 1000).round() / 1000


def plain(tensor):
    return tensor.detach().reshape(-1).tolist()


cases = []


def case(op, function, operands, low=-2.0, high=2.0, index_below=0):
    """operands: (rows, columns) or (rows, columns, low, high); rows "B" means a batch."""
    leaves, described = [], []
    for operand in operands:
        rows, columns, *limits = operand
        values = draw((ROWS if rows == "B" else rows, columns), *(limits or (low, high)))
        leaves.append(values.requires_grad_())
        described.append({"batch": rows == "B", "rows": values.shape[0], "columns": columns, "values": plain(values)})
    index = torch.randint(0, index_below, (ROWS, 1), generator=generator) if index_below else None
    result = function(*leaves) if index is None else function(*leaves, index)
    cotangent = draw(result.shape, -1.5, 1.5)
    (result * cotangent).sum().backward()
    for leaf, operand in zip(leaves, described):
        operand["adjoint"] = [0.0] * leaf.numel() if leaf.grad is None else plain(leaf.grad)
    entry = {"op": op, "operands": described, "cotangent": plain(cotangent), "result": plain(result)}
    if index is not None:
        entry["index"] = plain(index)
    cases.append(entry)


unary = {
    "neg": (torch.neg, -2, 2),
    "exp": (torch.exp, -5, 3),
    "log": (torch.log, 0.01, 5),
    "tanh": (torch.tanh, -4, 4),
    "relu": (torch.relu, -2, 2),
    "elu": (torch.nn.functional.elu, -4, 4),
    "sigmoid": (torch.sigmoid, -6, 6),
    "softplus": (lambda x: torch.nn.functional.softplus(x, threshold=1e9), -8, 8),
    "square": (torch.square, -3, 3),
    "sqrt": (torch.sqrt, 0.05, 9),
    "abs": (torch.abs, -2, 2),
    "clamp": (lambda x: torch.clamp(x, -0.7, 0.9), -2, 2),
    "stop_gradient": (lambda x: x.detach() + 0 * x, -2, 2),
}
for name, (function, low, high) in unary.items():
    for shape in [("B", 3), (1, 4), (2, 3)]:
        case(name, function, [shape], low, high)

binary = {
    "add": (torch.add, -2, 2),
    "sub": (torch.sub, -2, 2),
    "mul": (torch.mul, -2, 2),
    "div": (torch.div, 0.4, 3),
    "min": (torch.minimum, -2, 2),
    "max": (torch.maximum, -2, 2),
}
pairs = [
    [("B", 3), ("B", 3)],
    [("B", 3), (1, 3)],
    [(1, 3), ("B", 3)],
    [("B", 3), ("B", 1)],
    [("B", 1), ("B", 3)],
    [("B", 2), (1, 1)],
    [(1, 1), ("B", 2)],
    [("B", 1), (1, 4)],
    [(2, 3), (1, 3)],
    [(2, 3), (2, 1)],
]
for name, (function, low, high) in binary.items():
    for operands in pairs:
        case(name, function, operands, low, high)

for operands in [[("B", 3)] * 3, [("B", 1), ("B", 3), (1, 3)], [("B", 3), (1, 1), ("B", 1)], [(1, 3)] * 3]:
    case("where", lambda condition, a, b: torch.where(condition > 0, a, b), operands)

for rows, inner, outer in [("B", 4, 3), ("B", 1, 1), ("B", 9, 17), (3, 2, 5)]:
    case("affine", torch.nn.functional.linear, [(rows, inner), (outer, inner), (1, outer)])
    case("matmul", torch.matmul, [(rows, inner), (inner, outer)])

row_wise = {
    "logsumexp": lambda x: torch.logsumexp(x, 1, keepdim=True),
    "softmax": lambda x: torch.softmax(x, 1),
    "log_softmax": lambda x: torch.log_softmax(x, 1),
    "sum": torch.sum,
    "sum_rows": lambda x: x.sum(0, keepdim=True),
    "sum_columns": lambda x: x.sum(1, keepdim=True),
    "mean": torch.mean,
    "mean_rows": lambda x: x.mean(0, keepdim=True),
    "mean_columns": lambda x: x.mean(1, keepdim=True),
}
for name, function in row_wise.items():
    for shape in [("B", 2), ("B", 7), ("B", 1), (3, 4)]:
        case(name, function, [shape], -6, 6)

for columns in (1, 3, 6):
    case("gather", lambda x, i: torch.gather(x, 1, i), [("B", columns)], index_below=columns)
case("concatenate", lambda a, b: torch.cat([a, b], 1), [("B", 2), ("B", 3)])
case("concatenate", lambda a, b: torch.cat([a, b], 1), [(2, 1), (2, 2)])
case("slice", lambda x: x[:, 1:3], [("B", 5)])
case("slice", lambda x: x[:, 1:3], [(2, 3)])
case("expand", lambda x, like: x.expand(like.shape[0], -1), [(1, 3), ("B", 2)])
case("expand", lambda x, like: x.expand(like.shape[0], -1), [(1, 2), (4, 1)])

text = json.dumps({"torch": torch.__version__, "cases": cases}, separators=(",", ":"))
pathlib.Path(__file__).with_name("ops.json").write_text(text.replace('{"op"', '\n{"op"') + "\n")
