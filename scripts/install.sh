#!/usr/bin/env bash
# install.sh EXTRA [--rebuild | --no-build]: .venv with the package (editable) and its extra (dev, lab or docs), and the
# labextension built and put where JupyterLab finds it. Each step leaves a stamp with a hash of its inputs and is skipped
# while it holds.
set -euo pipefail
cd "$(dirname "$0")/.."
extra="${1:-dev}"
option="${2:-}"
[ "$option" = --rebuild ] && rm -f .venv/.stamp-labextension

pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }
fresh() { [ "$(cat ".venv/.stamp-$1" 2>/dev/null)" = "$2" ]; }
stamp() { echo "$2" >".venv/.stamp-$1"; }
hash_of() { find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1; }

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
    echo "Python 3.10 or newer is needed as python3" >&2
    exit 1
  fi
  echo "Creating .venv"
  if ! python3 -c 'import ensurepip' 2>/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >/dev/null
  fi
  python3 -m venv .venv
fi

# One install at a time in this folder.
if command -v flock >/dev/null; then exec 9>.venv/.lock && flock 9; fi

build_tools=$(hash_of pyproject.toml)
if ! fresh build-tools "$build_tools"; then
  echo "Installing the build tools"
  # A new pip resolves what follows in half the time of one that came with an older Python.
  pip install -qq -U pip 'hatchling>=1.27' 'hatch-jupyter-builder>=0.9.1' 'jupyter-builder>=1.3,<2' editables
  stamp build-tools "$build_tools"
fi

cd labextension
sources=$(hash_of src style schema package.json package-lock.json tsconfig.json install.json webpack.config.cjs short-jsx.cjs)
packages=$(hash_of package.json package-lock.json)
cd ..
stale=0
copied=1
build=
trap '[ -z "$build" ] || kill -- "-$build" 2>/dev/null || true' EXIT
[ -f jupyter_copilot/labextension/package.json ] || rm -f .venv/.stamp-labextension
if [ "$option" != --no-build ] && ! fresh labextension "$sources"; then
  stale=1
  source scripts/node.sh
  install_packages=:
  if ! fresh npm "$packages" || [ ! -d labextension/node_modules ]; then
    echo "Installing the npm packages (beside what follows)"
    install_packages="npm ci --no-audit --no-fund --loglevel=error"
  fi
  set -m # a process group of its own, so that all of it can be ended
  (cd labextension && $install_packages && npm run --silent build:lib) >.venv/build.log 2>&1 &
  build=$!
  set +m
fi

# The development install holds all of the others, so that going between them reinstalls nothing.
[ -f .venv/.stamp-package-dev ] && extra=dev
package=$(hash_of pyproject.toml jupyter-config)
if ! fresh "package-$extra" "$package"; then
  echo "Installing jupyter-collaborative-copilot[$extra]"
  # Modules are compiled when they are first imported: to compile all of them takes longer than to install them.
  HATCH_JUPYTER_BUILDER_SKIP_NPM=1 pip install -qq --no-compile --no-build-isolation -e ".[$extra]"
  # Optional for jsonschema, which checks IRIs with it; it takes each of the many servers here a second to start with it.
  pip uninstall -qq -y rfc3987-syntax
  stamp "package-$extra" "$package"
  copied=0
fi

if [ "$stale" = 1 ]; then
  wait "$build" || { cat .venv/build.log >&2; exit 1; }
  build=
  stamp npm "$packages"
  echo "Building the labextension"
  (cd labextension && npm run --silent build:bundle >../.venv/build.log 2>&1) || { cat .venv/build.log >&2; exit 1; }
  stamp labextension "$sources"
  copied=0
fi

if [ "$copied" = 0 ] && [ -d jupyter_copilot/labextension ]; then
  installed=.venv/share/jupyter/labextensions/jupyter-collaborative-copilot
  rm -rf "$installed"
  mkdir -p "$installed"
  cp -r jupyter_copilot/labextension/. labextension/install.json "$installed"
fi

# Both generations of the SDK that agents in JavaScript speak MCP with, two servers, and the client that front ends speak
# AG-UI with: tests speak with all of them.
clients="@modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/server-everything@2026.8.31 @modelcontextprotocol/server-filesystem@2026.8.31 @ag-ui/client@1.0.0"
if [ "$extra" = dev ] && ! fresh mcp-clients "$clients"; then
  source scripts/node.sh
  echo "Installing $clients"
  # shellcheck disable=SC2086
  npm install --prefix .venv/lib/mcp-clients --no-audit --no-fund --loglevel=error $clients
  stamp mcp-clients "$clients"
fi

# JupyterHub's proxy is an npm package; the tests of shared servers run a whole Hub.
proxy=configurable-http-proxy@5.3.0
if [ "$extra" = dev ] && ! fresh proxy "$proxy"; then
  source scripts/node.sh
  echo "Installing $proxy"
  npm install --prefix .venv/lib/jupyterhub-proxy --no-audit --no-fund --loglevel=error "$proxy"
  stamp proxy "$proxy"
fi
