"""Quantities written as text: exact values, and one clear refusal for everything else."""

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlast.units import (
    UNITS,
    UnitError,
    format_bytes,
    format_duration,
    format_number,
    format_share,
    parse,
    parse_price,
)


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("250 ms", "duration", 0.25),
        ("1 h 30 min", "duration", 5400.0),
        ("1h30min", "duration", 5400.0),
        ("  5  min ", "duration", 300.0),
        ("1 y", "duration", 365 * 86400.0),
        ("2 w", "duration", 14 * 86400.0),
        (".5 s", "duration", 0.5),
        ("1e-3 s", "duration", 0.001),
        ("99.95 %", "share", 0.9995),
        ("5%", "share", 0.05),
        (0.5, "share", 0.5),
        (1, "share", 1.0),
        ("0.5", "share", 0.5),
        ("300 req/s", "rate", 300.0),
        ("6 req/min", "rate", 0.1),
        ("3600 /h", "rate", 1.0),
        ("1 kB", "bytes", 1000.0),
        ("1 GiB", "bytes", 2.0**30),
        ("2 PB", "bytes", 2e15),
        ("40 MB/s", "bandwidth", 4e7),
        ("8 Mbit/s", "bandwidth", 1e6),
        ("3.6 USD/h", "money", 0.001),
        ("2628 USD/month", "money", 0.001),  # a twelfth of 365 d
        ("2 EUR/kreq", "money per request", 0.002),
        ("400 USD/event", "money per event", 400.0),
        ("2 USD/GB", "money per byte", 2e-9),
        ("2628 USD/TB/month", "money per byte and time", 1e-15),
        (3, "count", 3),
        ("12", "count", 12),
    ],
)
def test_a_written_quantity_has_its_si_value(text: object, dimension: str, value: float) -> None:
    assert parse(text, dimension) == value


def test_percent_is_the_float_nearest_to_what_was_written() -> None:
    for text in ("99.9", "99.99", "99.995", "0.1", "33.3", "7"):
        assert parse(f"{text} %", "share") == float(f"{text}e-2")


def test_money_keeps_its_currency() -> None:
    assert parse_price(" 12 AED/h") == (12 / 3600, "AED", "12 AED/h")


