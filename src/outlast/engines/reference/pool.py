"""Who holds the tokens: requests, priorities, preemption (R9)."""

from __future__ import annotations

from outlast.engines.reference.world import Claim, Pool, Unit, World
from outlast.program.tables import FREE, HELD, NONE, QUEUED


def follow(world: World, pool: Pool) -> None:
    """R9: every change of free or of the queue updates the meters and makes the dependents dirty."""
    if pool.held_meter is not None:
        pool.held_meter.follow(float(pool.capacity - pool.free), world.now)
    if pool.queue_meter is not None:
        pool.queue_meter.follow(float(pool.queued()), world.now)
    world.mark(pool.dependents)


def request(
    world: World,
    unit: Unit,
    slot: int,
    pool: Pool,
    priority: int,
    amount: int,
    grant: int,
    revoked: int,
    preempts: bool,
) -> None:
    """R9: a live claim of the slot is first given up; a new ticket joins the queue of its priority; serve."""
    if slot in unit.claims:
        give_up(world, unit.claims[slot])
    world.tickets += 1
    claim = Claim(unit, pool, priority, amount, grant, preempts, revoked, world.tickets, QUEUED)
    unit.claims[slot] = claim
    pool.queues[priority].append(claim)
    follow(world, pool)
    serve(world, pool)


def release(world: World, unit: Unit, slot: int) -> None:
    """Give the claim up whatever its status, then serve its pool."""
    claim = unit.claims.get(slot)
    if claim is not None:
        give_up(world, claim)
        serve(world, claim.pool)


def give_up(world: World, claim: Claim) -> None:
    """R9: a queued claim leaves the queue, a held one returns its amount, a free one does nothing."""
    pool, status = claim.pool, claim.status
    if status == FREE:
        return
    if status == QUEUED:
        pool.queues[claim.priority].remove(claim)
    else:
        pool.held[claim.priority].remove(claim)
        pool.free += claim.amount
    claim.status = FREE
    follow(world, pool)


def resize(world: World, pool: Pool, by: int) -> None:
    """Capacity and free change by the same number, then serve; free may become negative."""
    if by != 0:
        pool.capacity += by
        pool.free += by
        follow(world, pool)
    serve(world, pool)


def head(pool: Pool) -> Claim | None:
    """The oldest claim of the best priority that waits."""
    return next((queue[0] for queue in pool.queues if queue), None)


def serve(world: World, pool: Pool) -> None:
    """R9: grant from the head on; a head that does not fit blocks everybody."""
    while (first := head(pool)) is not None:
        if pool.free < first.amount and first.preempts:
            preempt(world, pool, first)
        if pool.free < first.amount:
            return
        grant(world, pool, first)


def grant(world: World, pool: Pool, claim: Claim) -> None:
    """The head leaves the queue and holds its amount; its grant signal is queued."""
    pool.queues[claim.priority].popleft()
    pool.free -= claim.amount
    claim.status = HELD
    pool.held[claim.priority].append(claim)
    follow(world, pool)
    if claim.grant != NONE:
        world.send(claim.unit.number, claim.grant, claim)


def preempt(world: World, pool: Pool, first: Claim) -> None:
    """R9: if that makes enough room, victims one by one: of the worst priority held, the latest granted."""
    worse = pool.held[first.priority + 1 :]
    if pool.free + sum(claim.amount for held in worse for claim in held) < first.amount:
        return
    while pool.free < first.amount:
        victim = next(held[-1] for held in reversed(worse) if held)
        give_up(world, victim)
        world.send(victim.unit.number, victim.revoked)


def deliverable(claim: Claim | None) -> bool:
    """R6: a grant is delivered only if its ticket is still held."""
    return claim is None or claim.status == HELD
