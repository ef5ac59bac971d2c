'use strict';

/** By file, which of its statements, functions and branches have run in this process, as earlier test files told. */
const told = new Map();

/**
 * Leave of a test file's coverage what earlier test files of the same process have not told yet. Thresholds and reports ask
 * whether something ran, not how often, and jest copies, sends and merges everything a test file has loaded: that took
 * longer than running most of them.
 *
 * @param coverage istanbul's, by path; what is no news is removed
 */
module.exports = function keepNews(coverage) {
  for (const [path, { s, f, b }] of Object.entries(coverage)) {
    const counts = [...Object.values(s), ...Object.values(f), ...Object.values(b).flat()];
    const known = told.get(path);
    if (known === undefined)
      told.set(
        path,
        Uint8Array.from(counts, (count) => (count > 0 ? 1 : 0)),
      );
    else if (!learn(known, counts)) delete coverage[path];
  }
};

/** Whether something ran that had not run before; it is known from now on. */
function learn(known, counts) {
  let news = false;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0 || known[i] === 1) continue;
    known[i] = 1;
    news = true;
  }
  return news;
}
