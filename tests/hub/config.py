"""JupyterHub's configuration in the tests. What `docs/hub.md` recommends stands here too, and was run."""

from __future__ import annotations

import os
import sys
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

# People may share their own servers, and see whom they share them with.
c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["self", "shares!user", "read:users:name", "read:groups:name"]},
    {"name": "test", "scopes": ["admin:users", "admin:servers", "tokens"], "services": ["test"]},
]
c.JupyterHub.services = [{"name": "test", "api_token": os.environ["TEST_HUB_TOKEN"]}]

c.Spawner.args = [
    "--HubAuth.cache_max_age=1",
    "--CopilotApp.recheck_interval_s=1",
    "--LabApp.expose_app_in_browser=True",
    "--ServerApp.allow_root=True",
    "--LanguageServerManager.autodetect=False",
]
