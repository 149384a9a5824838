"""JupyterHub's configuration in the tests: what `docs/hub.md` recommends, with shorter times."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821

c.JupyterHub.bind_url = os.environ["TEST_HUB_URL"]
c.JupyterHub.hub_port = int(os.environ["TEST_HUB_PORT"])
c.ConfigurableHTTPProxy.api_url = os.environ["TEST_HUB_PROXY_URL"]
c.ConfigurableHTTPProxy.command = [os.environ["TEST_HUB_PROXY"]]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ["TEST_HUB_PASSWORD"]
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = os.path.join(os.getcwd(), "{username}")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
# Stopping begins with an interrupt, which a Jupyter server without a terminal takes no time to clean up for.
c.LocalProcessSpawner.interrupt_timeout = 1
c.LocalProcessSpawner.term_timeout = 1

RECIPE = Path(__file__).parents[2] / "docs/hub.md"
exec(RECIPE.read_text().partition("```python\n")[2].partition("```")[0].replace("=30", "=1"))

c.JupyterHub.load_roles += [
    {"name": "test", "scopes": ["admin:users", "admin:servers", "tokens"], "services": ["test"]},
]
c.JupyterHub.services = [{"name": "test", "api_token": os.environ["TEST_HUB_TOKEN"]}]
c.Spawner.args += [
    "--LabApp.expose_app_in_browser=True",
    "--ServerApp.allow_root=True",
    "--LanguageServerManager.autodetect=False",
]
