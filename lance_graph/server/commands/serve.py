"""`lance-graph serve`: a server that speaks OpenAI's protocol."""

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lance_graph.cli import options, prepare
from lance_graph.cli.errors import CliError, UsageError, one_line

if TYPE_CHECKING:
    from lance_graph.context import LanceContext
    from lance_graph.server.keys import Key
    from lance_graph.server.settings import Settings

EXAMPLES = """Examples:

lance-graph serve

lance-graph serve --target openai:gpt-4o-mini --refiner openai:gpt-4o-mini --model-name gpt-4o-mini

lance-graph serve --context lance.yaml --keys keys.txt --host 0.0.0.0 --audit audit.jsonl

lance-graph serve --keys keys.txt --new-key alice

A client is any program that speaks OpenAI's protocol, with the base URL http://HOST:PORT/v1."""

SERVER = "The server"
CLIENTS = "What clients may do"
LOCAL = "127.0.0.1"
NEEDED = ("fastapi", "prometheus_client", "uvicorn")


class OnDegraded(StrEnum):
    """What a client gets where a component failed."""

    ERROR = "error"
    ANSWER = "answer"


def _server(name: str, help: str, **more: Any) -> Any:
    return typer.Option(name, rich_help_panel=SERVER, help=help, **more)


def _clients(name: str, help: str, **more: Any) -> Any:
    return typer.Option(name, rich_help_panel=CLIENTS, help=help, **more)


def serve(
    host: Annotated[str, _server("--host", "Address to listen at.")] = LOCAL,
    port: Annotated[int, _server("--port", "Port to listen at.", min=0, max=65_535)] = 8000,
    context_file: options.ContextFile = None,
    target: options.Target = None,
    target_option: options.TargetOption = None,
    refiner: options.Refiner = None,
    refiner_option: options.RefinerOption = None,
    detector: options.Detectors = None,
    guard_option: options.GuardOption = None,
    mode: options.RunMode = None,
    screening: options.Order = None,
    max_iterations: options.MaxIterations = None,
    max_seconds: options.MaxSeconds = None,
    tau: options.Tau = None,
    tau_mild: options.TauMild = None,
    tau_severe: options.TauSevere = None,
    notice: options.Notice = False,
    guard_system: Annotated[
        bool,
        _clients("--guard-system", "Judge system messages, too: for clients that are not trusted."),
    ] = False,
    refuse_media: Annotated[
        bool, _clients("--refuse-media", "Refuse images, audio and files, which nobody judges.")
    ] = False,
    model_name: Annotated[
        list[str] | None,
        _clients(
            "--model-name", "Name under which clients ask for the model; may be repeated.",
            metavar="NAME", show_default="lance",
        ),
    ] = None,
    loosest: Annotated[
        float | None,
        _clients(
            "--loosest", "Up to which tau a request may raise the thresholds; it may lower them anyhow.",
            metavar="D", show_default="--tau",
        ),
    ] = None,
    passed: Annotated[
        list[str] | None,
        _clients(
            "--pass", "A parameter that the target knows though its class does not tell; may be repeated.",
            metavar="NAME",
        ),
    ] = None,
    on_degraded: Annotated[
        OnDegraded,
        _clients("--on-degraded", "Where a component fails: an error 503, or the prepared answer."),
    ] = OnDegraded.ERROR,
    keys: Annotated[
        Path | None, _server("--keys", "File of API keys; without, this machine alone is answered.")
    ] = None,
    new_key: Annotated[
        str | None,
        _server("--new-key", "Make a key, print it once, add its hash to --keys, stop.", metavar="ID"),
    ] = None,
    max_body: Annotated[
        int, _server("--max-body", "Largest body of a request, in bytes.", min=1)
    ] = 4_000_000,
    max_concurrent: Annotated[
        int, _server("--max-concurrent", "Most requests in work at a time.", min=1)
    ] = 64,
    timeout: Annotated[float, _server("--timeout", "Seconds that a request may take.")] = 120.0,
    page: Annotated[
        bool, _server("--page/--no-page", "A page at / that shows how a prompt is judged.")
    ] = True,
    audit: Annotated[
        Path | None, _server("--audit", "Audit log: verdicts and hashes, no content; it rotates.")
    ] = None,
    debug: options.Debug = False,
) -> None:  # fmt: skip
    """Serve OpenAI's protocol: chat completions behind LANCE, and moderations."""
    _check_installed()
    if new_key is not None:
        _print_new(keys, new_key)
        return
    context = prepare.build_context(
        context_file,
        target_options=target_option,
        refiner_options=refiner_option,
        guard_options=guard_option,
        tau=tau,
        tau_mild=tau_mild,
        tau_severe=tau_severe,
        target=target,
        refiner=refiner,
        **prepare.chosen(detector),
        mode=mode,
        screening=screening,
        max_iterations=max_iterations,
        max_seconds=max_seconds,
        notice=notice or None,
        guard_system=guard_system or None,
        unscored_parts="refuse" if refuse_media else None,
    )
    prepare.check_unattended(context)
    known = _read(keys)
    _check_host(host, known)
    settings = _settings(
        names=tuple(model_name or ("lance",)),
        max_body=max_body,
        max_concurrent=max_concurrent,
        timeout=timeout,
        on_degraded="answer" if on_degraded is OnDegraded.ANSWER else "raise",
        loosest=loosest,
        passed=frozenset(passed or ()),
        page=page,
    )
    prepare.load_models(context)
    _serve(context, settings, known, audit, host, port)


