"""Benchmarks: each compares the copilot with a baseline on the same work, interleaved in one run.

`python -m benchmarks [NAME…] [--quick] [--json FILE]`; `docs/performance.md` says what the figures mean.
"""
