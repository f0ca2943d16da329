"""`outlast import kubernetes`: manifests as a scaffold of a scenario."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from outlast.cli import files, messages, options
from outlast.errors import printable


@click.command(short_help="Read Kubernetes manifests as a scaffold of a scenario.")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--name", default="from-kubernetes", show_default=True, metavar="NAME", help="Name of the scenario.")
@click.option("--region", default="", metavar="NAME", help="Region. [default: the label of the nodes, else `cluster`]")
@click.option("--zones", default="", metavar="A,B,...", help="Zones. [default: labels of nodes, else affinities]")
@click.option("--strict", is_flag=True, help="Exit with 2 if anything was left out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@files.output
@options.talk
@click.pass_context
def kubernetes(
    context: click.Context,
    paths: tuple[str, ...],
    name: str,
    region: str,
    zones: str,
    strict: bool,
    as_json: bool,
    output: str | None,
) -> None:
    """Read Deployments, StatefulSets, autoscalers, disruption budgets, services and nodes of FILE... (`-` is standard
    input) as a scenario to complete.

    Manifests do not say how often things fail, how long starts take, or what the load is: placeholders for these are
    marked `to be measured` in the YAML and listed on stderr, as is every part that is not read.
    """
    from outlast.exchange.kubernetes_read import read_cluster  # imported here: it brings the kinds, and with them numba
    from outlast.exchange.kubernetes_write import scaffold

    made = scaffold(read_cluster(paths), name, region, tuple(zone.strip() for zone in zones.split(",") if zone.strip()))
    made.check()
    files.left_out(context, made.left_out, strict=strict)
    if as_json:
        document = {
            "scenario": made.data(),
            "to_be_measured": [{"path": path, "placeholder": value} for path, value in made.to_measure()],
            "left_out": [asdict(problem) for problem in made.left_out],
        }
        files.write(context, json.dumps(document, indent=2, ensure_ascii=False) + "\n", output)
        return
    files.write(context, made.text(), output)
    if not options.session(context).quiet:
        messages.note("to be measured (placeholders until then):")
        for path, value in made.to_measure():
            messages.note(f"  {printable(path)}: {value}")
        messages.note("  hint: manifests do not say what needs what: add `needs:` where a component needs another")
