import { resolve } from 'node:path';
import { KINDS } from './kinds/index.js';
import { fuzz } from './run.js';

jest.setTimeout(240_000);

/** The short form of `npm run fuzz`: other documents than a long run with seed 1 reads. */
it.each(KINDS.map(({ name }) => name))(
  '%s: no internal error, no hang, nothing accepted that is wrong',
  async (kind) => {
    const report = await fuzz(kind, resolve(__dirname, '../..'), { seed: 20_261, documents: 120 });
    expect(report.faults).toEqual([]);
    expect(report.accepted + report.refused).toBe(120);
    // A reader that refuses everything would pass otherwise.
    expect(report.accepted).toBeGreaterThan(0);
    expect(report.refused).toBeGreaterThan(0);
  },
);
