"""The exact engine: the Markov chain of a program with exponential delays, enumerated and solved."""

from outlast.engines.exact.refusal import check
from outlast.engines.exact.solution import Solution
from outlast.program.program import Program

STATE_LIMIT = 200_000

__all__ = ["STATE_LIMIT", "Solution", "solve"]


def solve(program: Program, limit: int = STATE_LIMIT) -> Solution:
    """Enumerate and solve a program. limit: states, at most.

    Raises NotMarkovError for what has no Markov meaning, TooManyStatesError beyond the limit.
    """
    from outlast.engines.exact.explore import enumerated

    check(program)
    return Solution(enumerated(program, limit))
