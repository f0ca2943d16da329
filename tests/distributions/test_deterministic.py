import math

from outlast.stats.distributions import DETERMINISTIC, Law, cdf, deterministic, quantile, residual


def test_every_quantile_is_the_value(same_bits):
    law = deterministic(90.0)
    assert law == Law(DETERMINISTIC, 90.0, label="1 min 30 s")
    assert {law.quantile(u) for u in (2.0**-53, 0.5, 1 - 2.0**-53)} == {90.0}
    assert (law.mean(), law.variance()) == (90.0, 0.0)
    same_bits(law)


def test_cdf_jumps_at_the_value():
    law = deterministic(90.0)
    assert law.cdf(math.nextafter(90.0, 0.0)) == 0.0
    assert law.cdf(90.0) == 1.0


def test_residual_is_what_is_left_and_never_negative():
    law = deterministic(90.0)
    given = (law.kind, law.a, law.b, law.c, law.table, 0, 0)
    assert [residual(*given, age, 0.3) for age in (0.0, 60.0, 90.0, 200.0)] == [90.0, 30.0, 0.0, 0.0]
    assert quantile(*given, 0.3) == 90.0
    assert cdf(*given, 91.0) == 1.0


def test_zero_delay_is_allowed():
    assert deterministic(0).quantile(0.5) == 0.0


def test_bad_values_are_refused(refused):
    refused(lambda: deterministic(-3), "deterministic: value must be >= 0 (got -3.0)")
    refused(lambda: deterministic(math.nan), "finite number (got nan)")
    refused(lambda: deterministic(math.inf), "finite number (got inf)")
