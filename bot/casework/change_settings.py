"""Changes the company's settings: by an admin in Slack, or by the variables of the environment at a start."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.casework.administrators import only_admins
from bot.casework.company_source import CompanySource, unusable
from bot.casework.people_changes import changing_people, follow_day, give_roles
from bot.settings.company_values import EDITABLE_NAMES, ROLE_NAMES
from bot.workflow import settings_refusals as no
from bot.workflow.refusal import Problem, Refused
from storage import settings
from storage.settings import By, Value


def change(
    session: Session,
    source: CompanySource,
    texts: Mapping[str, str],
    seen: Mapping[str, str],
    person: str,
    now: datetime,
    reason: str = "",
) -> list[str]:
    """Store the texts of these settings and return the names of those that were changed.

    An empty text stands for the default. `seen` are the texts that the admin `person` was shown; what has changed since
    is refused. `now` is aware UTC. Nothing that was computed before is recomputed. Raises `Refused` with a problem for
    each setting, whose field is the name.
    """
    only_admins(session, person, source.of(session), now)
    before = settings.hold(session)
    wanted = {name: text.strip() for name, text in texts.items() if name in EDITABLE_NAMES}
    changed = {name: text for name, text in wanted.items() if text != _text(before, name)}
    after = {**before, **{name: Value(text) for name, text in changed.items()}}
    after = {name: value for name, value in after.items() if value.text}
    if refused := [*_refused(before, changed, seen), *_wrong(before, after, changed)]:
        raise Refused(*refused)
    return _store(session, source, before, after, By(person, reason), now)


def _text(stored: Mapping[str, Value], name: str) -> str:
    return stored[name].text if name in stored else ""


def _refused(before: Mapping[str, Value], changed: Iterable[str], seen: Mapping[str, str]) -> Iterator[Problem]:
    """Yield why these settings cannot be changed now, whatever their new texts."""
    for name in changed:
        if name in before and before[name].fixed:
            yield Problem(no.FixedByEnvironment(name), name)
        elif seen.get(name, "") != _text(before, name):
            yield Problem(no.ChangedMeanwhile(_text(before, name) or "–"), name)


def _wrong(before: Mapping[str, Value], after: Mapping[str, Value], changed: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with the changed texts, also where one contradicts another setting."""
    earlier = unusable(before)
    for name, said in unusable(after).items():
        if name in changed or name not in earlier:
            yield Problem(said, name)


def is_fixed(session: Session, given: Mapping[str, str]) -> bool:
    """Return whether what the environment gives is stored and fixed, and nothing else is fixed."""
    stored = settings.stored(session)
    return _fixed(stored, given) == stored


def fix(session: Session, source: CompanySource, given: Mapping[str, str], now: datetime) -> list[str]:
    """Store the settings that the environment gives, as valid texts by name, and fix them; return what has changed.

    A setting that it no longer gives keeps its value and can be changed in Slack. A role that it no longer gives is
    gone, because roles are the union of the environment's and Slack's. `now` is aware UTC.
    """
    before = settings.hold(session)
    return _store(session, source, before, _fixed(before, given), By(), now)


def _fixed(stored: Mapping[str, Value], given: Mapping[str, str]) -> dict[str, Value]:
    loose = {name: Value(value.text) for name, value in stored.items() if not (value.fixed and name in ROLE_NAMES)}
    return loose | {name: Value(text, fixed=True) for name, text in given.items()}


def _store(
    session: Session,
    source: CompanySource,
    before: Mapping[str, Value],
    after: Mapping[str, Value],
    by: By,
    now: datetime,
) -> list[str]:
    """Store `after` in the place of `before`, with what follows for people in the same transaction."""
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    if names:
        old, new = source.made(before), source.made(after)
        follow_day(session, old, now)  # with the people until now, among whom are deputies whose time is over
        with changing_people(session, new, now, was=old) as accounts:
            give_roles(session, new)
            accounts |= old.our_guests ^ new.our_guests
        for name in names:
            settings.change(session, name, before.get(name), after.get(name), by, now)
    return names
