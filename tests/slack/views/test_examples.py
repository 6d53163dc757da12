"""The examples with which Slack is asked whether it accepts our views."""

import ast
from pathlib import Path

from bot.i18n.translator import Translator
from bot.sandbox.blocks.validation.messages import check_blocks
from bot.sandbox.blocks.validation.views import check_view
from bot.slack.views import examples as module
from bot.slack.views.examples import examples
from bot.workflow.fields import FORMS
from tests.slack.views.test_limits import BOTH

VIEWS = Path(module.__file__).parent


@BOTH
def test_every_example_is_accepted(t: Translator) -> None:
    for example in examples(t):
        content = example.content
        kind = "home" if content.get("type") == "home" else "modal"
        found = check_blocks(content["blocks"]) if example.kind == "message" else check_view(content, kind)  # type: ignore[arg-type]
        assert found == [], example.name


@BOTH
def test_every_form_is_among_them(t: Translator) -> None:
    assert {step.value for step in FORMS} <= {example.name for example in examples(t)}


def test_every_module_that_makes_a_modal_or_the_home_is_among_them() -> None:
    making = {
        ".".join(("bot.slack.views", *path.relative_to(VIEWS).with_suffix("").parts))
        for path in VIEWS.rglob("*.py")
        if any(kind in path.read_text("utf-8") for kind in ('"type": "modal"', '"type": "home"'))
    }
    nodes = ast.walk(ast.parse(Path(module.__file__).read_text("utf-8")))
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert making
    assert making <= imported