@pytest.mark.parametrize(
    ("text", "dimension", "message", "hint"),
    [
        (5, "duration", "a duration needs a unit (got 5)", "write `5 min`, not `5`"),
        ("5", "duration", "a duration needs a unit (got 5)", "write `5 min`, not `5`"),
        (2.5, "bandwidth", "a bandwidth needs a unit (got 2.5)", "write `2.5 MB/s`, not `2.5`"),
        ("5 MB", "duration", "'5 MB' is an amount of bytes, but a duration is needed", "5 min"),
        ("5 min", "share", "'5 min' is a duration, but a share is needed", "99.95 %"),
        ("5 MB", "bandwidth", "is an amount of bytes, but a bandwidth", "40 MB/s"),
        ("9 USD/h", "duration", "is money per time, but a duration", "5 min"),
        ("5 m", "duration", "unknown unit 'm'", "did you mean `min`?"),
        ("5 Gb/s", "bandwidth", "unknown unit 'Gb/s'", "did you mean `Gbit/s`?"),
        ("250 rps", "rate", "unknown unit 'rps'", "did you mean `req/s`?"),
        ("1 month", "duration", "unknown unit 'month'", "write `30 d`"),
        ("-5 min", "duration", "must not be negative (got '-5 min')", ""),
        ("0 s", "duration", "must be above zero (got '0 s')", ""),
        ("nan s", "duration", "must be a finite number (got 'nan s')", ""),
        (math.nan, "duration", "must be a finite number (got nan)", ""),
        (math.inf, "share", "must be a finite number (got inf)", ""),
        ("1e400 s", "duration", "is too large", ""),
        ("1e308 y", "duration", "is too large", ""),
        ("1e-999999999 s", "duration", "must be above zero", ""),
        pytest.param(10**5000, "duration", "is too large", "", id="huge duration"),
        pytest.param(10**5000, "count", "is too large", "", id="huge count"),
        ("30 min 1 h", "duration", "from large to small", "1 h 30 min"),
        ("1 h 1 h", "duration", "from large to small", "1 h 30 min"),
        ("1 h -30 min", "duration", "a sign inside a duration", ""),
        ("1 h 30", "duration", "a number without a unit", ""),
        ("1,5 h", "duration", "not a duration (got '1,5 h')", "without a comma"),
        ("12:30", "duration", "not a duration (got '12:30')", "12 h 30 min"),
        ("3 MB 4 kB", "bytes", "one number and one unit", ""),
        ("120 %", "share", "between 0 and 100 %", ""),
        (5, "share", "between 0 and 1 (got 5)", "write `5 %`, not `5`"),
        (True, "duration", "a duration is needed (got True)", ""),
        (None, "rate", "a rate of requests is needed (got None)", ""),
        ("", "duration", "got an empty text", ""),
        ("9" * 1000 + " s", "duration", "not a duration", ""),
        ("٣ s", "duration", "not a duration", ""),
        (3.0, "count", "a whole number is needed (got 3.0)", "without a unit"),
        (True, "count", "a whole number is needed", ""),
        (0, "count", "must be above zero", ""),
        ("12 usd/h", "money", "unknown unit 'usd/h'", "did you mean `USD/h`?"),
        ("12 USD/months", "money", "unknown unit 'USD/months'", "did you mean `USD/month`?"),
        ("12 USD/hours", "money", "unknown unit 'USD/hours'", "did you mean `USD/h`?"),
        ("12 USD/GB", "money", "is money per amount of data, but money per time", "12 USD/h"),
        (
            "12 USD/month",
            "money per byte and time",
            "is money per time, but money per amount of data and time",
            "20 USD/TB/month",
        ),
        ("$12/h", "money", "not money per time", "12 USD/h"),
        ("12", "money", "money per time needs a unit", "write `12 USD/h`, not `12`"),
        ("-3 USD/req", "money per request", "must not be negative", "0.5 USD/kreq"),
    ],
)
def test_a_wrong_quantity_is_refused_with_its_value(text: object, dimension: str, message: str, hint: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse(text, dimension)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert len(str(caught.value)) < 300


def test_zero_is_accepted_where_it_is_allowed() -> None:
    assert parse("0 s", "duration", zero=True) == 0.0
    assert parse(0, "count", zero=True) == 0


def test_a_unit_error_survives_pickling() -> None:
    error = UnitError("wrong", "right")
    again = pickle.loads(pickle.dumps(error))
    assert (again.message, again.hint, str(again)) == ("wrong", "right", "wrong")


@given(st.text(max_size=120) | st.integers() | st.floats() | st.none(), st.sampled_from(sorted(UNITS)))
def test_any_value_is_a_finite_quantity_or_a_unit_error(text: object, dimension: str) -> None:
    try:
        value = parse(text, dimension, zero=True)
    except UnitError as error:
        assert error.message
    else:
        assert math.isfinite(value) and value >= 0


@given(st.floats(0, 1e12), st.sampled_from([(d, u) for d in UNITS for u in UNITS[d] if d != "share"]))
def test_every_unit_scales_by_its_factor(number: float, unit: tuple[str, str]) -> None:
    dimension, name = unit
    expected = number * float(UNITS[dimension][name])
    assert parse(f"{number!r} {name}", dimension, zero=True) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0025, "2.5 ms"),
        (2.5, "2.5 s"),
        (59.96, "1 min"),
        (65, "1 min 5 s"),
        (3599.7, "1 h"),
        (5400, "1 h 30 min"),
        (86400 * 90, "90 d"),
        (86400 * 90.5, "90 d 12 h"),
        (86400 * 365, "1 y"),
        (86400 * 400, "1 y 35 d"),
        (86400 * 36500, "100 y"),
        (-5, "-5 s"),
        (math.inf, "inf"),
        (math.nan, "nan"),
    ],
)
def test_durations_print_in_at_most_two_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.floats(1e-3, 3e9))
def test_a_printed_duration_reads_back_within_its_precision(seconds: float) -> None:
    assert parse(format_duration(seconds), "duration") == pytest.approx(seconds, rel=0.01)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.5, "50 %"),
        (0.9995, "99.95 %"),
        (0.9999999, "99.99999 %"),
        (0.123456, "12.3 %"),
        (1e-9, "0.0000001 %"),
        (1e-20, "1e-18 %"),
        (1.2, "120 %"),
    ],
)
def test_shares_print_with_three_digits_of_their_distance_to_the_end(share: float, text: str) -> None:
    assert format_share(share) == text


@given(st.floats(0, 1, exclude_max=True))
def test_less_than_all_is_never_printed_as_all(share: float) -> None:
    assert format_share(share) != "100 %" or share > 1 - 1e-15


def test_bytes_and_numbers_print_with_few_digits() -> None:
    assert [format_bytes(x) for x in (0, 999.9, 1500, 1.5e9, 3e18)] == [
        "0 B",
        "1 kB",
        "1.5 kB",
        "1.5 GB",
        "3,000 PB",
    ]
    numbers = (0, 12345, 2 / 3, 1.234e-5, 1e9, -3.14159, math.nan)
    assert [format_number(x) for x in numbers] == [
        "0",
        "12,345",
        "0.6667",
        "1.234e-05",
        "1e+09",
        "-3.142",
        "nan",
    ]
