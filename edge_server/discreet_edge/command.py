"""Serve decisions over HTTP: the edge server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from discreet.cli.options import EXISTING_FILE, json_option
from discreet.cli.output import iso, line, note, print_json, table
from discreet.cli.regions import remark_on_region

from .needed import NEEDED, missing

if TYPE_CHECKING:
    from .settings.reading import ServerSettings
    from .settings.rooms import Rooms

_EPILOG = """\b
Example:
  discreet serve shop.bundle --trust trusted-keys.json --state /var/lib/discreet --workers 2
  discreet serve https://bundles.example/shop.bundle --settings edge.toml --cdn cloudflare
  discreet serve --settings edge.toml --print-settings
"""
# The options that state a setting, by the setting's key.
_OPTIONS = {
    "source": "bundle.source",
    "ring": "bundle.trust",
    "state": "bundle.state",
    "host": "server.host",
    "port": "server.port",
    "workers": "server.workers",
    "kind": "server.kind",
    "access_log": "server.access_log",
    "cdn": "visitors.cdn",
    "region": "visitors.region",
    "policy": "visitors.policy",
    "secret": "visitors.secret",
    "journal": "journal.to",
}


@click.command("serve", epilog=_EPILOG)
@click.argument("source", required=False, metavar="[FILE_OR_URL]")
@click.option("--trust", "ring", metavar="RING", help="Keyring of the keys whose signatures count.")
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, metavar="N", help="Port to listen on; 0: any.  [default: 8080]")
@click.option("--workers", type=int, metavar="N", help="Processes that answer.  [default: 1]")
@click.option("--server", "kind", metavar="NAME", help="`uvicorn` or `granian`.  [default: uvicorn]")
@click.option(
    "--settings",
    "file",
    type=EXISTING_FILE,
    metavar="TOML",
    help="Settings that no option and no variable states.",
)
@click.option("--state", metavar="DIR", help="Folder for the last good bundle; kept across restarts.")
@click.option("--secret", metavar="FILE", help="Secrets of the profile cookie (`discreet keys secret`).")
@click.option("--journal", metavar="FILE_OR_URL", help="Where decisions and exposures are recorded.")
@click.option(
    "--cdn",
    metavar="NAME",
    help="Whose headers say where a visitor is: `cloudflare`, `cloudfront`, `fastly`.",
)
@click.option("--region", metavar="CODE", help="The region of visitors of whom the CDN says nothing, `IT`.")
@click.option("--policy", metavar="FILE", help="The site's consent policy.")
@click.option("--access-log", is_flag=True, default=None, help="Log a line for each request on stdout.")
@click.option(
    "--print-settings", "only_print", is_flag=True, help="Show what holds, without secrets, and stop."
)
@json_option
def command(file: Path | None, only_print: bool, as_json: bool, **stated: Any) -> None:
    """Serve decisions over HTTP: the edge server.

    FILE_OR_URL is a bundle that is looked at again and again: a newer one is swapped in, one that is not exactly right
    is refused, and the last good one serves on. Every setting may also stand in a file (--settings) or in the
    environment, `DISCREET_SERVER_PORT`: see docs/operating.md. An option counts before the environment, that before
    the file. SIGHUP looks for a bundle at once; SIGTERM drains and stops.
    """
    from importlib.util import find_spec

    if any(find_spec(each) is None for each in NEEDED):
        raise missing()
    from .settings.reading import read_settings

    options = {key: stated[option] for option, key in _OPTIONS.items()}
    settings = read_settings(file, os.environ, options)
    if only_print:
        _print_settings(settings.shown(), as_json=as_json)
        return
    code = _serve(settings, as_json=as_json)
    if code:
        raise click.exceptions.Exit(code)


def _serve(settings: ServerSettings, *, as_json: bool) -> int:
    from .running.app import counts_folder
    from .running.hangups import ignore_hangups
    from .running.logs import say_changes, set_up_logs
    from .settings.rooms import furnish

    ignore_hangups()
    set_up_logs(settings["server.workers"])
    rooms = furnish(settings)
    rooms.bundles.start()
    say_changes()
    _warn(settings, rooms)
    if settings["server.kind"] == "granian":
        from .running.with_granian import serve_granian

        announce = partial(_announce, settings, rooms, settings["server.port"], as_json=as_json)
        with counts_folder(settings) as counts:
            return serve_granian(settings, counts, announce)
    from .running.with_uvicorn import listen, want_files

    if not want_files(settings):
        note("this process may open fewer files than `server.max_connections` needs: see `ulimit -n`")
    with listen(settings) as listener, counts_folder(settings) as counts:
        _announce(settings, rooms, listener.getsockname()[1], as_json=as_json)
        from .running.processes import serve_workers

        return serve_workers(settings, rooms, listener, counts)


def _announce(settings: ServerSettings, rooms: Rooms, port: int, *, as_json: bool) -> None:
    """Say in one line what is served, where, and how to ask for it."""
    import sys

    bundle = rooms.bundles.current.evaluator.bundle
    host = settings["server.host"]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if as_json:
        facts = {
            "name": bundle.name,
            "version": bundle.version,
            "digest": bundle.digest,
            "expires": iso(bundle.expires_s),
        }
        print_json({"url": url, "bundle": facts, "workers": settings["server.workers"]})
    else:
        line(
            f"serving {bundle.name} version {bundle.version} until {iso(bundle.expires_s)} at {url}"
            f"  (ask: curl --json '{{}}' {url}/v1/decide)"
        )
    sys.stdout.flush()


def _warn(settings: ServerSettings, rooms: Rooms) -> None:
    """Say what is missing that most servers want."""
    if settings["visitors.cdn"] is None and settings["visitors.region"] is None:
        note(
            "no --cdn and no --region: nobody's region is known, and the strictest rules judge every visitor"
        )
    if settings["bundle.state"] is None:
        note("no --state: the last good bundle, and which versions were served, are forgotten at a restart")
    if settings["visitors.secret"] is None:
        note("no --secret: there is no profile cookie")
    if settings["journal.to"] is None and settings["journal.secret"] is not None:
        note(f"{settings.place('journal.secret')}: nothing is recorded, for there is no `journal.to`")
    if settings["visitors.region"] is not None:
        remark_on_region(settings["visitors.region"], rooms.visitors.settings.policy)
    for each in rooms.visitors.misfits(rooms.bundles.current.evaluator):
        note(each)


def _print_settings(shown: Mapping[str, tuple[object, str]], *, as_json: bool) -> None:
    if as_json:
        print_json({key: {"value": _plain(value), "from": origin} for key, (value, origin) in shown.items()})
        return
    table(
        ("setting", "value", "from"), [(key, _text(value), origin) for key, (value, origin) in shown.items()]
    )


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {each}" for key, each in value.items()) or "-"
    return str(value)
