"""Takes pictures of the gallery in the light and the dark theme, and looks for accessibility problems.

Usage: python gallery/shoot.py [OUT_DIR] [NAME,NAME…]
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from jupyter_core.paths import jupyter_path
from playwright.sync_api import Browser, Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
GERMAN = "asks,decided,first-use,no-notebook"
"""The states that are shown in German, too."""
ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]


def theme_css(theme: str) -> str:
    """The style sheet of one of JupyterLab's own themes, as it is installed."""
    for folder in jupyter_path("lab", "themes", "@jupyterlab", f"theme-{theme}-extension"):
        sheet = Path(folder) / "index.css"
        if sheet.exists():
            return sheet.read_text()
    raise SystemExit("JupyterLab's themes are not installed here.")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without telling about each."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[str]:
    """Serves the labextension's folder on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/gallery/index.html"
    server.shutdown()


def style_with(css: str) -> Callable[[Route], None]:
    """Answers a request with this style sheet."""
    return lambda route: route.fulfill(body=css, content_type="text/css")


def problems(page: Page) -> list[str]:
    """What axe-core finds in the page, serious and critical ones only."""
    page.add_script_tag(path=str(ROOT / "node_modules/axe-core/axe.min.js"))
    found = page.evaluate("axe.run('.gallery-frame', {resultTypes: ['violations']}).then(r => r.violations)")
    return [
        f"{v['impact']}: {v['id']}: {node['target'][0]} — {json.dumps(node['any'][:1] or node['all'][:1])[:300]}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


def shoot(browser: Browser, url: str, theme: str, out: Path, prefix: str = "") -> tuple[list[str], str]:
    """Takes the pictures of one page; returns what is wrong, and the states that need a page of their own."""
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": 1500, "height": 1000})
    page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
    page.route("**/theme.css", style_with(theme_css(theme)))
    page.goto(url)
    page.evaluate(f"document.body.dataset.jpThemeLight = '{str(theme == 'light').lower()}'")
    page.wait_for_selector("body[data-ready]")
    page.wait_for_timeout(400)
    for figure in page.locator("figure:has(> .gallery-frame)").all():
        figure.locator(".gallery-frame").screenshot(path=out / f"{prefix}{figure.get_attribute('id')}-{theme}.png")
    wrong += problems(page)
    if page.evaluate("window.hacked"):
        wrong.append("untrusted text was executed")
    clicked = page.evaluate("document.body.dataset.clicked")
    page.close()
    return [f"{theme}: {each}" for each in wrong], clicked


def main() -> int:
    """Builds, takes the pictures, prints what is wrong; 1 when something is."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "gallery/dist/pictures")
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    out.mkdir(parents=True, exist_ok=True)
    subprocess.run(["node", "gallery/build.mjs"], cwd=ROOT, check=True)
    wrong: list[str] = []
    with serving() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        for theme in ("light", "dark"):
            found, clicked = shoot(browser, f"{url}?only={only}" if only else url, theme, out)
            wrong += found
            for name in [] if only else clicked.split(","):
                wrong += shoot(browser, f"{url}?only={name}", theme, out)[0]
            if not only:
                wrong += shoot(browser, f"{url}?lang=de&only={GERMAN}", theme, out, "german-")[0]
        browser.close()
    print("\n".join(wrong) or "No serious accessibility problem, and nothing untrusted was executed.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
