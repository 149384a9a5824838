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
c.Spawner.http_timeout = 120  # a busy machine takes its time to start a server

RECIPES = [
    text.partition("```")[0] for text in (Path(__file__).parents[2] / "docs/hub.md").read_text().split("```python\n")
]
exec(RECIPES[1].replace("=30", "=1"))
c.JupyterHub.services = []
if "TEST_HUB_SERVICE_PORT" in os.environ:
    recipe = next(text for text in RECIPES if "custom_scopes" in text)
    exec(recipe.replace("10101", os.environ["TEST_HUB_SERVICE_PORT"]).replace("/srv/shared", os.path.abspath("shared")))
    c.JupyterHub.services[0]["command"] += ["--", "--ServerApp.allow_root=True"]
    c.Spawner.environment = {"JUPYTERHUB_SINGLEUSER_LOAD_OTHER_EXTENSIONS": "0"}  # of servers, only the tokens are used
    c.JupyterHub.services[0]["environment"] = {"JUPYTER_DATA_DIR": os.path.abspath("data")}

c.JupyterHub.load_roles += [
    {"name": "test", "scopes": ["admin:users", "admin:servers", "tokens"], "services": ["test"]},
]
c.JupyterHub.services += [{"name": "test", "api_token": os.environ["TEST_HUB_TOKEN"]}]
c.Spawner.args += [
    "--LabApp.expose_app_in_browser=True",
    "--ServerApp.allow_root=True",
    "--LanguageServerManager.autodetect=False",
]
