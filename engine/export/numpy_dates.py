"""How the script of a run reads dates and times of day: as the columns it learned from were read."""

from __future__ import annotations

from engine.data.columns.date_order import LAST_YEAR_OF_2000

_DATES = r'''MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
YEAR, MONTH, DAY = r"(?P<year>\d{4})", r"(?P<name>[A-Za-z]{3,9})", r"(?P<day>\d\d?)"
SECOND = r"(?P<second>\d\d([.,]\d{1,9})?)"
TIME = rf"(?P<hour>\d\d?):(?P<minute>\d\d)(:{SECOND})?( ?(?P<half>[AaPp])\.?[Mm]\.?)?"
ZONE = r"( ?([Zz]|UTC|GMT|(?P<ahead>[+-])(?P<zone_hour>\d\d)(:?(?P<zone_minute>\d\d))?))?"
CLOCK = rf"(([Tt]| +|, ?){TIME}{ZONE})?"
WEEKDAY = r"((Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,? )?"
TWO_NUMBERS = r"(?P<one>\d\d?)(?P<mark>[-/.])(?P<two>\d\d?)(?P=mark)"
DATE_FORMS = [
    re.compile(form, re.ASCII)
    for form in (
        rf"{YEAR}(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark){DAY}{CLOCK}",
        rf"{TWO_NUMBERS}{YEAR}{CLOCK}",
        rf"{TWO_NUMBERS}(?P<three>\d\d){CLOCK}",
        rf"{WEEKDAY}{DAY}(st|nd|rd|th|\.)?[ -]?{MONTH}\.?,?[ -]?{YEAR}{CLOCK}",
        rf"{WEEKDAY}{DAY}(st|nd|rd|th|\.)?[ -]?{MONTH}\.?,?[ -]?(?P<year>\d\d){CLOCK}",
        rf"{WEEKDAY}{MONTH}\.?[ -]{DAY}(st|nd|rd|th)?,?[ -]{YEAR}{CLOCK}",
        rf"{YEAR}[ -]{MONTH}[ -]{DAY}{CLOCK}",
        rf"{YEAR}(?P<month>\d\d)(?P<day>\d\d)(T(?P<hour>\d\d)(?P<minute>\d\d){SECOND}?{ZONE})?",
        rf"{YEAR}[-/](?P<month>\d\d)",
    )
]


def share_of_day(parts):
    """Return a time of day in UTC as a share of the day, 0 where none is written; None where there is no such time."""
    hour, minute = int(parts.get("hour") or 0), int(parts.get("minute") or 0)
    second = float((parts.get("second") or "0").replace(",", "."))
    if parts.get("half"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (parts["half"] in "Pp")
    zone_hour, zone_minute = int(parts.get("zone_hour") or 0), int(parts.get("zone_minute") or 0)
    if hour > 23 or minute > 59 or second >= 60 or zone_hour > 14 or zone_minute > 59:
        return None
    offset = (zone_hour * 60 + zone_minute) * (1 if parts.get("ahead") == "+" else -1)
    return ((hour * 60 + minute - offset) * 60 + second) / 86_400


def calendar_day(parts, order):
    """Return year, month and day of a date; `order` says what comes first in one that does not tell it itself."""
    order = order or ("month" if parts.get("mark") == "/" else "day")
    year, month, day = parts.get("year"), parts.get("month"), parts.get("day") or 1
    if parts.get("three"):
        places = {"day": ("three", "two", "one"), "month": ("three", "one", "two"), "year": ("one", "two", "three")}
        year, month, day = (parts[place] for place in places[order])
    elif parts.get("one"):
        month, day = (parts["one"], parts["two"]) if order == "month" else (parts["two"], parts["one"])
    elif parts.get("name"):
        month = MONTHS.index(parts["name"][:3].lower()) + 1
    century = 0 if len(year) == 4 else 2000 if int(year) <= LAST_YEAR_OF_2000 else 1900
    return int(year) + century, int(month), int(day)


def days(cell, constants):
    """Return a date as days since 1970-01-01, a time as a share of the day, a year as it is; None where it is none."""
    if constants["unit"] == "years":
        return number(cell)
    if constants["unit"] == "times":
        time = re.fullmatch(TIME, cell, re.ASCII)
        return share_of_day(time.groupdict()) if time else None
    found = next(filter(None, (form.fullmatch(cell) for form in DATE_FORMS)), None)
    share = share_of_day(found.groupdict()) if found else None
    if share is None:
        return None
    try:
        date = datetime.date(*calendar_day(found.groupdict(), constants["date_order"]))
    except ValueError:  # there is no such month or day
        return None
    return date.toordinal() - datetime.date(1970, 1, 1).toordinal() + share'''

DATES = _DATES.replace("LAST_YEAR_OF_2000", str(LAST_YEAR_OF_2000))
"""The functions for columns of dates, `days` last; they need `number`, datetime and re."""
