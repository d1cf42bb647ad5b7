"""One small invented export of every platform that has a reader of its own, by reader."""

from __future__ import annotations

import test_bluesky
import test_discord
import test_eightkun
import test_fourchan
import test_fourplebs
import test_lost_kek
import test_mastodon
import test_reddit
import test_telegram_desktop
import test_telethon
import test_x_v2

EXPORTS: dict[str, bytes] = {
    "4chan": test_fourchan.EXPORT,
    "4plebs": test_fourplebs.EXPORT,
    "8kun": test_eightkun.EXPORT,
    "bluesky": test_bluesky.EXPORT,
    "discord": test_discord.EXPORT,
    "lost_kek": test_lost_kek.EXPORT,
    "mastodon": test_mastodon.EXPORT,
    "reddit": test_reddit.EXPORT,
    "telegram_desktop": test_telegram_desktop.EXPORT,
    "telethon": test_telethon.EXPORT,
    "x_v2": test_x_v2.lines(test_x_v2.post(0), test_x_v2.post(1)),
}
