#!/usr/bin/env bash
# Rebuild at each change. JupyterLab reads .venv/share, so the bundle's folder there becomes a link while this runs.
set -euo pipefail
cd "$(dirname "$0")/.."
installed=.venv/share/jupyter/labextensions/jupyter-collaborative-copilot
restore() { rm -rf "$installed"; scripts/install.sh dev --rebuild; }
trap restore EXIT
rm -rf "$installed"
ln -s "$PWD/jupyter_copilot/labextension" "$installed"
scripts/npm.sh run watch
