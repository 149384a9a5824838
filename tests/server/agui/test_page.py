"""The front end of `docs/agents.md`, as it stands there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import nbformat

from jupyter_copilot.testing.fault_server import FaultServer
from jupyter_copilot.testing.replies import answer

from ...docs.pages import DOCS, blocks
from .conftest import CLIENTS
from .test_official_client import asks


async def test_the_front_end_of_the_page_asks_and_approves(
    base_url: str, jp_serverapp: Any, notebook: str, model: FaultServer, tmp_path: Path, jp_root_dir: Path
) -> None:
    model.add(asks(), answer("Inserted."))
    (block,) = blocks(DOCS / "agents.md", "js")
    token = jp_serverapp.identity_provider.token
    script = block.replace('"U"', f'"{base_url}api/copilot/agui/{notebook}"').replace("token T", f"token {token}")
    (tmp_path / "node_modules").symlink_to(CLIENTS / "node_modules")
    (tmp_path / "page.mjs").write_text(script, encoding="utf-8")
    process = await asyncio.create_subprocess_exec("node", str(tmp_path / "page.mjs"), stdout=-1, stderr=-1)
    out, err = await process.communicate()
    assert (out.decode().strip(), err.decode()) == ("Inserted.", "")
    assert [cell.source for cell in nbformat.read(jp_root_dir / "one.ipynb", 4).cells] == ["x = 41 + 1", "1 + 1"]
