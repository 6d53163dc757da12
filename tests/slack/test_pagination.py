"""Lists that Slack returns in pages."""

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack.pagination import all_pages
from tests.support.team import DESK, Team


@pytest.fixture
def client(team: Team) -> WebClient:
    for _ in range(3):
        team.case()
    team.settle()
    return WebClient(token=team.workspace.bot_token, base_url=f"{team.workspace.base_url}/api/")


def test_every_page_is_read(team: Team, client: WebClient) -> None:
    read = [
        one["ts"] for page in all_pages(client.conversations_history, channel=DESK, limit=1) for one in page["messages"]
    ]
    assert sorted(read) == sorted(one.ts for one in team.workspace.history(DESK))
    assert len(read) == 3


def test_an_error_of_a_later_page_is_raised(team: Team, client: WebClient) -> None:
    pages = all_pages(client.conversations_history, channel=DESK, limit=1)
    next(pages)
    team.workspace.failures.outage("conversations.history")
    with pytest.raises(SlackApiError):
        next(pages)
