"""Refusals that need more than one declaration to see."""

from __future__ import annotations

import pytest

from outlast.errors import ProgramError
from outlast.program import Builder, Site, Term, request, route, value_of
from outlast.stats.distributions import deterministic, exponential


def refused(b: Builder, text: str) -> None:
    with pytest.raises(ProgramError) as caught:
        b.build()
    assert any(text in problem for problem in caught.value.problems), caught.value.problems


def test_a_clock_cannot_be_aged_in_one_row_and_not_in_another() -> None:
    b = Builder(10.0)
    life = b.lifecycle("item").state("a").state("b")
    life.after(exponential(4.0), "a", "b", clock="x", policy="aged")
    life.after(exponential(4.0), "b", "a", clock="x", policy="resume")
    b.cohort("u", life)
    refused(b, "clock 'x' is 'aged' in one row and not in another")


def test_a_route_that_the_service_does_not_have() -> None:
    b = Builder(10.0)
    b.profile("demand", 1.0, [(0.0, 5.0)])
    b.group("ready")
    b.service("w", value_of("demand"), [Site("s", (Term("ready", capacity=1.0),))])
    life = b.lifecycle("switch").state("a").after(deterministic(1.0), "a", do=[route("w", 7)])
    b.cohort("u", life, member={"ready": ["a"]})
    refused(b, "'w' has no route 7")


def test_two_units_cannot_drive_one_stock() -> None:
    b = Builder(10.0)
    b.stock("progress")
    life = b.lifecycle("job").state("a", rate=1.0)
    b.cohort("u", life, 2, drives="progress")
    refused(b, "stock 'progress': 2 units drive it")


def test_a_calendar_of_half_people() -> None:
    b = Builder(10.0)
    b.profile("shift", 4.0, [(0.0, 1.5), (2.0, 0.0)])
    b.pool("crew", profile="shift")
    refused(b, "profile 'shift' must have whole numbers")


def test_a_grant_nobody_hears_in_the_state_a_cohort_starts_in() -> None:
    b = Builder(10.0)
    b.pool("crew", 1)
    life = b.lifecycle("item").state("a").state("n").after(deterministic(1.0), "n", "a", do=[request("crew")])
    b.cohort("u", life, start="n")
    refused(b, "a grant of 'crew' may arrive but no row listens")
