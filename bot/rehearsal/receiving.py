"""getUpdates with its long poll, and the webhook's settings; only one of the two at a time."""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from bot.rehearsal.connections import Broken
from bot.rehearsal.errors import RefusedError, bad
from bot.rehearsal.params import Params
from bot.rehearsal.updates import confirm_updates, drop_updates, read_updates, waiting_updates
from bot.rehearsal.world import World

MAX_POLL_S = 50
KINDS = frozenset({"message", "edited_message", "channel_post", "edited_channel_post", "inline_query",
                   "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query", "poll",
                   "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "message_reaction",
                   "message_reaction_count", "chat_boost", "removed_chat_boost", "business_connection",
                   "business_message", "edited_business_message", "deleted_business_messages",
                   "purchased_paid_media"})  # fmt: skip
ACTIVE_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
SECOND_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
NEW_WEBHOOK = "Conflict: terminated by setWebhook request"


class Poller:
    """The one long poll a bot may have open; a newer one ends the older."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._ended: asyncio.Future[str] | None = None

    def end(self, why: str) -> None:
        if self._ended and not self._ended.done():
            self._ended.set_result(why)

    async def get_updates(self, params: Params, broken: Broken) -> list[dict[str, Any]]:
        if self.world.store.recall("webhook"):
            raise RefusedError(409, ACTIVE_WEBHOOK)
        limit = params.integer("limit", 100, 1, 100)
        timeout = params.integer("timeout", 0, 0, MAX_POLL_S)
        self.end(SECOND_POLLER)
        with self.world.store.transaction():
            keep_allowed(self.world, params)
            if params.integer("offset"):
                confirm_updates(self.world, params.integer("offset"))
        found = read_updates(self.world, limit)
        if found or not timeout:
            return found
        return await self._wait(limit, timeout, broken)

    async def _wait(self, limit: int, poll_s: int, broken: Broken) -> list[dict[str, Any]]:
        ended = self._ended = asyncio.get_running_loop().create_future()
        gone = asyncio.create_task(broken())
        until = time.monotonic() + poll_s
        try:
            while True:
                beat = asyncio.create_task(self.world.updates.next(until - time.monotonic()))
                await asyncio.wait({beat, gone, ended}, return_when=asyncio.FIRST_COMPLETED)
                beat.cancel()
                if ended.done():
                    raise RefusedError(409, ended.result())
                found = [] if gone.done() else read_updates(self.world, limit)
                if found or gone.done() or time.monotonic() >= until or self.world.closing.is_set():
                    return found
        finally:
            gone.cancel()
            with contextlib.suppress(asyncio.InvalidStateError):
                ended.cancel()


def keep_allowed(world: World, params: Params) -> None:
    """Remember which kinds of updates the bot wants; an empty list asks for all."""
    if not params.text("allowed_updates"):
        return
    kinds = params.structure("allowed_updates", "allowed_updates")
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise bad("can't parse allowed_updates JSON array")
    # Like the real server: unknown names are ignored, not refused.
    world.store.keep("allowed_updates", [kind for kind in kinds if kind in KINDS])


def set_webhook(world: World, params: Params) -> bool:
    url, secret = params.text("url"), params.text("secret_token")
    if not url:
        return delete_webhook(world, params)
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not local and parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if not local:
        raise bad("bad webhook: the rehearsal only calls webhooks on this machine")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad("secret token contains unallowed characters")
    keep_allowed(world, params)
    if params.flag("drop_pending_updates"):
        drop_updates(world)
    connections = params.integer("max_connections", 40, 1, 100)
    world.store.keep("webhook", {"url": url, "secret": secret, "max_connections": connections})
    world.updates.beat()
    return True


def delete_webhook(world: World, params: Params) -> bool:
    world.store.keep("webhook", None)
    if params.flag("drop_pending_updates"):
        drop_updates(world)
    world.updates.beat()
    return True


def get_webhook_info(world: World, _: Params) -> dict[str, Any]:
    webhook = world.store.recall("webhook") or {}
    info = {"url": webhook.get("url", ""), "has_custom_certificate": False,
            "pending_update_count": waiting_updates(world)}  # fmt: skip
    for field in ("max_connections", "last_error_date", "last_error_message"):
        if webhook.get(field):
            info[field] = webhook[field]
    if webhook:
        info["ip_address"] = "127.0.0.1"
    if world.store.recall("allowed_updates"):
        info["allowed_updates"] = world.store.recall("allowed_updates")
    return info


METHODS: dict[str, Callable[[World, Params], Any]] = {
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
