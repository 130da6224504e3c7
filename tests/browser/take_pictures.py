"""`make pictures`: walks the app from the shelf to a finished run and takes the README's pictures."""

from __future__ import annotations

from playwright.sync_api import Page, ViewportSize

from tests.browser.app_server import PROJECT, AppServer, chromium, settled, try_digits

PICTURES = PROJECT / "assets" / "pictures"
WINDOW: ViewportSize = {"width": 1360, "height": 900}


def take(page: Page, name: str) -> None:
    """Saves what the window shows, once figures are drawn."""
    settled(page)
    page.wait_for_timeout(1500)
    page.screenshot(path=PICTURES / f"{name}.png")


def visit(page: Page, name: str) -> None:
    """Goes to a page by its name in the header."""
    page.get_by_role("link", name=name, exact=True).first.click()
    settled(page)


def main() -> None:
    """Takes them all, at the width of a small laptop."""
    PICTURES.mkdir(exist_ok=True)
    with AppServer() as server, chromium() as browser:
        server.warm()
        page = browser.new_page(viewport=WINDOW)
        try_digits(page, server.url)
        page.get_by_role("button", name="Train", exact=True).wait_for()
        # Tall enough for the layouts' cards.
        page.set_viewport_size({"width": 1360, "height": 1500})
        take(page, "fuse")
        page.set_viewport_size(WINDOW)
        for name in ("Models", "Data", "Gradients"):
            visit(page, name)
            take(page, name.lower())
        visit(page, "Train")
        page.get_by_role("button", name="Start training").click()
        page.get_by_text("Does fusion help?").wait_for(timeout=120_000)
        take(page, "train")
        visit(page, "Compare")
        page.get_by_role("button", name="Train and compare").click()
        page.get_by_role("tab", name="Leaderboard").wait_for(timeout=600_000)
        take(page, "compare")


if __name__ == "__main__":
    main()
