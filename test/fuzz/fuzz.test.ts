import { resolve } from 'node:path';
import { KINDS } from './kinds/index.js';
import { fuzz } from './run.js';

jest.setTimeout(240_000);

/** A config is read by a whole kernel, which takes a while. */
const documentsOf = (kind: string): number => (kind === 'config' ? 50 : 120);

/** The short form of `npm run fuzz`: other documents than a long run with seed 1 reads. */
it.each(KINDS.map(({ name }) => name))(
  '%s: no internal error, no hang, nothing accepted that is wrong',
  async (kind) => {
    const documents = documentsOf(kind);
    const report = await fuzz(kind, resolve(__dirname, '../..'), { seed: 20_261, documents });
    expect(report.faults).toEqual([]);
    expect(report.accepted + report.refused).toBe(documents);
    // A reader that refuses everything would pass otherwise.
    expect(report.accepted).toBeGreaterThan(0);
    expect(report.refused).toBeGreaterThan(0);
  },
);
