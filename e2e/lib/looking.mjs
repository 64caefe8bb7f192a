// Looking at a page with other eyes: axe, a ruler, a keyboard.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const AXE = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds wrong with the page that is there now, one line each. */
export async function violations(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  return page.evaluate(async (tags) => {
    const { violations } = await globalThis.axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
    return violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.html.slice(0, 120)} ${n.any.map((a) => a.message).join(" ")}`).join(" | ")}`);
  }, TAGS);
}

/** What does not fit the page's width: its scroll width, and every box that sticks out on either side. */
export function sticksOut(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    // In either direction nothing may stick out; scrollWidth counts the end side, a box left of zero the other.
    const out = [...document.querySelectorAll("body, body *")].filter((e) => {
      const box = e.getBoundingClientRect();
      return box.width > 0 && (box.left < -0.5 || box.right > root.clientWidth + 0.5);
    });
    const wide = root.scrollWidth > root.clientWidth ? [`${root.scrollWidth} wide in ${root.clientWidth}`] : [];
    return [...wide, ...out.map((e) => e.outerHTML.slice(0, 100))];
  });
}

/** Asserts that nothing sticks out. */
export async function fits(page, what) {
  assert.deepEqual(await sticksOut(page), [], what);
}

/** What can be pressed but is smaller than `least` CSS pixels, links inside sentences excepted (WCAG 2.2, 2.5.8). */
export function smallTargets(page, least) {
  return page.evaluate((least) => {
    const inSentence = (e) => e.tagName === "A" && getComputedStyle(e).display === "inline";
    return [...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")]
      .filter((e) => e.checkVisibility() && !inSentence(e))
      .map((e) => ({ e, box: e.getBoundingClientRect() }))
      .filter(({ box }) => box.height < least - 0.5 || box.width < least - 0.5)
      .map(({ e, box }) => `${Math.round(box.width)}×${Math.round(box.height)} ${e.outerHTML.slice(0, 80)}`);
  }, least);
}

/** What has the focus, in words. */
export const focused = (page) => page.evaluate(() => {
  const it = document.activeElement;
  return it === document.body ? "" : it.id || it.textContent.trim();
});

/** Whether what has the focus shows it. */
export const showsFocus = (page) => page.evaluate(() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2;
});
