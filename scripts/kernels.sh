#!/usr/bin/env bash
# Finds or installs R with its Jupyter kernel, which the tests of other kernels run (40 s, most of it waiting); those of
# bash and Scheme come from PyPI with the development install.
set -euo pipefail
if ! command -v R >/dev/null || ! Rscript -e 'quit(status = !requireNamespace("IRkernel", quietly = TRUE))' >/dev/null 2>&1; then
  as_root=
  [ "$(id -u)" = 0 ] || as_root="sudo -n"
  echo "Installing R and its kernel for the tests"
  { $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends r-base-core r-cran-irkernel; } >/dev/null
fi
