"""What a report is made of: a result, the frames of studies beside it, and the scenario where it is at hand."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from outlast.report.readable import EVERYWHERE

if TYPE_CHECKING:
    import pandas as pd

    from outlast.run.results import Result
    from outlast.scenario.scenario import Scenario
    from outlast.study.causes import Causes


@dataclass(frozen=True)
class Material:
    """studies: frames of studies by name. scenario: None where it is not at hand, and absent says why."""

    result: Result
    studies: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    scenario: Scenario | None = None
    absent: str = ""

    @cached_property
    def variants(self) -> list[str]:
        """Names of the variants, the base first."""
        return [str(name) for name in dict.fromkeys(self.result.estimates["variant"])]

    @property
    def base(self) -> str:
        return self.variants[0] if self.variants else "base"

    @property
    def advice(self) -> str:
        """How to have the scenario at hand."""
        return "Name it: `outlast report DIR --scenario FILE`."

    @property
    def command(self) -> str:
        """What gives the same numbers again."""
        if self.result.command:
            return self.result.command
        words = ["outlast", "run", f"{self.result.scenario_name or 'scenario'}.yaml"]
        words += [word for name in self.variants[1:] for word in ("--variant", name)]
        words += (
            ["--engine", "exact"] if self.result.chains else ["-n", f"{self.result.n}", "--seed", f"{self.result.seed}"]
        )
        return shlex.join(words)

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """Those over all causes."""
        table = self.result.estimates
        return table[table["scope"] == EVERYWHERE]

    @cached_property
    def components(self) -> list[str]:
        """What the scenario is about, objectives first: components without places, links and teams if that is known."""
        table = self.estimates[self.estimates["variant"] == self.base]
        known = list(dict.fromkeys(table["component"]))
        asked = [row["component"] for row in self.result.thresholds]
        own = set(known) if self.scenario is None else set(self.scenario.components())
        return [str(name) for name in dict.fromkeys([*asked, *(one for one in known if one in own)])]

    @cached_property
    def causes(self) -> Causes:
        """Whose downtime comes from where; without its parts, which `recovery` has."""
        from outlast.run.frames import frame
        from outlast.study.causes import Causes, attributed

        return Causes(self.result, attributed(self.result), frame("cause_parts", {}), frame("without", {}))
