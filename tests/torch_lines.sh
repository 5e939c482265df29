#!/usr/bin/env bash
# torch_lines.sh PROGRAM: both halves of docs/book/torch.md print what the page says. PyTorch's half is skipped where it
# is missing (PIGRAD_TORCH_PYTHON names an interpreter that has it).
set -u
diff -u --label page --label pigrad <(grep '^loss ' docs/book/torch.md) <("$1") || exit 1
python=${PIGRAD_TORCH_PYTHON:-python3}
"$python" -c 'import torch' 2>/dev/null || exit 77
theirs=$("$python" examples/torch_lines.py) || exit 1
diff -u --label PyTorch --label pigrad <(printf '%s\n' "$theirs") <("$1")
