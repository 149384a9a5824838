"""A notebook that jupyter-collaboration shares."""
