"""The page of a trace: complete without scripts, and stepped through in a real browser where there is one."""

import html
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


def read(markup):
    """What a reader sees of a piece of HTML."""
    return html.unescape(re.sub("<[^>]*>", "", markup))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "trace.html"
    dd.trace(textbook)(0.5, 2.0).save(path)
    return path


def test_the_file_is_self_contained_and_complete_without_scripts(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"https?://|src=|@import|url\(|<link", text)
    body = read(text[:text.index("<script>")])
    for formula in ("v̇3 = v̇1·v2 + v1·v̇2", "v̄3 = v4·v̄4 + v̄5", "7.43656"):
        assert formula in body
    assert "to-come" not in text[text.index("<body>"):text.index("<script>")]
    assert 'hidden' not in text[text.index('<svg'):text.index("<script>")].replace('id="card" aria-live="polite" hidden', "")
    assert "prefers-color-scheme: dark" in text
    assert "{{" not in text


def test_names_of_the_user_are_escaped(tmp_path):
    path = tmp_path / "trace.html"
    f = lambda x: x + 1
    f.__name__ = "</script><b>"
    dd.trace(f)(1.0).save(path)
    assert "<b>" not in path.read_text(encoding="utf-8")


def in_browser(page, tmp_path, moment, keys=(), then=""):
    """The document as it is after the page's script has run, some keys have been pressed, and something else been done."""
    copy = tmp_path / "copy.html"
    pressed = "".join(f'document.dispatchEvent(new KeyboardEvent("keydown", {{key: "{key}"}}));' for key in keys) + then
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", f"<script>{pressed}</script></body>"), encoding="utf-8")
    done = subprocess.run([BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"{copy.as_uri()}#{moment}"],
                          capture_output=True, text=True, timeout=60)
    card = re.search(r'<div id="card"[^>]*>(.*?)</div><?\s*<div class="wide tabled"', done.stdout, re.S)[1]
    return [read(line) for line in re.findall("<div[^>]*>(.*?)</div>", card)], done.stdout


def classes(dom, step):
    """Those of the row and of the node of a step."""
    tags = [re.search(f'<{tag}[^>]*data-step="{step}"[^>]*>', dom)[0] for tag in ("tr", "g")]
    return [set((re.search('class="([^"]*)"|$', tag)[1] or "").split()) for tag in tags]


@pytest.mark.skipif(BROWSER is None, reason="no chromium found: the page is not tried in a browser")
def test_stepping_in_a_browser(page, tmp_path):
    said, dom = in_browser(page, tmp_path, 3)
    assert said[:3] == ["v3 = v1·v2 = 0.5·2 = 1", "v̇3 = v̇1·v2 + v1·v̇2 = 1·2 + 0.5·0 = 2", "∂v3/∂v1 = v2,  ∂v3/∂v2 = v1"]
    assert re.fullmatch(r"line \d+:  return x1 \* x2 \+ np.exp\(x1 \* x2\) - np.sin\(x2\)", said[3])
    assert all({"now", "by-tangent"} <= found for found in classes(dom, 3))
    assert all("now" not in found for found in classes(dom, 2))
    assert "to-come" in classes(dom, 4)[1]
    said, _ = in_browser(page, tmp_path, 3, ["ArrowRight", "ArrowRight", "ArrowLeft"])
    assert said[0].startswith("v4 = exp(v3) = exp(1) = 2.71828")
    said, dom = in_browser(page, tmp_path, 0, ["End"])
    assert said[1] == "v̄1 = v2·v̄3 = 2·3.718 = 7.43656"
    assert "adjoint 7 of 7" in dom
    assert {"now", "by-adjoint"} <= classes(dom, 1)[0]
    assert "to-come" not in re.sub("(?s)<(style|script)>.*?</\\1>", "", dom)
    said, _ = in_browser(page, tmp_path, 0, ["End", "Home"])
    assert said[0].startswith("Nothing is computed yet")


