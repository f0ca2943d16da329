"""Weibull law: failure rate falls (shape < 1) or rises (shape > 1) with age.

Native parameters: a = scale, s; b = shape; c unused. P(X > x) = exp(-(x / a)^b).
"""

from __future__ import annotations

import math

from outlast.compiled import kernel

SMALLEST_WEIBULL_SHAPE, LARGEST_WEIBULL_SHAPE = 0.05, 1000.0  # outside: overflow, or one number


@kernel
def weibull_tails(a: float, b: float, c: float, x: float) -> tuple[float, float]:
    """(P(X <= x), P(X > x))."""
    t = x / a
    if t <= 0.0:  # also where the quotient underflows
        return 0.0, 1.0
    log_hazard = b * math.log(t)
    if log_hazard > 7.0:  # exp(-exp(7)) is zero in double precision
        return 1.0, 0.0
    hazard = math.exp(log_hazard)
    return -math.expm1(-hazard), math.exp(-hazard)


@kernel
def weibull_inverse(a: float, b: float, c: float, p: float, q: float) -> float:
    """x with P(X <= x) = p = 1 - q; the smaller of p and q decides."""
    hazard = -math.log1p(-p) if p <= q else -math.log(q)
    return a * math.exp(math.log(hazard) / b)


@kernel
def weibull_residual(a: float, b: float, age: float, u: float) -> float:
    """Remaining delay at this age: a ((age / a)^b - ln(1 - u))^(1/b) - age, right at any age.

    Written as age ((1 + x)^(1/b) - 1) with x = -ln(1 - u) / (age / a)^b where that is the more exact form.
    """
    drawn = -math.log1p(-u)
    if age <= 0.0:
        return a * math.exp(math.log(drawn) / b)
    log_hazard = b * math.log(age / a)
    if log_hazard > 700.0 or log_hazard < -700.0:  # exp would overflow or vanish
        return age * math.expm1(math.log1p(drawn * math.exp(min(-log_hazard, 700.0))) / b)
    return age * math.expm1(math.log1p(drawn / math.exp(log_hazard)) / b)


@kernel
def weibull_within(a: float, b: float, age: float, more: float) -> float:
    """P(X <= age + more | X > age) = 1 - exp(-((age + more) / a)^b + (age / a)^b), right where it is small."""
    if more <= 0.0:
        return 0.0
    if age <= 0.0:
        log_hazard, growth = b * math.log(more / a), 1.0
    else:
        log_hazard, growth = b * math.log(age / a), math.expm1(b * math.log1p(more / age))
    return -math.expm1(-math.exp(min(log_hazard, 700.0)) * growth)


def weibull_moments(a: float, b: float, c: float) -> tuple[float, float]:
    """(mean, variance), s and s^2. Source: Johnson, Kotz, Balakrishnan, Continuous Univariate
    Distributions 1, 2nd ed., ch. 21.
    """
    first, second = math.gamma(1.0 + 1.0 / b), math.gamma(1.0 + 2.0 / b)
    return a * first, a * a * (second - first * first)
