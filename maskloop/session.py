"""Signing in with a password, once, to make a token: the password is used here and kept nowhere."""

from __future__ import annotations

import socket
import time
from typing import Any

import httpx

from maskloop.http import Refused

ROLES = ("owner", "annotator", "reviewer")


class Session:
    """A person's session, as their browser has one."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.http = httpx.Client(base_url=url.rstrip("/"), headers={"Origin": url.rstrip("/")}, timeout=30)
        self._ask("GET", "/api/session/")
        self._ask("POST", "/api/session/", {"username": username, "password": password})

    def close(self) -> None:
        self._ask("DELETE", "/api/session/")
        self.http.close()

    def projects(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/api/projects/?page_size=200")["results"])

    def make_token(self, project: int, *, role: str = "owner", days: int = 90) -> str:
        """A token's secret; its name says which machine it is for."""
        name = f"maskloop on {socket.gethostname()}"[:60] + time.strftime(" %Y-%m-%d %H:%M:%S")
        body = {"name": name, "role": role, "days": days}
        return str(self._ask("POST", f"/api/projects/{project}/tokens/", body)["secret"])

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        csrf = {"X-CSRFToken": self.http.cookies.get("csrftoken") or ""}
        answer = self.http.request(method, path, json=body, headers=csrf)
        if answer.is_success:
            return answer.json() if answer.content else None
        try:
            said = answer.json()
            raise Refused(answer.status_code, said["code"], said["message"])
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(answer.status_code, "http", f"{path} was answered {answer.status_code}.") from error
