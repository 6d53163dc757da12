"""docs/picture.png anew: real messages of the demo team, drawn by a headless Chromium.

`python -m tests.picture` needs `chromium` and a font with Chinese (Noto Sans CJK).
"""

import re
import shutil
import subprocess
import tempfile
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

from bot.playground import Playground
from bot.sandbox import Message
from storage.vocabulary import Severity, State
from tests.team import BILLING, LIN, SHANGHAI, WU, Story, Team

PICTURE = Path(__file__).parents[1] / "docs" / "picture.png"
WIDTH, HEIGHT = 1180, 890
SHARPNESS = "1.25"
STORY = Story(
    "Huadong Telecom Anhui 华东电信安徽分公司",
    "Sun Li 孙丽",
    f"{BILLING} Suite 计费账务系统",
    "V3.2",
    "Rating process exits with ORA-01438",
    "Since 08:50 the nightly rating exits with ORA-01438 after a few minutes.",
)
PAGE = """<!doctype html><meta charset="utf-8"><style>
* { box-sizing: border-box; margin: 0 }
body { font: 15px/1.5 "Noto Sans", "Noto Sans CJK SC", "Noto Color Emoji", sans-serif; color: #1d1c1d;
  background: #eef1f4; padding: 24px;
  display: grid; grid-template-columns: 1fr 1fr; gap: 20px; width: 1180px }
h1 { font-size: 14px; font-weight: 600; color: #5b6673; margin-bottom: 10px }
article { background: #fff; border: 1px solid #dfe3e8; border-radius: 10px; padding: 16px 18px; margin-bottom: 14px;
  display: grid; grid-template-columns: 36px 1fr; column-gap: 12px }
article > i { width: 36px; height: 36px; border-radius: 8px; background: #1f3a5f; color: #fff;
  font: 700 18px/36px sans-serif; text-align: center }
h2 { font-size: 17px; line-height: 1.35; margin: 2px 0 6px } p { margin-bottom: 5px; white-space: pre-line }
p.name { font-weight: 700 } p.name small { font-weight: 400; color: #7a838d; margin-left: 6px }
p.context { font-size: 13px; color: #616061 } b { font-weight: 700 }
blockquote { border-left: 4px solid #dddddd; padding-left: 10px; margin: 4px 0 6px; white-space: pre-line }
code { font-size: 13px; color: #7a838d } a { color: #1264a3; background: #e8f2fb; border-radius: 3px; padding: 0 2px }
button { font: inherit; font-size: 13px; line-height: 1; border: 1px solid #bbbfc4; border-radius: 5px;
  background: #fff; padding: 8px 12px; margin: 6px 8px 0 0; color: #1d1c1d }
button.primary { background: #007a5a; border-color: #007a5a; color: #fff } button.danger { color: #e01e5a }
</style>"""


class Picture:
    """Messages of two readers side by side, in a neutral chat look."""

    def __init__(self, team: Team) -> None:
        self._team = team

    def column(self, title: str, messages: list[Message]) -> str:
        return f"<section><h1>{title}</h1>{''.join(self._message(one) for one in messages)}</section>"

    def _message(self, message: Message) -> str:
        blocks = "".join(self._block(block) for block in message.blocks)
        return f'<article><i>F</i><div><p class="name">Faultdesk<small>APP</small></p>{blocks}</div></article>'

    def _block(self, block: dict[str, Any]) -> str:
        match block["type"]:
            case "header":
                return f"<h2>{escape(block['text']['text'])}</h2>"
            case "section":
                texts = [block["text"]] if "text" in block else block["fields"]
                return "".join(f"<p>{self._words(text['text'])}</p>" for text in texts)
            case "context":
                words = " ".join(self._words(one["text"]) for one in block["elements"])
                return f'<p class="context">{words}</p>'
            case "rich_text":
                return "".join(self._rich(part) for part in block["elements"])
            case "actions":
                return f"<div>{''.join(_button(one) for one in block['elements'])}</div>"
        raise AssertionError(block)

    def _rich(self, part: dict[str, Any]) -> str:
        tag = "blockquote" if part["type"] == "rich_text_quote" else "p"
        return f"<{tag}>{''.join(self._leaf(one) for one in part['elements'])}</{tag}>"

    def _leaf(self, leaf: dict[str, Any]) -> str:
        if leaf["type"] == "user":
            return self._words(f"<@{leaf['user_id']}>")
        words = escape(leaf.get("text", leaf.get("fallback", "")))
        return f"<b>{words}</b>" if leaf.get("style", {}).get("bold") else words

    def _words(self, text: str) -> str:
        """Slack's markup as HTML: mentions, moments and bold."""
        text = re.sub(r"<!date\^[^|]*\|([^>]*)>", r"\1", text)
        text = re.sub(r"<(@\w+)>", lambda found: f"<a>{self._name(found[1])}</a>", text)
        text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
        return re.sub(r"\*([^*\n]+)\*", r"<b>\1</b>", text)

    def _name(self, mention: str) -> str:
        return escape(self._team.workspace.name_of(mention[1:]))


def _button(element: dict[str, Any]) -> str:
    return f'<button class="{element.get("style", "")}">{escape(element["text"]["text"])}</button>'


def main() -> None:
    """Play the case, draw the page, take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        url = f"sqlite:///{Path(folder) / 'picture.db'}"
        with Playground(url, interval=timedelta()) as playground:
            page.write_text(PAGE + _columns(Team(playground)), "utf-8")
        chromium = shutil.which("chromium") or "chromium"
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--force-device-scale-factor={SHARPNESS}"]
        options += [f"--window-size={WIDTH},{HEIGHT}"]
        subprocess.run([chromium, *options, f"--screenshot={PICTURE}", page.as_uri()], check=True)


def _columns(team: Team) -> str:
    """The analysts are asked for the analysis at ten past nine, and reminded at half of the time."""
    team.meet()
    local = team.now.astimezone(SHANGHAI).replace(hour=9, minute=10, second=0)
    team.wait_until(local if local > team.now else local + timedelta(days=1))
    case = team.case(State.ANALYSIS, story=STORY)
    asked = {user: team.inbox(user)[-1:] for user in (WU, LIN)}
    team.advance(case, State.MODIFICATION, severity=Severity.VERY_SEVERE)
    team.pass_time(timedelta(hours=2, seconds=1))
    reminded = {user: team.inbox(user)[-1:] for user in (WU, LIN)}
    titles = {WU: "Wu Gang reads English", LIN: "林晓雨阅读中文"}
    picture = Picture(team)
    return "".join(picture.column(titles[user], asked[user] + reminded[user]) for user in (WU, LIN))


if __name__ == "__main__":
    main()