def _check_installed() -> None:
    """CliError where the extra ``serve`` is not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise CliError(
            f"serve needs {', '.join(missing)}: pip install 'langgraph-lance[serve]', or '.[serve]'"
        )


def _print_new(keys: Path | None, name: str) -> None:
    from lance_graph.server.keys import new_key

    if keys is None:
        raise UsageError("--new-key goes with --keys FILE, to which it adds the key's hash")
    try:
        key = new_key(keys, name)
    except (OSError, ValueError) as error:
        raise CliError(f"--new-key: {one_line(error)}") from error
    typer.echo(f"{keys} has its hash; the key itself is shown this once:", err=True)
    typer.echo(key)


def _read(keys: Path | None) -> "tuple[Key, ...]":
    from lance_graph.server.keys import read_keys

    if keys is None:
        return ()
    try:
        return read_keys(keys)
    except OSError as error:
        raise UsageError(f"--keys: '{keys}' cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"--keys: {error}") from None


def _check_host(host: str, keys: "tuple[Key, ...]") -> None:
    """UsageError where a server without keys would listen to others."""
    from lance_graph.server.gate import is_loopback

    if not keys and not is_loopback(host):
        raise UsageError(
            f"--host {host} is reached from other machines, and there are no keys: make one with "
            "'lance-graph serve --keys FILE --new-key ID' and give --keys FILE, or leave --host out"
        )


def _settings(loosest: float | None, **given: Any) -> "Settings":
    from lance_graph.routing import Thresholds
    from lance_graph.server.settings import Settings

    try:
        most = None if loosest is None else Thresholds.model_validate(loosest)
    except ValueError:
        raise UsageError(f"--loosest is a degree between 0 and 1, not {loosest}") from None
    try:
        return Settings(**given, loosest=most)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _serve(
    context: "LanceContext", settings: "Settings", keys: "tuple[Key, ...]", audit: Path | None,
    host: str, port: int,
) -> None:  # fmt: skip
    """Serve until told to stop; then finish what was begun, within the time of a request."""
    import uvicorn

    from lance_graph.server.app import create_app
    from lance_graph.server.logs import log_to

    try:
        app = create_app(context, settings, keys=keys, audit=audit)
    except (OSError, ValueError) as error:
        raise CliError(one_line(error)) from error
    for own in app.state.lance.contexts.values():
        prepare.load_models(own)
    log_to()
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=round(settings.timeout) + 1,
    )  # fmt: skip
    uvicorn.Server(config).run()


command = typer.Typer(add_completion=False)
command.command(epilog=EXAMPLES)(serve)
