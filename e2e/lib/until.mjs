// Waiting for something to come true. A wait ends as soon as it does; the limit only keeps a broken run from hanging.

/** Calls `look` until it gives something true, and returns that. What it throws is thrown at once. `what` says what was
 * waited for: a sentence, or a function that makes one at the end. */
export async function until(what, look, limit = 20_000) {
  const end = Date.now() + limit;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${limit / 1000} s in vain: ${typeof what === "function" ? what() : what}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
