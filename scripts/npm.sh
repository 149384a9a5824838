#!/usr/bin/env bash
# npm in labextension/, with the Node that scripts/node.sh chooses.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/node.sh
cd labextension
exec npm "$@"
