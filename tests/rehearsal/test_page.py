"""The page in a real Chromium: written, tapped, edited and replied to, by mouse and by keyboard, narrow and wide."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, async_playwright
from playwright.async_api import Page as Tab
from rehearsal_wire import JACK, PNG, START, STEVE, TOKEN, Wire, staged

pytestmark = pytest.mark.browser

MISSING = "Chromium is missing; install it with: sudo apt-get install chromium"
YES = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}, {"text": "No", "callback_data": "n"}]]}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)  # a browser is a system package that not every desk has; CI may not go without it
    async with async_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = await playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        await browser.close()


@contextlib.asynccontextmanager
async def opened(browser: Browser, wire: Wire, width: int = 1440, height: int = 900) -> AsyncIterator[Tab]:
    """The page in a tab that must not complain or ask for anything from elsewhere."""
    context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    tab = await context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda asked: None if asked.url.startswith(wire.stage.url) else complaints.append(asked.url))
    await tab.goto(wire.stage.url)
    await tab.wait_for_selector("#now-date:not(:empty)", state="attached")
    yield tab
    await context.close()
    assert complaints == []


@contextlib.asynccontextmanager
async def echoing(wire: Wire) -> AsyncIterator[None]:
    """A bot that says back what it hears and answers every tap."""

    async def run() -> None:
        offset = 0
        while True:
            for update in await wire.call("getUpdates", offset=offset, timeout=30):
                offset = update["update_id"] + 1
                if "callback_query" in update:
                    query = update["callback_query"]
                    text = f"Kept: {query['data']}"
                    await wire.call("answerCallbackQuery", callback_query_id=query["id"], text=text)
                elif "message" in update:
                    said = update["message"].get("text", "a file")
                    await wire.call("sendMessage", chat_id=update["message"]["chat"]["id"], text=f"Heard: {said}")

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def phone(tab: Tab, name: str) -> Locator:
    return tab.locator(f'.phone[data-name="{name}"]')


async def no_wider_than_the_screen(tab: Tab) -> bool:
    return bool(await tab.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_an_answer_is_typed_tapped_edited_and_replied_to(browser: Browser, wire: Wire) -> None:
    await wire.start(JACK)
    asked = await wire.call("sendMessage", chat_id=JACK, text="How was it?", reply_markup=YES)
    async with opened(browser, wire) as tab, echoing(wire):
        jack = phone(tab, "Jack")

        await jack.locator("textarea").fill("Fine & <b>good</b>")
        await jack.locator("textarea").press("Enter")
        await jack.locator('.bot .text:has-text("Heard: Fine & <b>good</b>")').wait_for()
        await jack.locator('button:has-text("Yes")').click()
        await jack.locator('.toast:has-text("Kept: y")').wait_for()
        own = jack.locator(".message.person").last
        await own.hover()
        await own.get_by_role("button", name="Edit").click()
        await jack.locator("textarea").fill("Not so fine")
        await jack.locator("textarea").press("Enter")
        await jack.locator('.person:has-text("Not so fine"):has-text("edited")').wait_for()
        question = jack.locator('.message.bot:has-text("How was it?")').first
        await question.hover()
        await question.get_by_role("button", name="Reply").click()
        await jack.locator("textarea").fill("To this one")
        await jack.locator(".send").click()
        await jack.locator('.person .quoted:has-text("How was it?")').wait_for()

    said = [(one["text"], one["edited"], one["reply_to"]) for one in await wire.chat(JACK) if one["from"] == "person"]
    assert said[1:] == [("Not so fine", True, None), ("To this one", False, asked["message_id"])]


@pytest.mark.parametrize(("width", "height"), [(320, 640), (390, 844), (1440, 900)])
async def test_the_page_fits_and_switches_phones(browser: Browser, wire: Wire, width: int, height: int) -> None:
    await wire.start(JACK)
    await wire.call("sendMessage", chat_id=JACK, text="word " * 60 + "x" * 200, reply_markup=YES)
    async with opened(browser, wire, width, height) as tab:
        await tab.get_by_role("button", name="Jack", exact=True).click()
        await phone(tab, "Jack").locator(".bubble").last.wait_for()

        assert await no_wider_than_the_screen(tab)
        assert await phone(tab, "Jack").locator(".chat").evaluate("chat => chat.scrollWidth <= chat.clientWidth")
        visible = await tab.locator(".phone:visible").count()
        assert visible == (1 if width < 760 else 9)
        await tab.get_by_role("button", name="Steve", exact=True).click()
        assert await phone(tab, "Steve").is_visible()


async def test_everything_can_be_done_with_the_keyboard_alone(browser: Browser, wire: Wire) -> None:
    await wire.start(JACK)
    await wire.call("sendMessage", chat_id=JACK, text="How was it?", reply_markup=YES)
    async with opened(browser, wire) as tab, echoing(wire):
        jack = phone(tab, "Jack")
        await jack.locator(".bubble").last.wait_for()

        async def focus(selector: str) -> None:
            for _ in range(120):
                await tab.keyboard.press("Tab")
                if await tab.evaluate("selector => document.activeElement.matches(selector)", selector):
                    outline = await tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                    assert outline != "none"
                    return
            raise AssertionError(f"{selector} cannot be reached with the keyboard")

        await focus(".advance")
        await tab.keyboard.press("Enter")
        await focus(f"#p{JACK} .buttons button")
        await tab.keyboard.press("Enter")
        await jack.locator('.toast:has-text("Kept: y")').wait_for()
        await focus(f"#p{JACK} textarea")
        await tab.keyboard.type("By keyboard")
        await tab.keyboard.press("Enter")
        await jack.locator('.bot:has-text("Heard: By keyboard")').wait_for()
        await tab.keyboard.press("ArrowUp")
        await tab.keyboard.press("Control+A")
        await tab.keyboard.type("Edited by keyboard")
        await tab.keyboard.press("Enter")
        await jack.locator('.person:has-text("Edited by keyboard")').wait_for()

    assert (await wire.now()).hour == START.hour + 1


async def test_formatting_is_shown_and_markup_of_people_is_not_obeyed(browser: Browser, wire: Wire) -> None:
    await wire.start(STEVE)
    quote = "A long line of somebody's words. " * 20
    text = f"<b>Jack</b> <i>said</i>\n<blockquote expandable>{quote}</blockquote>\n<a href='https://a.org'>link</a>"
    await wire.call("sendMessage", chat_id=STEVE, text=text, parse_mode="HTML")
    await wire.call("sendMessage", chat_id=STEVE, text="<img src=x onerror=alert(1)>")
    async with opened(browser, wire) as tab:
        steve = phone(tab, "Steve")
        folded = steve.locator(".folded")
        await folded.wait_for()

        before = await folded.evaluate("quote => quote.clientHeight")
        await steve.get_by_role("button", name="Show all").click()
        after = await steve.locator("blockquote div").evaluate("quote => quote.clientHeight")
        await steve.get_by_role("button", name="link", exact=True).click()

        assert after > before * 2
        assert await steve.locator("strong", has_text="Jack").count() == 1
        assert await steve.locator("em", has_text="said").count() == 1
        assert await steve.locator("img").count() == 0
        await steve.locator('.toast:has-text("https://a.org")').wait_for()
        assert tab.url.rstrip("/") == wire.stage.url


async def test_an_invitation_is_opened_on_another_phone(browser: Browser, wire: Wire) -> None:
    await wire.start(STEVE)
    await wire.call("sendMessage", chat_id=STEVE, text="https://t.me/interlude_rehearsal_bot?start=abc-1")
    async with opened(browser, wire) as tab:
        await phone(tab, "Steve").locator(".link", has_text="t.me").click()
        await tab.locator("#hand-who").select_option(label="Jack")
        await tab.locator("#hand").get_by_role("button", name="Open").click()
        await phone(tab, "Jack").locator('.person:has-text("/start abc-1")').wait_for()


async def test_pictures_commands_keyboards_and_blocking(browser: Browser, wire: Wire, tmp_path: Path) -> None:
    await wire.start(JACK)
    await wire.call("setMyCommands", commands=[{"command": "pause", "description": "Rest a while"}])
    markup = {"keyboard": [[{"text": "London"}]], "one_time_keyboard": True, "input_field_placeholder": "Your city"}
    await wire.call("sendMessage", chat_id=JACK, text="Where?", reply_markup=markup)
    await wire.http.post(
        f"/bot{TOKEN}/sendPhoto", data={"chat_id": JACK, "caption": "Chart"}, files={"photo": ("c.png", PNG)}
    )
    notes = tmp_path / "notes.txt"
    notes.write_text("hello")
    async with opened(browser, wire) as tab, echoing(wire):
        jack = phone(tab, "Jack")

        await jack.locator('img[alt="Picture: Chart"]').wait_for()
        assert await jack.locator("textarea").get_attribute("placeholder") == "Your city"
        await jack.locator('.keys button:has-text("London")').click()
        await jack.locator('.bot:has-text("Heard: London")').wait_for()
        await jack.get_by_role("button", name="Menu").click()
        await jack.locator('.commands button:has-text("Rest a while")').click()
        await jack.locator('.bot:has-text("Heard: /pause")').wait_for()
        await jack.locator(".attach input").set_input_files(notes)
        await jack.locator('.person .card:has-text("notes.txt")').wait_for()
        await jack.locator(".more summary").click()
        await jack.get_by_role("button", name="Block the bot").click()
        await jack.locator(".unblock").click()
        await jack.locator(".composer").wait_for()


async def test_the_clock_and_the_log_are_alive(browser: Browser, wire: Wire) -> None:
    await wire.start(JACK)
    async with opened(browser, wire) as tab:
        await tab.get_by_role("button", name="+1 day").click()
        await tab.locator('#now-date:has-text("3 Nov 2026")').wait_for()
        await tab.locator("#log summary").click()
        await wire.refused("sendMessage", chat_id=JACK, text="")
        await tab.locator('#calls tr.failed:has-text("message text is empty")').wait_for()

        assert TOKEN not in await tab.content()


async def test_the_session_button_needs_somebody_who_knows_sessions(browser: Browser, tmp_path: Path) -> None:
    async def next_session(name: str) -> Any:
        return START.replace(day=5, hour=10) if name == "Jack" else None

    async with staged(tmp_path / "a.db") as wire, opened(browser, wire) as tab:
        assert await tab.locator("#next-session").count() == 0
    async with staged(tmp_path / "b.db", next_session=next_session) as wire, opened(browser, wire) as tab:
        await tab.locator("#next-session").click()
        await tab.locator('#now-date:has-text("5 Nov 2026")').wait_for()


async def test_the_page_is_locked_down(wire: Wire) -> None:
    reply = await wire.http.get("/")

    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in reply.text
    assert "emulated Telegram" in reply.text
