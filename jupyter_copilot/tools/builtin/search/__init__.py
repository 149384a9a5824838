"""Finding lines in the notebook and in the files beside it."""
