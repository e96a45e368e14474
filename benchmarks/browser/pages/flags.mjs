/** What every page has: the flags that stand in it, and a word for when one has been read. */

/** Fifty flags as Pennon's payload has them; `flag-7` is on. */
export const flags = window.__FLAG_BOOTSTRAP__.flags;

/** Where the page came from, for who has to ask. */
export const here = location.origin;

const started = performance.now();

/** Tell the benchmark that `flag-7` was read. */
export function read(value) {
  if (window.measured) return;
  if (value !== true) throw new Error(`flag-7 is ${value}`);
  const now = performance.now();
  const asked = performance.getEntriesByType("resource").filter(one => one.name.includes("/ask"));
  window.measured = { start: now - started, page: now, asked: asked.length };
}
