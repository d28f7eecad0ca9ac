"""A real browser without a window, for the tests of the HTML report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

selenium = pytest.importorskip("selenium", reason="needs selenium: pip install thea-hook[browser]")

from selenium.common.exceptions import JavascriptException  # noqa: E402
from selenium.webdriver import Chrome, ChromeOptions  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1280,900"
).split()

# Runs before the page does: what the page must not do leaves a trace.
WATCH = """
window.seen = {violations: [], errors: []};
addEventListener("securitypolicyviolation", (event) => seen.violations.push(event.violatedDirective), true);
addEventListener("error", (event) => seen.errors.push(String(event.message || event.target)), true);
"""

# The contrast of every text that is shown with what lies behind it (WCAG 2.2, 1.4.3), the lowest first.
CONTRASTS = """
const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const luminance = (colour) => {
  const [red, green, blue] = channels(colour).map((value) => light(value / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const opaque = (colour) => !colour.startsWith("rgba") || channels(colour)[3] === 1;
function behind(element) {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (opaque(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
}
const found = new Map();
function measure(element, colour, what) {
  const [dark, bright] = [luminance(colour), luminance(behind(element))].sort((a, b) => a - b);
  const ratio = (bright + 0.05) / (dark + 0.05);
  if (!(found.get(what) <= ratio)) found.set(what, ratio);
}
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
  measure(element, getComputedStyle(element).color, `${element.tagName}.${element.className}`);
}
for (const element of document.querySelectorAll("pre > *, summary, input")) {
  for (const part of ["::before", "::placeholder"]) {
    const style = getComputedStyle(element, part);
    const isShown = part === "::placeholder" ? element.placeholder : style.content !== "none";
    if (isShown && element.checkVisibility()) measure(element, style.color, `${element.tagName}${part}`);
  }
}
return [...found].sort((a, b) => a[1] - b[1]);
"""


class Browser:
    """One window. Opens pages, looks at them as a person would, and knows what they asked the network for."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, page: Path, fragment: str = "") -> None:
        self.driver.get("about:blank")  # or only the fragment would change, and the page would stay
        self.driver.get(page.as_uri() + fragment)

    @contextmanager
    def remembering(self, key: str, value: str) -> Iterator[None]:
        """What an earlier visit stored. It is put there: a page of a file may be given an empty store at each visit."""
        source = f"if (location.protocol === 'file:') localStorage.setItem({json.dumps(key)}, {json.dumps(value)})"
        added = self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        try:
            yield
        finally:
            self.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
            self.run("localStorage.clear()")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def count(self, selector: str) -> int:
        """How many of these elements are shown."""
        script = "return [...document.querySelectorAll(arguments[0])].filter((e) => e.checkVisibility()).length"
        return int(self.run(script, selector))

    def click(self, selector: str) -> None:
        self.run("document.querySelector(arguments[0]).click()", selector)

    def type(self, selector: str, text: str) -> None:
        field = self.driver.find_element("css selector", selector)
        field.clear()
        field.send_keys(text)

    def press(self, key: str) -> None:
        self.driver.switch_to.active_element.send_keys(key)

    def media(self, *, theme: str = "light", kind: str = "") -> None:
        """What the system prefers, and whether the page is shown or printed."""
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": features})

    def size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def wait(self, milliseconds: int) -> None:
        self.driver.execute_async_script("setTimeout(arguments[1], arguments[0])", milliseconds)

    def scripts(self, *, on: bool) -> None:
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not on})

    def contrasts(self) -> list[tuple[str, float]]:
        return [(what, ratio) for what, ratio in self.run(CONTRASTS)]

    def complaints(self) -> list[str]:
        """What the console said since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The addresses that were asked for since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]


@contextmanager
def started(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile in that folder. Skips the test where there is none on this machine."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("needs chromium and chromedriver (on Debian: apt install chromium chromium-driver)")
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={folder}", "--host-resolver-rules=MAP * ~NOTFOUND"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER))
    try:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        yield Browser(driver)
    finally:
        driver.quit()


__all__ = ["Browser", "JavascriptException", "Keys", "started"]
