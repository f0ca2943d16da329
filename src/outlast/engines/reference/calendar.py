"""When does what happen next: SimPy's event queue, with exact times and the order of R2."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from math import inf
from typing import Any

from simpy import Environment
from simpy.events import Event


class Turn(Event):
    """The armed next time of one source."""

    def __init__(self, calendar: Calendar, number: int, time: float) -> None:
        super().__init__(calendar)
        self.number = number
        self.time = time
        self._ok = True
        self._value = None
        self.callbacks.append(calendar.deliver)


class Calendar(Environment):
    """An environment whose events are turns of numbered sources; `turn(number)` handles one."""

    def __init__(self, turn: Callable[[int], None]) -> None:
        super().__init__(0.0)
        self.turn = turn
        self.armed: dict[int, Turn] = {}

    def schedule_at(self, event: Event, time: float, priority: int) -> None:
        """Queue an event at an absolute time, unrounded (R1): `schedule` would add a delay to now."""
        queue: list[Any] = self._queue  # SimPy types priorities as its own enumeration
        heappush(queue, (time, priority, next(self._eid), event))

    def arm(self, number: int, time: float) -> None:
        """Publish the next time of a source, +inf if idle (R2). Its earlier turn, if any, becomes stale."""
        armed = self.armed.get(number)
        if armed is not None and armed.time == time:
            return
        if time == inf:
            self.armed.pop(number, None)
            return
        turn = Turn(self, number, time)
        self.armed[number] = turn
        self.schedule_at(turn, time, number)

    def deliver(self, event: Event) -> None:
        """Give the source its turn, unless it has been armed anew meanwhile."""
        assert isinstance(event, Turn)
        if self.armed.get(event.number) is event:
            del self.armed[event.number]
            self.turn(event.number)

    def run_to(self, horizon: float) -> None:
        """Handle every turn before the horizon (R1: an event at the horizon does not happen)."""
        while self.peek() < horizon:
            self.step()
