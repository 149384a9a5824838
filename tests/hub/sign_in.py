"""Signing in as a browser does: the Hub's form, and its page that asks whether to authorize a server of another's."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import requests

from tests.hub.hub import PASSWORD, Hub

_FIELD = re.compile(r'<input[^>]*\bname="(\w+)"[^>]*\bvalue="([^"]*)"')


def cookies(hub: Hub, name: str, owner: str) -> str:
    """The cookies with which this person's browser comes to the owner's server, as one header."""
    return _cookies(hub, name, hub.server(owner), "lab")


def service_cookies(hub: Hub, name: str) -> str:
    """The cookies with which this person's browser comes to the rooms' service, after one navigation."""
    return _cookies(hub, name, hub.service, "copilot/sign-in")


def _cookies(hub: Hub, name: str, place: str, page_there: str) -> str:
    browser = requests.Session()
    page = browser.get(f"{hub.url}hub/login", params={"next": urlsplit(f"{place}{page_there}").path})
    form = {"username": name, "password": PASSWORD, "_xsrf": browser.cookies.get("_xsrf", path="/hub/")}
    page = browser.post(page.url, data=form)
    if "/oauth2/authorize" in page.url:
        page = browser.post(page.url, data=_FIELD.findall(page.text), headers={"Referer": page.url})
    assert page.ok and page.url == f"{place}{page_there}", page.text
    request = requests.Request("GET", f"{place}api/copilot/status", cookies=browser.cookies)
    return str(browser.prepare_request(request).headers["Cookie"])
