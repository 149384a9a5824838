"""The service itself: JupyterHub's own single-user server, which knows the Hub's sign-in, with our rooms only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

PACKAGE = "jupyter_copilot.server.hub"


def serve(root: Path, settings: Sequence[str]) -> None:
    """Serve the rooms of the notebooks below `root`; returns when the Hub stops it."""
    from jupyterhub.singleuser.extension import JupyterHubSingleUser

    os.environ.setdefault("JUPYTERHUB_DEFAULT_URL", os.environ["JUPYTERHUB_SERVICE_PREFIX"] + "copilot/sign-in")
    JupyterHubSingleUser.load_other_extensions = False
    JupyterHubSingleUser.serverapp_config = {"jpserver_extensions": {"jupyter_copilot": True, PACKAGE: True}}
    JupyterHubSingleUser.launch_instance([*service_settings(root), *settings])


def service_settings(root: Path) -> list[str]:
    """What makes a server of rooms of a Jupyter server."""
    return [
        f"--ServerApp.root_dir={root.absolute()}",
        f"--ServerApp.authorizer_class={PACKAGE}.authorizer.HubAuthorizer",
        f"--ServerApp.kernel_manager_class={PACKAGE}.kernels.NoKernels",
        "--ServerApp.terminals_enabled=False",
        "--ServerApp.log_level=INFO",
    ]
