"""`outlast bench`: what it counts is exact; of what it times only the form is looked at."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Callable

import pytest
from click.testing import Result

from outlast.run import cost as costs
from outlast.run import first_call

Cli = Callable[..., Result]

TEXT = """\
clockwork: 2 replications of 95 d, seed 1

component  source   events/replication     events/year   share
db         unit                   18.0            69.2  100.0%
all                               18.0            69.2

time      # ns/event (# to # over # rounds, one thread), # ms per simulated year
          of a replication, # ms are its start
profiles  # steps per simulated year
log       # rows per replication: outage #
memory    # kB per replication: # kB for its log, # B per unit (units: #)
          # kB for the program, shared
compile   from the cache: # s, after # s of imports, in a new process
          with an empty cache: not measured (--cold does)
threads   # are # times as fast as one (# s against # s for # replications, same results)
          and use # times its processor time
"""


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """As few rounds and compared replications as there may be."""
    monkeypatch.setattr(costs, "ENOUGH_S", 0.0)
    monkeypatch.setattr(costs, "COMPARED_S", 0.0)


def masked(text: str) -> str:
    """The text with a # for every number below the table: most of them depend on the machine."""
    table, gap, figures = text.partition("\n\ntime")
    return table + gap + re.sub(r"\d[\d,]*(\.\d+)?(e[+-]\d+)?", "#", figures)


def test_the_whole_output(cli: Cli) -> None:
    result = cli("bench clockwork.yaml -n 2 --threads 2 -q")
    assert (result.exit_code, result.stderr) == (0, "")
    assert masked(result.stdout) == TEXT


def test_json_is_one_document(cli: Cli) -> None:
    result = cli("bench random.yaml --json -n 3 --seed 5 --threads 1")
    document = json.loads(result.stdout)
    assert (document["scenario"], document["seed"], document["replications"]) == ("random", 5, 3)
    assert document["threads"] is None and document["first_replication_cold"] is None
    assert sum(row["events"] for row in document["events"]) == pytest.approx(document["events_per_replication"])


def test_variants_and_changes_count(cli: Cli) -> None:
    """Down for 3 d instead of 1 d, then for 4 d: 9 + 3 d and 9 + 4 d into 95 d."""
    words = "bench clockwork.yaml --json -n 1 --threads 1 --variant slow"
    slow = json.loads(cli(words).stdout)
    slower = json.loads(cli(f"{words} --set components.db.repair.lasts=4d").stdout)
    assert (slow["events_per_replication"], slower["events_per_replication"]) == (15.0, 14.0)


def test_cold_is_measured_on_demand(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compilation itself is left out: it takes a minute."""
    monkeypatch.setattr(first_call, "cold", lambda: {"import_s": 1.0, "first_s": 59.0})
    result = cli("bench clockwork.yaml -n 1 --threads 1 --cold")
    assert "with an empty cache: 59.00 s, after 1.00 s of imports, in a new process" in result.stdout
    assert result.stderr == "compiling with an empty cache comes last and takes about a minute\n"


def test_cold_starts_from_an_empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child gets a folder of its own, which nothing else can have filled, and no other cache wins."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", "elsewhere")
    seen = []

    def run(command, env, **options):
        seen.append((env["OUTLAST_CACHE_DIR"], "NUMBA_CACHE_DIR" in env))
        return subprocess.CompletedProcess(command, 0, '{"import_s": 1, "first_s": 2}')

    monkeypatch.setattr(subprocess, "run", run)
    assert first_call.cold() == {"import_s": 1.0, "first_s": 2.0}
    assert [("outlast-cold-" in folder, wins) for folder, wins in seen] == [(True, False)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("bench clockwork.yaml --threads 0", "a whole number is needed, 1 to 1024 (got '0')"),
        ("bench clockwork.yaml -n 0", "a whole number is needed, 1 to 10000000 (got '0')"),
        ("bench clockwork.yaml --variant slwo", "slwo"),
        ("bench clockwork.yaml --replication 3", "no such option"),
        ("bench none.yaml", "none.yaml"),
    ],
)
def test_what_cannot_be_measured_is_one_message(cli: Cli, words: str, said: str) -> None:
    result = cli(words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ") and said in result.stderr.splitlines()[0]


def test_a_signal_ends_it_with_130(spawn) -> None:
    process = spawn("bench", "random.yaml", "--set", "horizon=300 y", "-n", "100000", "--cold")
    assert process.stderr.readline().startswith("compiling with an empty cache")
    process.send_signal(signal.SIGTERM)
    out, said = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert said == "\nstopping: nothing is kept of a measurement\ninterrupted\n"
