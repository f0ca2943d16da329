"""Laws of failure and repair from incidents, with intervals and with what speaks against them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from outlast.errors import UsageError, nearest_hint
from outlast.kinds import laws
from outlast.run.results import as_json
from outlast.stats import clustering
from outlast.stats.censored import (
    LEAST_EVENTS,
    Fit,
    NoFitError,
    candidates,
    count_interval,
    goodness,
    interval,
)
from outlast.stats.lifetimes import EXPONENTIAL, FAMILIES, OPEN, QUIET, Sample
from outlast.study.renewals import History, Observed, history, lives, plural, repairs, tidied, time_up

LEVEL = 0.95
FAILURE, REPAIR = "time_to_failure", "repair"
EVERYTHING = ""  # the component of checks on all incidents together
WORSE_BY = 2.0  # of Akaike's criterion, which a law with fewer parameters may be
ALARM = 0.01  # p-values of checks
POOR = 0.05  # p-value of a fit
CORRELATED = 0.5
MOST_TESTED = 20_000  # rows of a sample whose fit is tested
COUNTED = "count, exact"
PROFILE = "profile likelihood"
LAWS = ("component", "of", "law", "chosen", "events", "censored", "total_s", "mean_s", "log_likelihood", "aic",
        "anderson_darling", "p", "note")  # fmt: skip
PARAMETERS = ("component", "of", "law", "parameter", "value", "ci_low", "ci_high", "level", "n", "unit", "method")
CHECKS = ("component", "check", "statistic", "expected", "p", "alarm")


@dataclass(frozen=True)
class Law:
    """The chosen law of one component. intervals: by parameter. counted: known by a count in an exposure alone."""

    component: str
    of: str
    family: str
    values: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    events: int
    total_s: float
    counted: bool
    fit: Fit | None = None


class Calibration:
    """What a list of incidents says.

    laws: frame of all laws tried, per component and `of` (time_to_failure, repair); times in s.
    parameters: frame of the chosen ones with intervals.  checks: frame of tests for clustering, per component and
    (named "") of all incidents together; expected: the statistic if incidents were independent.
    incidents: the frame read.
    warnings: sentences.  chosen: the laws as objects, for figures and the fragment.
    """

    def __init__(self, incidents: pd.DataFrame, observed: Observed, level: float) -> None:
        self.incidents, self.observed, self.level = incidents, observed, level
        self.chosen: list[Law] = []
        self.fits: dict[tuple[str, str], list[Fit]] = {}
        self.histories: dict[str, History] = {}
        self.warnings: list[str] = []
        self.notes: list[str] = list(incidents.attrs.get("notes", []))
        self._laws: list[dict[str, Any]] = []
        self._checks: list[dict[str, Any]] = []

    @property
    def components(self) -> list[str]:
        return list(self.histories)

    @property
    def laws(self) -> pd.DataFrame:
        return pd.DataFrame(self._laws, columns=list(LAWS))

    @property
    def parameters(self) -> pd.DataFrame:
        rows = [
            {"component": law.component, "of": law.of, "law": law.family, "parameter": name, "value": value,
             "ci_low": law.intervals[name][0], "ci_high": law.intervals[name][1], "level": self.level, "n": law.events,
             "unit": "1" if name in ("shape", "sigma") else "s",
             "method": COUNTED if law.family == EXPONENTIAL.name else PROFILE}
            for law in self.chosen for name, value in law.values.items()
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(PARAMETERS))

    @property
    def checks(self) -> pd.DataFrame:
        return pd.DataFrame(self._checks, columns=list(CHECKS))

    def law(self, component: str, of: str) -> Law | None:
        """The chosen law, None where there is none."""
        return next((law for law in self.chosen if (law.component, law.of) == (component, of)), None)

    def fragment(self) -> str:
        """A piece of a scenario in YAML: `components:` with what is known of their parameters."""
        from outlast.study.fragment import fragment

        return fragment(self)

    def to_json(self) -> str:
        """All frames but the incidents, the warnings and notes."""
        tables = {name: getattr(self, name).to_dict("records") for name in ("laws", "parameters", "checks")}
        return as_json({"incidents": len(self.incidents), **tables, "warnings": self.warnings, "notes": self.notes,
                        "fragment": self.fragment()})  # fmt: skip

    def __repr__(self) -> str:
        return f"<Calibration of {len(self.components)} components from {len(self.incidents)} incidents>"

    def _repr_html_(self) -> str:
        html: str = self.parameters.to_html(index=False, float_format="{:.4g}".format)
        return html

    def record(self, **row: Any) -> None:
        """Add a row to the frame of laws."""
        self._laws.append(
            {**dict.fromkeys(("mean_s", "log_likelihood", "aic", "anderson_darling", "p"), math.nan), **row}
        )

    def check(self, component: str, found: Sequence[clustering.Check]) -> None:
        """Add rows to the frame of checks, and say what is alarming."""
        for one in found:
            alarm = one.p < ALARM
            self._checks.append({"component": component, "check": one.name, "statistic": one.statistic,
                                 "expected": one.expected, "p": one.p, "alarm": alarm})  # fmt: skip
            if alarm:
                self.warnings.append(f"{component or 'all incidents'}: {_alarm(one)}")


def _alarm(one: clustering.Check) -> str:
    odds = f"p {'<' if one.p < 0.001 else '='} {max(one.p, 0.001):.1g}"
    if one.name == "trend":
        way = "more" if one.statistic > 0 else "less"
        return (
            f"incidents become {way} frequent (Laplace's test, {odds}): one law for the whole time averages over that"
        )
    if one.name == "concurrent":
        counts = f"{one.statistic:.0f} incidents begin within an hour of another, {one.expected:.2g} expected by chance"
        return f"{counts} ({odds}): a common cause; model it as a shock, or as an outage of their zone or provider"
    what = "some units fail more often than others" if one.name == "units" else "incidents come in clusters"
    return f"{what} (variance of counts {one.statistic:.3g} times that of independent ones, {odds}): " + (
        "one law for all averages over them; see `lemons`" if one.name == "units" else "intervals are too narrow"
    )


def calibrated(
    incidents: pd.DataFrame, observed: Observed, level: float = LEVEL, failure_law: str = "", repair_law: str = ""
) -> Calibration:
    """Fit the laws of every component of a frame of incidents (columns component, unit, start, end).

    failure_law, repair_law: the family, else the one with the least AIC, exponential if that is within 2.
    Raises UsageError for what cannot be meant.
    """
    if not 0.5 <= level < 1.0:
        raise UsageError(f"the level of intervals must be from 50 % to below 100 % (got {level:g})")
    for law in (failure_law, repair_law):
        if law and law not in FAMILIES:
            raise UsageError(f"unknown law (got {law!r})", nearest_hint(law, FAMILIES, "laws"))
    incidents = tidied(incidents)
    found = Calibration(incidents, observed, level)
    if observed.until is None and incidents["end"].isna().any():
        still = plural(int(incidents["end"].isna().sum()), "incident")
        raise UsageError(f"{still} still open, and nothing says when that was",
                         "give the time of the export: --until 2026-07-01")  # fmt: skip
    if observed.units is None and observed.exposure is None:
        found.notes.append("no exposure is known, so durations only are fitted; "
                           "times to failure need --units with --from and --until, or --exposure")  # fmt: skip
    grouped = dict(list(incidents.groupby("component", sort=True)))
    nothing = incidents.iloc[:0]
    for name in dict.fromkeys([*map(str, grouped), *observed.named()]):
        one = history(name, grouped.get(name, nothing), observed)
        found.histories[name] = one
        _failures(found, one, failure_law)
        _repairs(found, one, repair_law)
        found.check(name, clustering.checked(_starts([one]), one.since, one.until))
        _uneven(found, one)
        found.notes += [f"{name}: {note}" for note in one.notes]
    if len(found.histories) > 1:
        ends = next(iter(found.histories.values()))
        together = clustering.checked(_starts(list(found.histories.values())), ends.since, ends.until)
        found.check(EVERYTHING, [one for one in together if one.name == "concurrent"])
    return found


def _starts(histories: Sequence[History]) -> np.ndarray:
    return np.array(sorted(one.start for each in histories for one in each.outages))


def _failures(found: Calibration, one: History, wanted: str) -> None:
    """The law of the time to failure: from the lives of units, else a count in an exposure, else none."""
    units, exposure = found.observed.units_of(one.component), found.observed.exposure_of(one.component)
    if units is not None:
        exposure = time_up(one, units)
        if _units_known(one, units):
            sample = lives(one, units, found.observed.age)
            if sample.events:
                _choose(found, one.component, FAILURE, sample, wanted)
                return
        else:
            one.notes.append("incidents do not name their units, so times between failures are not known: "
                             "exponential by count and exposure")  # fmt: skip
    if exposure is None:
        if found.observed.named():
            one.notes.append("neither its units nor its exposure is given: durations only")
        return
    if wanted not in ("", EXPONENTIAL.name):
        _otherwise(found, one.component, FAILURE, wanted, "that needs failures of named units between two dates")
    _counted(found, one.component, len(one.outages), exposure)


def _otherwise(found: Calibration, component: str, of: str, wanted: str, why: str) -> None:
    found.warnings.append(f"{component}: no {wanted} law of {of.replace('_', ' ')} ({why}); another one is taken")


def _units_known(one: History, units: int) -> bool:
    """Whether every outage can be laid to a unit. Raises UsageError for more units than there are."""
    if len(one.by_unit) > units:
        names = f"{len(one.by_unit):,} units ({', '.join(list(one.by_unit)[:3])}, ...)"
        raise UsageError(f"{one.component}: incidents name {names}, but there are {units:,}",
                         "correct --units, or map another column: --columns unit=...")  # fmt: skip
    return "" not in one.by_unit


def _counted(found: Calibration, component: str, events: int, exposure: float) -> None:
    """An exponential law by its count: without an event the mean is that of half an event."""
    mean = exposure / max(events, 0.5)
    height = events * math.log(events / exposure) - events if events else 0.0
    found.record(component=component, of=FAILURE, law=EXPONENTIAL.name, chosen=True, events=events, censored=0,
                 total_s=exposure, mean_s=mean, log_likelihood=height, aic=2.0 - 2.0 * height,
                 note="by count and exposure")  # fmt: skip
    ends = count_interval(events, exposure, found.level)
    found.chosen.append(
        Law(component, FAILURE, EXPONENTIAL.name, {"mean": mean}, {"mean": ends}, events, exposure, counted=True)
    )


def _repairs(found: Calibration, one: History, wanted: str) -> None:
    sample = repairs(one)
    if sample is None:
        return
    if not sample.events:
        one.notes.append("no incident has ended: no time to repair")
        return
    _choose(found, one.component, REPAIR, sample, wanted)


def _choose(found: Calibration, component: str, of: str, sample: Sample, wanted: str) -> None:
    """Fit every law, choose one whose parameters all have intervals, and record what was seen."""
    fits, refused = candidates(sample, list(FAMILIES.values()))
    least = min(fit.aic for fit in fits)
    order = sorted(fits, key=lambda fit: (fit.family.name != wanted, _preferred(fit, least)))
    chosen: Law | None = None
    for fit in order:
        try:
            chosen = _settled(component, of, fit, found.level)
            break
        except NoFitError as error:
            refused[fit.family.name] = str(error)
    assert chosen is not None  # an exponential law always has an interval
    if wanted and chosen.family != wanted:
        _otherwise(found, component, of, wanted, refused[wanted])
    found.chosen.append(chosen)
    found.fits[component, of] = [chosen.fit, *(fit for fit in fits if fit is not chosen.fit)] if chosen.fit else fits
    _tabulate(found, component, of, fits, refused, chosen)


def _preferred(fit: Fit, least: float) -> float:
    return -math.inf if fit.family is EXPONENTIAL and fit.aic <= least + WORSE_BY else fit.aic


def _settled(component: str, of: str, fit: Fit, level: float) -> Law:
    """The law with its intervals; that of an exponential is exact."""
    sample = fit.sample
    if fit.family is EXPONENTIAL:
        ended = bool(np.isin(sample.kind, (OPEN, QUIET)).sum() == 0)
        ends = {"mean": count_interval(sample.events, sample.total, level, to_the_last=ended)}
    else:
        _possible(fit, {name: (value, value) for name, value in fit.values.items()})
        ends = {name: interval(fit, name, level) for name in fit.values}
        _possible(fit, ends)
    return Law(component, of, fit.family.name, fit.values, ends, sample.events, sample.total,
               counted=fit.family is EXPONENTIAL, fit=fit)  # fmt: skip


def _possible(fit: Fit, ends: dict[str, tuple[float, float]]) -> None:
    """Raises NoFitError where a scenario cannot have such a law."""
    for name, both in ends.items():
        for end in both:
            try:
                laws.FAMILIES[fit.family.name].build(**{**fit.values, name: end})
            except ValueError as error:
                raise NoFitError(str(error)) from None


def _tabulate(
    found: Calibration, component: str, of: str, fits: Sequence[Fit], refused: dict[str, str], chosen: Law
) -> None:
    sample, what = fits[0].sample, of.replace("_", " ")
    about = {"component": component, "of": of, "events": sample.events, "censored": len(sample) - sample.events,
             "total_s": sample.total}  # fmt: skip
    for fit in fits:
        test = goodness(fit) if len(sample) <= MOST_TESTED and sample.events >= LEAST_EVENTS else None
        found.record(**about, law=fit.family.name, chosen=fit.family.name == chosen.family,
                     mean_s=float(np.exp(fit.family.log_mean(fit.theta))),
                     log_likelihood=fit.log_likelihood, aic=fit.aic,
                     anderson_darling=test.statistic if test else math.nan, p=test.p if test else math.nan,
                     note=refused.get(fit.family.name, ""))  # fmt: skip
        if fit is chosen.fit and test is not None and test.p < POOR:
            found.warnings.append(f"{component}: the {chosen.family} law does not fit {what} well "
                                  f"(Anderson-Darling, p = {test.p:.2g})")  # fmt: skip
        if fit is chosen.fit and abs(fit.correlation) > CORRELATED:
            first, second = fit.family.parameters
            found.warnings.append(f"{component}: {first} and {second} of {what} are known better together "
                                  f"than apart (correlation {fit.correlation:.2f}): as two intervals they overstate "
                                  "what is uncertain")  # fmt: skip
    for name, why in refused.items():
        if all(fit.family.name != name for fit in fits):
            found.record(**about, law=name, chosen=False, note=why)


def _uneven(found: Calibration, one: History) -> None:
    """Whether all units fail alike, where it is known which failed."""
    units = found.observed.units_of(one.component)
    if units is None or units == 1 or "" in one.by_unit or len(one.outages) < clustering.LEAST_EVENTS:
        return
    counts = np.zeros(units)
    for place, outages in enumerate(one.by_unit.values()):
        counts[place] = sum(one.watched(outage.start) for outage in outages)
    found.check(one.component, [clustering.dispersion("units", counts)])