@pytest.mark.skipif(BROWSER is None, reason="no chromium found: the page is not tried in a browser")
def test_hovering_shows_the_rule(page, tmp_path):
    said, dom = in_browser(page, tmp_path, 3, then='nodes.get(6).dispatchEvent(new Event("focus"));')
    assert said[0].startswith("v6 = sin(v2)")
    assert said[2] == "∂v6/∂v2 = cos(v2)"
    assert "hinted" in classes(dom, 6)[1]
    there_and_back = 'for (const e of ["mouseenter", "mouseleave"]) nodes.get(6).dispatchEvent(new Event(e));'
    said, _ = in_browser(page, tmp_path, 3, then=there_and_back)
    assert said[0].startswith("v3 = ")


@pytest.mark.skipif(BROWSER is None, reason="no chromium found: the page is not tried in a browser")
def test_slider_click_and_enter_jump(page, tmp_path):
    slide = 'byId("slider").value = 9; byId("slider").dispatchEvent(new Event("input"));'
    said, dom = in_browser(page, tmp_path, 0, then=slide)
    assert "adjoint 2 of 7" in dom
    said, dom = in_browser(page, tmp_path, 0, then="rows.get(5).click();")
    assert "step 5 of 7" in dom
    enter = 'nodes.get(4).dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}));'
    said, dom = in_browser(page, tmp_path, 0, then=enter)
    assert "step 4 of 7" in dom


@pytest.mark.skipif(BROWSER is None, reason="no chromium found: the page is not tried in a browser")
def test_without_scripts_nothing_is_hidden_but_the_steering(page, tmp_path):
    """With its script taken out and a probe in its place: what is displayed."""
    text = page.read_text(encoding="utf-8")
    probe = """<script>const shown = e => getComputedStyle(e).display !== "none" && getComputedStyle(e).visibility === "visible";
    document.title = [".steering", "#card", "svg.graph", "td.tangent", "td.adjoint", "text.adjoint"].map(
      s => [...document.querySelectorAll(s)].every(shown)).join(" ");</script>"""
    copy = tmp_path / "copy.html"
    copy.write_text(re.sub("(?s)<script>.*</script>", probe, text), encoding="utf-8")
    done = subprocess.run([BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", copy.as_uri()],
                          capture_output=True, text=True, timeout=60)
    assert re.search("<title>(.*?)</title>", done.stdout)[1] == "false false true true true true"


@pytest.mark.skipif(BROWSER is None, reason="no chromium found: the page is not tried in a browser")
def test_a_long_trace_in_a_browser(tmp_path):
    def newton(a):
        x = a
        for _ in range(30):
            x = (x + a / x) / 2
        return x

    path = tmp_path / "trace.html"
    dd.trace(newton)(2.0).save(path)
    said, dom = in_browser(path, tmp_path, 45)
    assert said[0].startswith("v45 = v43 + v44")
    assert re.search('<tr data-step="45"[^>]*class="now by-tangent"', dom)
    assert "31 steps" in dom
    assert re.search('class="node folded now by-tangent" data-step="-1"', dom)


def test_a_trace_without_the_other_mode(tmp_path):
    """A function that is another one at each call has no adjoints to show beside its tangents."""
    calls = iter((2.0, 3.0))
    path = tmp_path / "trace.html"
    dd.trace(lambda x: x * next(calls))(1.0).save(path)
    text = read(path.read_text(encoding="utf-8"))
    assert "v̇2 = 2·v̇1" in text
    assert "v̄" not in text[:text.index("use strict")]


def test_very_long_traces_are_folded(tmp_path):
    def loop(x):
        for _ in range(700):
            x = x * 0.5 + 1
        return x

    path = tmp_path / "trace.html"
    dd.trace(loop)(1.0).save(path)
    assert "401 steps left out" in path.read_text(encoding="utf-8")
    assert path.stat().st_size < 2_000_000
