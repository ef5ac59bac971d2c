/** `npm run fuzz -- --documents 10000 --seed 1 [--kind config]`: the long form of test/fuzz/fuzz.test.ts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KINDS } from './kinds/index.js';
import { fuzz, type Fault } from './run.js';

const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string' },
    /** Where documents that show a fault are kept. */
    keep: { type: 'string', default: 'coverage/fuzz' },
  },
});
const names = KINDS.map(({ name }) => name).filter((name) => name === (values.kind ?? name));
if (names.length === 0)
  throw new Error(`There is no kind ${values.kind!}; there are ${KINDS.map(({ name }) => name).join(', ')}.`);
const documents = Math.ceil(Number(values.documents) / names.length);
let faults = 0;
console.log('kind          documents  accepted  refused  faults   peak MB  seconds');
for (const kind of names) {
  const report = await fuzz(kind, resolve(import.meta.dirname, '../..'), {
    seed: Number(values.seed),
    documents,
  });
  const cells = [report.documents, report.accepted, report.refused, report.faults.length];
  const measured = [(report.peakBytes / 1e6).toFixed(0), report.seconds.toFixed(1)];
  console.log(kind.padEnd(12) + [...cells, ...measured].map((cell) => String(cell).padStart(10)).join(''));
  report.faults.forEach(tell);
  faults += report.faults.length;
}
process.exitCode = faults === 0 ? 0 : 1;

function tell({ kind, index, answer, detail, document }: Fault): void {
  console.log(`  ${answer} at ${kind} ${index}: ${detail.split('\n').slice(0, 6).join('\n    ')}`);
  if (document === null) return;
  mkdirSync(values.keep, { recursive: true });
  writeFileSync(join(values.keep, `${kind}-${values.seed}-${index}`), Buffer.from(document, 'base64'));
}
