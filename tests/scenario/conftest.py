"""A platform of every kind to make mistakes in, and what every refusal must look like."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from outlast.errors import OutlastError, ScenarioError
from outlast.scenario import loads

INSIDES = ("Traceback", "pydantic", "validation error", "Input should", "object at 0x", "KeyError")


@pytest.fixture(scope="session")
def platform() -> str:
    """The text of a scenario of every kind."""
    return Path(__file__).with_name("platform.yaml").read_text()


@pytest.fixture(scope="session")
def check_words() -> Callable[[OutlastError], None]:
    """check_words(error): plain and printable words, no names of our insides; the error survives pickling."""

    def check(error: OutlastError) -> None:
        said = str(error)
        assert said.strip()
        assert all(c.isprintable() or c == "\n" for c in said)
        for inside in INSIDES:
            assert inside not in said
        assert str(pickle.loads(pickle.dumps(error))) == said

    return check


@pytest.fixture(scope="session")
def problems(check_words) -> Callable[[str], list[Any]]:
    """problems(text): those of a text that must be refused."""

    def refused(text: str) -> list[Any]:
        with pytest.raises(ScenarioError) as caught:
            loads(text)
        check_words(caught.value)
        return caught.value.problems

    return refused
