"""Floats as Nix's JSON library writes them: Grisu2, which now and then gives a digit more than is needed.

Florian Loitsch, Printing Floating-Point Numbers Quickly and Accurately with Integers (2010), section 5. `repr` always
gives the shortest digits, and differs for one number in three hundred: 5e22 is `4.9999999999999996e+22` in Nix.
"""

from __future__ import annotations

from math import frexp

_MASK = (1 << 64) - 1
#: Where decimal point and zeros are written out, as opposed to an exponent: `0.0001`, `999999999999999.0`.
_FEWEST_PLACES, _MOST_PLACES = -4, 15
#: Below, eighths are written exactly in fifteen digits, and what is exact is also what Grisu finds.
_EXACT_EIGHTHS = 1e12


def write_float(number: float) -> str:
    """Return a finite float as JSON text: `1.0`, `1e+15`, `1e-05`. (Infinities and NaN are the caller's: JSON has none.)"""
    if -_EXACT_EIGHTHS < number < _EXACT_EIGHTHS and (number * 8).is_integer():
        return repr(number)
    sign = "-" if number < 0 else ""
    digits, exponent = shortest_digits(abs(number))
    count = len(digits)
    point = count + exponent
    if count <= point <= _MOST_PLACES:
        return f"{sign}{digits}{'0' * exponent}.0"
    if 0 < point <= _MOST_PLACES:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if _FEWEST_PLACES < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = "." + digits[1:] if count > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+03d}"


def shortest_digits(number: float) -> tuple[str, int]:
    """Return decimal digits and exponent of a positive float: `digits * 10**exponent` reads back as `number`."""
    significand, exponent = _decompose(number)
    # the neighbours' midpoints, all three with the exponent of the upper one, which has 64 bits
    upper, lower = 2 * significand + 1, 2 * significand - 1
    upper_exponent = lower_exponent = exponent - 1
    if significand == 1 << 52 and exponent > -1074:  # the next smaller float is only half as far
        lower, lower_exponent = 4 * significand - 1, exponent - 2
    shift = 64 - upper.bit_length()
    upper <<= shift
    upper_exponent -= shift
    lower <<= lower_exponent - upper_exponent
    middle = significand << (64 - significand.bit_length())
    power, power_exponent, decimal = _cached_power(upper_exponent)
    upper = _multiply(upper, power) - 1
    lower = _multiply(lower, power) + 1
    middle = _multiply(middle, power)
    return _generate(lower, middle, upper, upper_exponent + power_exponent + 64, -decimal)


def _decompose(number: float) -> tuple[int, int]:
    """Return the integer significand (53 bits unless subnormal) and the power of two that it is multiplied with."""
    fraction, exponent = frexp(number)
    bits = min(53, exponent + 1074)
    return int(fraction * (1 << bits)), exponent - bits


def _multiply(left: int, right: int) -> int:
    """Return the upper 64 bits of the product, rounded."""
    return (left * right + (1 << 63)) >> 64


def _cached_power(exponent: int) -> tuple[int, int, int]:
    """Return a power of ten, every eighth is used, that brings `exponent` near -60: 64 bits, their exponent, the power."""
    wanted = -60 - exponent - 1
    estimate = (wanted * 78913 >> 18) + (wanted > 0) if wanted >= 0 else -(-wanted * 78913 >> 18)
    index = (300 + estimate + 7) // 8
    decimal = -300 + 8 * index
    # 10**decimal to 64 bits, rounded to nearest
    if decimal >= 0:
        value = 10**decimal
        excess = value.bit_length() - 64
        rounded = value << -excess if excess <= 0 else (value + (1 << (excess - 1))) >> excess
    else:
        divisor = 10**-decimal
        excess = -(divisor.bit_length() + 63)
        rounded = ((1 << -excess) * 2 + divisor) // (2 * divisor)
        if rounded.bit_length() < 64:
            excess -= 1
            rounded = ((1 << -excess) * 2 + divisor) // (2 * divisor)
    if rounded >> 64:
        rounded >>= 1
        excess += 1
    return rounded, excess, decimal


def _generate(lower: int, middle: int, upper: int, exponent: int, decimal: int) -> tuple[str, int]:
    """Return the digits of `upper * 2**exponent`, as many as it takes to be above `lower`, brought near to `middle`."""
    interval = upper - lower
    distance = upper - middle
    fraction_bits = -exponent
    one = 1 << fraction_bits
    whole, fraction = upper >> fraction_bits, upper & (one - 1)
    digits = str(whole)
    for place in range(1, len(digits) + 1):
        unit = 10 ** (len(digits) - place)
        rest = ((whole % unit) << fraction_bits) + fraction
        if rest <= interval:
            found = _round(digits[:place], distance, interval, rest, unit << fraction_bits)
            return found, decimal + len(digits) - place
    places = 0
    while True:
        fraction *= 10
        interval *= 10
        distance *= 10
        places += 1
        digits += str(fraction >> fraction_bits)
        fraction &= one - 1
        if fraction <= interval:
            return _round(digits, distance, interval, fraction, one), decimal - places


def _round(digits: str, distance: int, interval: int, rest: int, unit: int) -> str:
    """Return `digits` with the last one lowered while that comes nearer to the number and stays inside the interval."""
    last = int(digits[-1])
    while (
        rest < distance
        and interval - rest >= unit
        and (rest + unit < distance or distance - rest > rest + unit - distance)
    ):
        last -= 1
        rest += unit
    return digits[:-1] + chr(48 + last)
