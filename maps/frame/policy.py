"""What a page may do: run its own scripts, show its own pictures, and ask nobody else."""

import base64
import hashlib
import re

_SCRIPT = re.compile(r"<script(?P<how>[^>]*)>(?P<text>.*?)</script>", re.DOTALL | re.IGNORECASE)
_CHARSET = re.compile(r"<meta[^>]*charset[^>]*>", re.IGNORECASE)  # must stand in the first kB
_DATA = "application/json"


def guarded(
    page: str, pictures_from: str = "", *, asks_its_server: bool = False, works: bool = False
) -> str:
    """Return a page with a content security policy for what it holds.

    Scripts run when they are those that stand in the page now: by the digest of each, so that no
    text that gets into the page by mistake is run. Nothing is fetched, sent or framed.

    Parameters
    ----------
    page : the whole text of the page.
    pictures_from : origin whose pictures may be shown, such as that of map tiles.
    asks_its_server : whether the server that handed it out may be asked.
    works : whether it may run a part of its own text in a thread of its own.

    References
    ----------
    W3C, Content Security Policy Level 3, sections 2.3.1 (hash sources) and 3.3 (meta element).
    """
    scripts = [script["text"] for script in _SCRIPT.finditer(page) if _DATA not in script["how"]]
    digests = " ".join(dict.fromkeys(map(_digest, scripts)))
    rules = {
        "default-src": "'none'",
        "script-src": digests or "'none'",
        "style-src": "'unsafe-inline'",  # widths and colours of bars stand in their elements
        "img-src": f"data: blob: {pictures_from}".strip(),
        "font-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    if asks_its_server:
        rules["connect-src"] = "'self'"
    if works:
        rules["worker-src"] = "blob:"
    policy = "; ".join(f"{name} {sources}" for name, sources in rules.items())
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return _CHARSET.sub(lambda charset: f"{charset[0]}\n{meta}", page, count=1)


def _digest(script: str) -> str:
    written = script.replace("\r\n", "\n").replace("\r", "\n")  # as browsers read it
    digest = hashlib.sha256(written.encode("utf-8", "replace")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
