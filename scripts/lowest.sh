#!/usr/bin/env bash
# lowest.sh [FOLDER]: fast tests (but those that need real tokenizers) with the lowest version of each dependency that pyproject.toml promises to work with.
set -euo pipefail
cd "$(dirname "$0")/.."
folder="${1:-.venv-lowest}"
python3 -m venv "$folder"
python="$folder/bin/python"
"$python" -m pip install -qq -U pip uv
HATCH_JUPYTER_BUILDER_SKIP_NPM=1 "$folder/bin/uv" pip install -q --python "$python" --resolution lowest-direct \
  -e . 'pytest>=8.3' 'pytest-jupyter[server]>=0.11' 'pytest-timeout>=2.3' 'pytest-xdist>=3.6' 'ipykernel>=6.29' 'psutil>=6'
"$python" -m pytest -q -p no:cacheprovider -m "not browser and not crash and not slow" \
  --ignore=tests/core/model_context/test_tokens.py \
  tests/client tests/core tests/protocol tests/room tests/storage tests/test_traces.py
