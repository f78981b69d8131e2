"""The page of a trace: complete without scripts, and stepped through in a real browser where there is one."""

import re
import shutil
import subprocess

import numpy as np
import pytest

import dualdiff as dd

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
         "--virtual-time-budget=2000").split()


def textbook(x1, x2):
    return x1 * x2 + np.exp(x1 * x2) - np.sin(x2)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "trace.html"
    dd.trace(textbook)(0.5, 2.0).save(path)
    return path


def test_the_file_is_self_contained_and_complete_without_scripts(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"https?://|src=|@import|url\(|<link", text)
    body = text[:text.index("<script>")]
    for formula in ("v̇₃ = v̇₁·v₂ + v₁·v̇₂", "v̄₃ = v₄·v̄₄ + v̄₅", "7.43656"):
        assert formula in body
    assert "to-come" not in body[body.index("<body>"):]
    assert "prefers-color-scheme: dark" in text
    assert "{{" not in text


def test_names_of_the_user_are_escaped(tmp_path):
    path = tmp_path / "trace.html"
    f = lambda x: x + 1
    f.__name__ = "</script><b>"
    dd.trace(f)(1.0).save(path)
    assert "<b>" not in path.read_text(encoding="utf-8")


def in_browser(page, tmp_path, moment, keys=()):
    """The document as it is after the page's script has run and some keys have been pressed."""
    copy = tmp_path / "copy.html"
    pressed = "".join(f'document.dispatchEvent(new KeyboardEvent("keydown", {{key: "{key}"}}));' for key in keys)
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", f"<script>{pressed}</script></body>"), encoding="utf-8")
    done = subprocess.run([BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"{copy.as_uri()}#{moment}"],
                          capture_output=True, text=True, timeout=60)
    return re.search(r'id="said"[^>]*>([^<]*)<', done.stdout)[1], done.stdout


@pytest.mark.skipif(BROWSER is None, reason="no chromium found: the page is not tried in a browser")
def test_stepping_in_a_browser(page, tmp_path):
    said, dom = in_browser(page, tmp_path, 3)
    assert said == "v₃ = v₁·v₂ = 1;  v̇₃ = v̇₁·v₂ + v₁·v̇₂, which is 2"
    assert re.search(r'<tr data-step="3"[^>]*class="now"', dom)
    said, _ = in_browser(page, tmp_path, 3, ["ArrowRight", "ArrowRight", "ArrowLeft"])
    assert said.startswith("v₄ = exp(v₃)")
    said, dom = in_browser(page, tmp_path, 0, ["End"])
    assert said == "v̄₁ = v₂·v̄₃, which is 7.43656"
    assert "adjoint 7 of 7" in dom
    said, _ = in_browser(page, tmp_path, 0, ["End", "Home"])
    assert said == "Nothing is computed yet."
