"""Normal quantile and incomplete gamma function: the two special functions that the laws need.

Everything here uses only + - * /, sqrt, exp, log and log1p, which give the same bits compiled and interpreted
(lgamma does not: Python and Numba carry different implementations, so no compiled function calls it).
"""

from __future__ import annotations

import math

from outlast.compiled import kernel

HALF_LOG_2PI = 0.9189385332046727
TINY, EPSILON = 1e-300, 2.0**-53
MOST_TERMS = 4000  # the expansions below need about 10 * sqrt(shape) terms, shape <= 1e4


@kernel
def ndtri(p: float, q: float) -> float:
    """Standard normal quantile of p, where q = 1 - p is passed too so that both tails are accurate.

    p, q strictly inside (0, 1). Relative accuracy about 1e-16. One long function, because every compiled
    function costs a tenth of a second once: a ratio of polynomials for the centre, the shoulders, and the far
    tails. Source: Wichura (1988), algorithm AS 241, routine PPND16, doi:10.2307/2347330.
    """
    d = 0.5 * (p - q)
    if abs(d) <= 0.425:
        r = 0.180625 - d * d
        top = 3.3430575583588128105e4 + r * 2.5090809287301226727e3
        top = 4.5921953931549871457e4 + r * (6.7265770927008700853e4 + r * top)
        top = 1.9715909503065514427e3 + r * (1.3731693765509461125e4 + r * top)
        top = 3.3871328727963666080e0 + r * (1.3314166789178437745e2 + r * top)
        low = 2.8729085735721942674e4 + r * 5.2264952788528545610e3
        low = 2.1213794301586595867e4 + r * (3.9307895800092710610e4 + r * low)
        low = 6.8718700749205790830e2 + r * (5.3941960214247511077e3 + r * low)
        return d * top / (1.0 + r * (4.2313330701600911252e1 + r * low))
    r = math.sqrt(-math.log(min(p, q)))
    if r <= 5.0:
        r -= 1.6
        top = 2.27238449892691845833e-2 + r * 7.74545014278341407640e-4
        top = 1.27045825245236838258e0 + r * (2.41780725177450611770e-1 + r * top)
        top = 5.76949722146069140550e0 + r * (3.64784832476320460504e0 + r * top)
        top = 1.42343711074968357734e0 + r * (4.63033784615654529590e0 + r * top)
        low = 5.47593808499534494600e-4 + r * 1.05075007164441684324e-9
        low = 1.48103976427480074590e-1 + r * (1.51986665636164571966e-2 + r * low)
        low = 1.67638483018380384940e0 + r * (6.89767334985100004550e-1 + r * low)
        z = top / (1.0 + r * (2.05319162663775882187e0 + r * low))
    else:
        r -= 5.0
        top = 2.71155556874348757815e-5 + r * 2.01033439929228813265e-7
        top = 2.65321895265761230930e-2 + r * (1.24266094738807843860e-3 + r * top)
        top = 1.78482653991729133580e0 + r * (2.96560571828504891230e-1 + r * top)
        top = 6.65790464350110377720e0 + r * (5.46378491116411436990e0 + r * top)
        low = 1.42151175831644588870e-7 + r * 2.04426310338993978564e-15
        low = 7.86869131145613259100e-4 + r * (1.84631831751005468180e-5 + r * low)
        low = 1.36929880922735805310e-1 + r * (1.48753612908506148525e-2 + r * low)
        z = top / (1.0 + r * (5.99832206555887937690e-1 + r * low))
    return -z if d < 0.0 else z


def log_gamma_constant(shape: float) -> float:
    """ln(shape^shape * exp(-shape) / Gamma(shape)), which the incomplete gamma function needs.

    Computed once per law, outside compiled code. Source: DLMF 5.11.1 (Stirling's series) from shape 10 on,
    where the direct difference would cancel.
    """
    if shape < 10.0:
        return shape * math.log(shape) - shape - math.lgamma(shape)
    s = 1.0 / (shape * shape)
    series = (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s / 1188.0)))) / shape
    return 0.5 * math.log(shape) - HALF_LOG_2PI - series


@kernel
def gamma_density(shape: float, constant: float, x: float) -> float:
    """x^shape * exp(-x) / Gamma(shape), that is x times the density of a standard gamma variable, x > 0."""
    t = x / shape
    log_t = math.log1p(t - 1.0) if 0.5 < t < 2.0 else math.log(t)
    return math.exp(shape * (log_t - (t - 1.0)) + constant)


@kernel
def gamma_tails(shape: float, constant: float, x: float) -> tuple[float, float]:
    """Regularised incomplete gamma functions (P, Q)(shape, x), x > 0; constant = log_gamma_constant(shape).

    Source: DLMF 8.11.4 (series, x < shape + 1) and 8.9.2 (continued fraction by Lentz's method, elsewhere).
    """
    if x <= TINY * shape:
        return 0.0, 1.0
    if x > 2.0 * shape + 800.0:  # Q < 1e-280 for every shape
        return 1.0, 0.0
    density = gamma_density(shape, constant, x)
    if x < shape + 1.0:
        term = 1.0 / shape
        total = term
        for n in range(1, MOST_TERMS):
            term *= x / (shape + n)
            total += term
            if term < EPSILON * total:
                break
        return density * total, max(1.0 - density * total, 0.0)
    b = x + 1.0 - shape
    c, d = 1.0 / TINY, 1.0 / b
    fraction = d
    for n in range(1, MOST_TERMS):
        factor = -n * (n - shape)
        b += 2.0
        d = factor * d + b
        d = 1.0 / (d if abs(d) > TINY else TINY)
        c = b + factor / c
        c = c if abs(c) > TINY else TINY
        fraction *= d * c
        if abs(d * c - 1.0) < 4.0 * EPSILON:
            break
    return max(1.0 - density * fraction, 0.0), density * fraction


@kernel
def gamma_inverse(shape: float, constant: float, p: float, q: float) -> float:
    """x with P(shape, x) = p, where q = 1 - p is passed too so that both tails are accurate.

    Newton's method for ln P (or ln Q) as a function of ln x; both are concave, so it converges.
    """
    x = _gamma_guess(shape, constant, p, q)
    for _ in range(60):
        if x <= TINY * shape:
            return 0.0
        below, above = gamma_tails(shape, constant, x)
        have, want = (below, p) if p <= q else (above, q)
        step = -1.0  # nothing left in double precision on that side: walk towards the answer
        if have > 0.0:
            step = math.log(have / want) * have / max(gamma_density(shape, constant, x), TINY)
        step = min(max(step if p <= q else -step, -2.0), 2.0)
        x *= math.exp(-step)
        if abs(step) < 4.0 * EPSILON:
            break
    return x


@kernel
def _gamma_guess(shape: float, constant: float, p: float, q: float) -> float:
    """Wilson-Hilferty cube where it is positive, the leading term of the series elsewhere."""
    t = 1.0 - 1.0 / (9.0 * shape) + ndtri(p, q) / (3.0 * math.sqrt(shape))
    if t > 0.3:
        return shape * t * t * t
    log_gamma = shape * math.log(shape) - shape - constant
    return math.exp(min((math.log(p) + math.log(shape) + log_gamma) / shape, math.log(shape + 1.0)))
