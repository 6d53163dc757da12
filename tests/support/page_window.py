"""What a person does on the sandbox page: click, type, read."""

from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, Page, expect

T = TypeVar("T")


class Window:
    """One browser window on the sandbox page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def modal(self) -> Locator:
        """The form that is open."""
        return self.page.locator("dialog[open] form:not([hidden])")

    @property
    def messages(self) -> Locator:
        """The messages of the open conversation."""
        return self.page.locator("#main .message")

    def become(self, user: str) -> None:
        """Click a person in the list of people."""
        self.page.locator(f'#people [data-key="{user}"]').click()
        self.is_now(user)

    def is_now(self, user: str) -> None:
        """Expect the page to show what this person sees."""
        expect(self.page.locator(f'#people [data-key="{user}"]')).to_have_attribute("aria-current", "true")

    def go(self, channel: str) -> None:
        """Open a conversation."""
        self.page.locator(f'#sidebar [data-channel="{channel}"]').click()
        expect(self.page.locator(f'#sidebar [data-channel="{channel}"]')).to_have_attribute("aria-current", "page")

    def type(self, text: str) -> None:
        """Type into the composer and send it."""
        self.page.locator("#main .composer textarea").fill(text)
        self.page.keyboard.press("Enter")

    def press(self, action_id: str) -> None:
        """Press the newest button of this action in the conversation."""
        self.messages.locator(f'button[data-action-id="{action_id}"]').last.click()

    def field(self, block_id: str) -> Locator:
        """The control of a field of the open form."""
        return self.modal.locator(f'[data-block-id="{block_id}"] [data-action-id]')

    def fill(self, **values: str | list[str]) -> None:
        """Fill in the form. A value is text, an option of a short list, or a search term for a long list."""
        for block_id, value in values.items():
            control = self.field(block_id)
            expect(control).to_be_visible()
            kind: Any = control.evaluate("node => node.getAttribute('role') || node.tagName.toLowerCase()")
            for one in value if isinstance(value, list) else [value]:
                self._enter(control, kind, one)

    def _enter(self, control: Locator, kind: str, value: str) -> None:
        match kind:
            case "combobox":
                control.fill(value)
                self.page.locator("[role=option]:visible").first.click()
            case "select":
                control.select_option(value)
            case "radiogroup" | "group":
                control.locator(f'input[value="{value}"]').check()
            case _:
                control.fill(value)

    def submit(self) -> None:
        """Press the form's submit button."""
        self.modal.locator("button[type=submit]").click()

    def closed(self) -> None:
        """Expect that no form is open."""
        expect(self.page.locator("dialog[open]")).to_have_count(0)

    def tool(self, tab: str, key: str | None = None) -> None:
        """Open a tab of the tools and, with `key`, press a button in it."""
        self.page.locator(f'#tools [data-key="tab-{tab}"]').click()
        if key:
            self.page.locator(f'#tools [data-key="{key}"]').click()

    def step(self) -> None:
        """Play the next step of the tour. While a form is open, the button for it is at the foot of the form."""
        here = self.page.locator('dialog[open] [data-key="strip-step"], body:not(:has(dialog[open])) [data-key="step"]')
        here.click()

    def sees(self, text: str) -> None:
        """Expect a message with this text in the open conversation."""
        expect(self.messages.filter(has_text=text).last).to_be_visible()


def picture(page: Page, file: Path) -> None:
    """Take a picture of the page with at most 128 colors, which need a third of the space."""
    page.wait_for_timeout(900)
    taken = Image.open(BytesIO(page.screenshot())).convert("RGB")
    taken.quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)


def taken(page: Page, held: list[T]) -> T:
    """Wait until a route holds something back, and return it."""
    while not held:
        page.wait_for_timeout(20)
    return held.pop()


def serious(window: Window) -> list[str]:
    """The accessibility violations that axe rates serious or critical."""
    results = Axe().run(window.page)
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in results.response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
