"""Makes the pictures in ``docs/images`` from real output on ``examples/shop``.

    pip install -e '.[pictures]'
    npm install marked github-markdown-css
    python docs/make_pictures.py --packages node_modules

Needs chromium. Each picture is a page in a window of fixed size, photographed; run it after a change of the output.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from PIL import Image, ImageChops
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 150_000
COLUMNS = 104
FOOT = 16  # pixels

PROMPT = "\x1b[32m$\x1b[0m "
COMMANDS = (("Search.tsx",), ("--fix", "--output-format", "concise"))

COLOURS = TerminalTheme(
    (22, 27, 34),
    (220, 226, 232),
    [
        (72, 79, 88), (255, 129, 120), (107, 208, 130), (226, 179, 82),
        (112, 176, 255), (210, 153, 255), (95, 208, 195), (220, 226, 232),
    ],
)  # fmt: skip

TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #fff; }}
.window {{ background: {background}; color: {foreground}; border-radius: 10px; }}
.bar {{ padding: 11px 14px; display: flex; gap: 8px; }}
.bar b {{ width: 11px; height: 11px; border-radius: 50%; background: #444c56; }}
pre {{ margin: 0; padding: 4px 20px 18px; font: 13px/1.45 "JetBrains Mono", "DejaVu Sans Mono", monospace; }}
pre {{ font-variant-ligatures: none; }}
{stylesheet}
</style><div class="window"><div class="bar"><b></b><b></b><b></b></div><pre>{code}</pre></div>"""

SUMMARY = """<!doctype html><meta charset="utf-8"><style>{style}</style>
<style>body {{ margin: 0; padding: 24px 32px; background: #fff; }}</style>
<body class="markdown-body" data-theme="light">{body}</body>"""


class Picture(NamedTuple):
    """A page and the window it is photographed in; ``height`` 0 is that of the page."""

    name: str
    page: Path
    width: int
    height: int = 0
    dark: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, default=Path("node_modules"), help="folder with marked and its style")
    args = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        work = Path(folder)
        for picture in pictures(work, args.packages.absolute()):
            photograph(picture, work)


def pictures(work: Path, packages: Path) -> Sequence[Picture]:
    report = work / "report.html"
    thea_hook("--output-format", f"html:{report}", folder=_shop(work / "html"))
    return (
        Picture("html-light", report, 1280, 900),
        Picture("html-dark", report, 1280, 900, dark=True),
        Picture("terminal", terminal(work), 940),
        Picture("summary", job_summary(work, packages), 1000),
    )


def _shop(folder: Path) -> Path:
    """A fresh copy of the example: the commands change it."""
    shutil.copytree(ROOT / "examples" / "shop", folder)
    return folder


def thea_hook(*arguments: str, folder: Path) -> str:
    """What the command says; findings are no failure."""
    command = [sys.executable, "-m", "thea_hook", "--isolated", "--no-cache", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(arguments)} ended with {done.returncode}")
    return done.stdout


def terminal(work: Path) -> Path:
    """A page that shows what a terminal shows."""
    folder = _shop(work / "terminal")
    parts = [
        f"{PROMPT}\x1b[1mthea-hook {' '.join(arguments)}\x1b[0m\n"
        + thea_hook("--color", "always", *arguments, folder=folder)
        for arguments in COMMANDS
    ]
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(Text.from_ansi("\n".join(parts)), soft_wrap=True)
    page = work / "terminal.html"
    page.write_text(console.export_html(theme=COLOURS, code_format=TERMINAL, inline_styles=True), "utf-8")
    return page


def job_summary(work: Path, packages: Path) -> Path:
    """The summary of a job as GitHub shows its Markdown."""
    markdown = thea_hook("--output-format", "markdown", folder=_shop(work / "summary"))
    marked = packages / "marked" / "bin" / "marked.js"
    body = subprocess.run(["node", marked, "--gfm"], input=markdown, stdout=subprocess.PIPE, text=True, check=True)
    style = (packages / "github-markdown-css" / "github-markdown-light.css").read_text("utf-8")
    page = work / "summary.html"
    page.write_text(SUMMARY.format(style=style, body=body.stdout), "utf-8")
    return page


def photograph(picture: Picture, work: Path) -> None:
    """Writes the picture with the few colours that text has, and says how large it is."""
    shot = work / f"{picture.name}.png"
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("needs chromium")
    flags = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={work / 'profile'}", "--force-device-scale-factor=2",
        f"--blink-settings=preferredColorScheme={0 if picture.dark else 1}",
        f"--window-size={picture.width},{picture.height or 4000}", f"--screenshot={shot}", picture.page.as_uri(),
    ]  # fmt: skip
    subprocess.run([chromium, *flags], check=True, capture_output=True)
    image = Image.open(shot).convert("RGB")
    if not picture.height:
        image = _without_empty_foot(image)
    path = IMAGES / f"{picture.name}.png"
    image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {image.width} x {image.height}, {path.stat().st_size:,} bytes")
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"{path.name} is larger than {MOST_BYTES:,} bytes")


def _without_empty_foot(image: Image.Image) -> Image.Image:
    """The picture down to its last row that is not background, and a margin."""
    background = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    box = ImageChops.difference(image, background).getbbox()
    return image if box is None else image.crop((0, 0, image.width, min(image.height, box[3] + FOOT)))


if __name__ == "__main__":
    main()
