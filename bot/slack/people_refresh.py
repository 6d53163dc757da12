"""Reads user groups and people from Slack, each on its own, at the pace that Slack allows (slack-platform.md §4.3).

Groups come first, then the first page of everybody, which in most workspaces is all, then the people who matter to the
process and are not on it, then the other pages, and last those who are in no list. What cannot be read costs only
itself: what was stored of it before stays in force.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from datetime import timedelta

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.clock import Clocks
from bot.health import OK, PEOPLE, UNKNOWN, Health, part_of
from bot.slack.failures import Failure, classify, is_away
from bot.slack.identity import Identity
from storage import people
from storage.database import Database, Unavailable

log = structlog.get_logger(__name__)
#: The most groups or pages, and the most persons, that are read in a minute. Slack allows 20 and 100.
_LISTS_PER_ROUND, _PERSONS_PER_ROUND = 15, 40
#: How often a pass goes on.
ROUND_EVERY = timedelta(minutes=1)
_PAGE_SIZE = 200


class PeopleRefresh:
    """What is still to be read from Slack. `begin` starts a pass, and `go_on` continues it once a minute."""

    def __init__(
        self, database: Database, client: WebClient, identity: Identity, clocks: Clocks, health: Health
    ) -> None:
        self._database = database
        self._client = client
        self._identity = identity
        self._clocks = clocks
        self._health = health
        self._groups, self._persons, self._pages, self._unlisted = (deque[str]() for _kind in range(4))
        self._asked: set[str] = set()
        self._failing: set[str] = set()
        self._not_before = float("-inf")
        self._reading = threading.Lock()

    def begin(self) -> None:
        """Read all of it anew from now on. A list of everybody that is being read is read to its end first."""
        try:
            with self._database.read() as session:
                important = people.that_matter(session)
        except Unavailable:
            log.warning("people.not_begun")  # retried in the next hour
            return
        with self._reading:
            self._groups = deque(sorted(self._identity.groups()))
            self._persons = deque(important)
            self._pages = self._pages or deque([""])
        self.go_on()

    def go_on(self) -> None:
        """Read as much as Slack allows in a minute. While another thread reads, nothing is done."""
        if not self._reading.acquire(blocking=False):
            return
        try:
            if self._clocks.ticks() >= self._not_before:
                self._round()
        except Unavailable:
            log.warning("people.not_stored")  # retried in the next minute
        finally:
            self._reading.release()

    def _round(self) -> None:
        """Read of each kind in its order, until Slack limits the calls or cannot be reached.

        The people who matter are also read while the list is not to be had.
        """
        if not self._go_on(self._groups, self._identity.refresh_group, _LISTS_PER_ROUND):
            return
        listed = self._go_on(self._pages, self._read_page, 1)
        known = self._go_on(self._persons, self._identity.refresh_person, _PERSONS_PER_ROUND)
        if listed and known and self._go_on(self._pages, self._read_page, _LISTS_PER_ROUND - 1):
            self._go_on(self._unlisted, self._identity.refresh_person, _PERSONS_PER_ROUND)

    def _go_on(self, waiting: deque[str], read: Callable[[str], None], most: int) -> bool:
        """Read at most so many of those that wait, and return whether others may be read in this round."""
        return all(self._may_go_on(waiting, read) for _call in range(most) if waiting)

    def _may_go_on(self, waiting: deque[str], read: Callable[[str], None]) -> bool:
        """Read the first of those that wait, and return whether the next may be read in this round.

        What Slack limits stays the first, and what it could not be asked for becomes the last. Anything else that fails
        is tried again in the next pass.
        """
        one = waiting[0]
        part = PEOPLE if waiting is self._pages else part_of(PEOPLE, one)
        try:
            read(one)
        except (SlackClientError, OSError) as error:
            failure = classify(error, 1)
            if failure.limited:
                self._not_before = self._clocks.ticks() + failure.wait.total_seconds()
                log.info("people.limited", what=part, seconds=failure.wait.total_seconds())
                return False
            away = is_away(error)
            self._failed(part, failure, away=away)
            if away:
                waiting.rotate(-1)
                return False
        else:
            self._worked(part)
        waiting.popleft()
        return True

    def _worked(self, part: str) -> None:
        if part == PEOPLE or part in self._failing:
            self._health.finding(part, OK)
            self._failing.discard(part)

    def _failed(self, part: str, failure: Failure, *, away: bool) -> None:
        self._failing.add(part)
        log.warning("people.not_refreshed", what=part, error=failure.reason)
        self._health.finding(part, f"{UNKNOWN}: {failure.reason}" if away else failure.reason)

    def _read_page(self, cursor: str) -> None:
        """Store a page of the list of everybody. After the last one, those who are in no list are asked for."""
        page = self._client.users_list(limit=_PAGE_SIZE, include_locale=True, cursor=cursor or None)
        members = page.get("members") or ()
        self._identity.keep(members)
        for known in {member["id"] for member in members}.intersection(self._persons):
            self._persons.remove(known)
        following = (page.get("response_metadata") or {}).get("next_cursor")
        if following:
            self._pages.append(following)
        else:
            self._unlisted.extend(self._in_no_list())

    def _in_no_list(self) -> Iterator[str]:
        """Yield the people whom Slack lists nowhere, such as those of other companies. Each is asked for once."""
        with self._database.read() as session:
            found = people.without_workspace(session)
        fresh = [one for one in found if one not in self._asked]
        self._asked.update(fresh)
        yield from fresh
