"""The report in a headless browser; skipped where there is none."""

import shutil
import subprocess
import tempfile

import pytest
from PIL import Image
from unit.test_reports import everything_shown, written

from reports.render import render

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=3000",
]
# A frame of the width of a phone around each page reports how wide the page really is.
PHONE = """<!DOCTYPE html><iframe id="page" src="{page}" width="390" height="800"></iframe><p id="width"></p>
<script>addEventListener("load", () => {{
  const page = document.getElementById("page").contentDocument.documentElement;
  const formulas = page.querySelectorAll("math").length;
  document.getElementById("width").textContent = "width " + page.scrollWidth + " formulas " + formulas;
}})</script>"""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed")]
PAGES = ("index.html", "claims/von-mises-curvature.html", "families/von_mises.html", "graph.html")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    evidence_file = written(folder / "evidence.json", everything_shown(), families=("gaussian", "von_mises"))
    render(evidence_file, folder / "pages")
    return folder / "pages"


def browse(*arguments):
    with tempfile.TemporaryDirectory() as profile:
        command = [BROWSER, *FLAGS, f"--user-data-dir={profile}", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_drawn(report, tmp_path, page):
    browse("--window-size=1100,1400", f"--screenshot={tmp_path / 'page.png'}", (report / page).as_uri())
    colours = Image.open(tmp_path / "page.png").convert("RGB").getcolors(maxcolors=2**20)
    assert colours is not None
    assert len(colours) > 50  # text and pictures, not an empty sheet


@pytest.mark.parametrize("page", [*PAGES, "coverage.html", "summary.html"])
def test_a_phone_need_not_scroll_sideways(report, page):
    wrapper = report / "phone.html"
    wrapper.write_text(PHONE.format(page=page))
    document = browse("--allow-file-access-from-files", "--dump-dom", wrapper.as_uri())
    _, width, _, formulas = document.partition('<p id="width">')[2].partition("</p>")[0].split()
    assert int(width) <= 390
    assert int(formulas) > 0 or page in ("index.html", "graph.html")
