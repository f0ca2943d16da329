"""Programs in which some failures never happen."""

from __future__ import annotations

import numpy as np
import pytest

import outlast
from outlast.errors import UsageError
from outlast.program.without import NEVER_S, chosen, origins, without

TEXT = """\
scenario: two
horizon: 10 d
regions: {north: {zones: {a: {outage: {every: {exponential: 3 d}, lasts: 1 h}}, b: {outage: {every: {at: [1 d]}, lasts: 1 h}}}}}
components:
  db: {kind: component, at: north.a, time_to_failure: {weibull: {mean: 2 d, shape: 0.8}}, repair: {lasts: 2 h}}
"""


def test_what_fails_by_itself_is_known_by_scope_and_source() -> None:
    known = origins(outlast.loads(TEXT).program())
    assert known == [("zone", "north.a"), ("zone", "north.b"), ("item", "db")]
    assert chosen(known, "zone") == known[:2]
    assert chosen(known, "north.b") == chosen(known, "zone north.b") == known[1:2]
    with pytest.raises(UsageError, match="nothing fails by itself under the name 'north'"):
        chosen(known, "north")


@pytest.mark.parametrize(("name", "rows"), [("zone", 2), ("north.b", 1), ("db", 1)])
def test_only_the_delays_of_its_failures_change(name: str, rows: int) -> None:
    before = outlast.loads(TEXT).program()
    after = without(before, name)
    changed = np.flatnonzero(before.tables["transitions"] != after.tables["transitions"])
    assert len(changed) == rows
    laws = after.tables["dists"][after.tables["transitions"]["dist"][changed]]
    assert (laws["a"] == NEVER_S).all()
    assert after.names.laws == (*before.names.laws, "never")
    for table in set(before.tables) - {"transitions", "dists"}:
        assert after.tables[table] is before.tables[table]
