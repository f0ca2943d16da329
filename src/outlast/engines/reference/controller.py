"""Who starts and stops members of a group: autoscalers, one evaluation after the other (R12)."""

from __future__ import annotations

from outlast.engines.reference.group import members
from outlast.engines.reference.leaves import hpa_decide, hpa_recommend
from outlast.engines.reference.source import read
from outlast.engines.reference.world import Controller, Group, Sample, World
from outlast.program.tables import SCALE


def arm(world: World, controller: Controller) -> None:
    """Publish the time of the next evaluation: k * period + phase, by multiplication."""
    time = float(controller.evaluation) * controller.period + controller.phase
    world.calendar.arm(controller.turn, time)


def turn(world: World, controller: Controller) -> None:
    """One evaluation, asleep or not: sample, recommend, remember, decide; it is an event only if it acts."""
    present = controller.group.count
    controller.samples.append(sample(world, controller))
    advice = recommend(controller, present)
    controller.advice.append(advice)
    wanted = hpa_decide(advice, max(controller.advice), present, *controller.bounds, *controller.grow,
                        *controller.shrink)  # fmt: skip
    if wanted == present or not act(world, controller, present, wanted):
        world.events -= 1
    controller.evaluation += 1
    arm(world, controller)


def sample(world: World, controller: Controller) -> Sample:
    """What the controller sees now; a metric counts as 0 while it is not listed."""
    source = controller.source
    hidden = controller.listed is not None and not controller.listed.above
    value = 0.0 if hidden else read(world, source.kind, source.object, source.field)
    return Sample(value, count(controller.ready), count(controller.missing))


def count(group: Group | None) -> int:
    """Members of an optional group."""
    return 0 if group is None else group.count


def recommend(controller: Controller, present: int) -> int:
    """By the sample of `lag` evaluations ago; as it is while there is none."""
    if len(controller.samples) <= controller.lag:
        return present
    seen = controller.samples[0]
    return int(hpa_recommend(controller.total, seen.value, seen.ready, seen.missing, present, controller.target,
                             controller.tolerance))  # fmt: skip


def act(world: World, controller: Controller, present: int, wanted: int) -> bool:
    """Signal the first members that may be started, or the last that may be stopped; whether there was one."""
    more, everyone = wanted > present, members(world, controller.group)
    tags, signal = controller.up if more else controller.down
    order = everyone if more else everyone[::-1]
    chosen = [each for each in order if tags == 0 or each.state.tags & tags][: abs(wanted - present)]
    if not chosen:
        return False
    world.cause = -2 - controller.number
    after = present + (len(chosen) if more else -len(chosen))
    if world.record.trace:
        world.record.log(world.now, SCALE, controller.number, 0, world.cause, float(present), float(after))
    for each in chosen:
        world.send(each.number, signal)
    note(world, controller, more)
    return True


def note(world: World, controller: Controller, more: bool) -> None:
    """Count the action; its meter follows."""
    controller.ups += more
    controller.downs += not more
    meter = controller.up_meter if more else controller.down_meter
    if meter is not None:
        meter.follow(float(controller.ups if more else controller.downs), world.now)
