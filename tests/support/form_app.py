"""A small Bolt app with a form, a card and answers that a test chooses."""

import json
from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from tests.support.sample_blocks import actions, button, field, modal, option, section, select, text_input

USERS = {"type": "multi_users_select", "action_id": "value", "max_selected_items": 1}
CUSTOMER = {"type": "external_select", "action_id": "customer", "min_query_length": 2}
FORM = modal(
    field(text_input(max_length=5), "summary"),
    field(select(option("Severe", "severe"), option("Mild", "mild")), "severity", dispatch_action=True),
    field(USERS, "testers", optional=True),
    field(CUSTOMER, "customer", optional=True),
    field({"type": "datetimepicker", "action_id": "value"}, "deadline_at", optional=True),
    field({"type": "file_input", "action_id": "value", "filetypes": ["png"]}, "files", optional=True),
)


def register_listeners(app: App, seen: list[Any]) -> None:
    """Register a form, a card with a button, and a command whose answer the test chooses."""

    def open_form(body: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    def ask_more(body: dict[str, Any], client: WebClient) -> None:
        longer = {**FORM, "blocks": [*FORM["blocks"], field(text_input(), "reason", optional=True)]}
        client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=longer)

    def acknowledge(ack: Ack) -> None:
        ack()

    app.command("/form")(ack=acknowledge, lazy=[open_form])
    app.shortcut("report")(ack=acknowledge, lazy=[open_form])
    app.action({"block_id": "severity", "action_id": "value"})(ack=acknowledge, lazy=[ask_more])

    @app.command("/say")
    def say(ack: Ack, command: dict[str, Any]) -> None:
        seen.append(command)
        ack(json.loads(command["text"]) if command["text"].startswith("{") else command["text"])

    @app.options("customer")
    def customers(ack: Ack, payload: dict[str, Any]) -> None:
        names = ["华东电信", "华东银行", f'new: "{payload["value"]}"']
        ack(options=[option(name, str(n)) for n, name in enumerate(names) if payload["value"] in name])

    @app.view("form")
    def submitted(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        seen.append(body)
        summary = body["view"]["state"]["values"]["summary"]["value"]["value"]
        if summary.startswith("{"):
            ack(json.loads(summary))
            return
        ack()
        card = actions(button("sign", "41", "Sign"), button("open", "41"))
        client.chat_postMessage(channel=body["user"]["id"], text=summary, blocks=[section(summary), card])

    @app.action("sign")
    def sign(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        seen.append(body)
        ack()
        respond(text="signed", replace_original=True)

    @app.view_closed("form")
    def closed(ack: Ack, body: dict[str, Any]) -> None:
        seen.append(body)
        ack()
