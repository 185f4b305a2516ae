"""Whether people who see little, or use no mouse, can work at a page: names, contrast (AA), landmarks, focus."""

from __future__ import annotations

from playwright.sync_api import Page

_FAULTS = """
() => {
  const faults = [];
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length;
  const told = (element) => `${element.tagName}.${element.className} "${element.textContent.trim().slice(0, 30)}"`;
  for (const control of document.querySelectorAll("a, button, input, select, textarea, iframe, [role=timer]")) {
    if (!seen(control) || control.type === "hidden") continue;
    const label = control.id && document.querySelector(`label[for="${control.id}"]`);
    const words = (label || control.closest("label") || control).textContent;
    const name = control.getAttribute("aria-label") || control.title || words;
    if (!name.trim()) faults.push(`no name: ${told(control)}`);
  }
  for (const [what, number] of [["main", 1], ["h1", 1]]) {
    const found = [...document.querySelectorAll(what)].filter(seen).length;
    if (found !== number) faults.push(`${found} of ${what}`);
  }
  for (const id of new Set([...document.querySelectorAll("[id]")].map((element) => element.id))) {
    if (document.querySelectorAll(`[id="${CSS.escape(id)}"]`).length > 1) faults.push(`id twice: ${id}`);
  }
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((part) => part / 255)
      .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const element = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !seen(element)) continue;
    if (element.closest("script, style, .q-icon, [disabled]")) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const [one, two] = [light(rgba(style.color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < needed) faults.push(`contrast ${ratio.toFixed(1)}: ${told(element)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push("wider than the screen");
  return faults;
}
"""

_FOCUS = """
() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return [at === document.body ? "" : at.outerHTML.slice(0, 80), shown];
}
"""


def faults_of(page: Page) -> list[str]:
    """Everything wrong with what is shown now; empty when all is well."""
    faults: list[str] = page.evaluate(_FAULTS)
    return faults


def walk_by_tab(page: Page, steps: int) -> list[tuple[str, bool]]:
    """Where Tab leads, from the top of the page, and whether one sees it."""
    page.evaluate("() => { document.activeElement.blur(); getSelection().collapse(document.body, 0); }")
    way: list[tuple[str, bool]] = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        where, shown = page.evaluate(_FOCUS)
        way.append((where, shown))
    return way
