"""Sphinx configuration: `make docs`."""

project = "jupyter-collaborative-copilot"
author = "jupyter-collaborative-copilot contributors"
copyright = f"2026, {author}"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
# Docstrings are plain text with `code` in it.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "images/README.md"]
# Links into the source tree are for readers of the repository; the built pages keep them as text.
suppress_warnings = ["myst.xref_missing"]

html_theme = "furo"
html_title = "Jupyter Collaborative Copilot"
