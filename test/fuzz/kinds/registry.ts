import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { openLowdbRegistry } from '../../../plugins/registries/lowdb/registry.js';
import { handoffRecord, modelRef, phaseRecord, sessionRecord } from '../../storage/support/records.js';
import type { DocumentKind } from '../kind.js';
import { mutateBytes, mutateJson } from '../mutate.js';

const COLLECTIONS = {
  sessions: [sessionRecord('s1'), sessionRecord('s2', { status: 'completed' })],
  phases: [phaseRecord('s1', 'cognate')],
  models: [modelRef('m1', 's1')],
  handoffs: [handoffRecord('h1', 's1', ['m1'])],
};

/**
 * The registry's snapshot: damaged, it is refused; changed with a right hash, it is refused where the change does not
 * fit the schema (a misspelt key, a scalar of another type).
 */
export const registry: DocumentKind = {
  name: 'registry',
  open: async (folder) => {
    const home = join(folder, 'registry');
    return async (random) => {
      const isDamage = random.uniform() < 0.5;
      const changed = isDamage ? null : mutateJson(COLLECTIONS, random, isStrict);
      const whole = snapshotOf(changed?.document ?? COLLECTIONS);
      const bytes = isDamage ? mutateBytes(whole, random) : whole;
      await rm(home, { recursive: true, force: true });
      await mkdir(home);
      await writeFile(join(home, 'registry.json'), bytes);
      return {
        bytes,
        read: () => readAll(home),
        whyWrong: (accepted) =>
          isDamage
            ? isDeepStrictEqual(accepted, sorted(COLLECTIONS))
              ? null
              : 'damage was read'
            : changed!.flaw,
      };
    };
  },
};

/** What a model was made with is the business of its architecture and phase. */
function isStrict(path: string): boolean {
  return !/\.(hyperparameters|attributes|metrics|sidecars)\b/.test(path);
}

function snapshotOf(data: unknown): Uint8Array {
  const text = JSON.stringify(data);
  const sha256 = createHash('sha256').update(`1 ${text}`).digest('hex');
  return Buffer.from(`{"schema_version":1,"sha256":"${sha256}","data":${text}}\n`);
}

async function readAll(home: string): Promise<unknown> {
  const opened = await openLowdbRegistry(home);
  const [sessions, models] = [await opened.sessions(), await opened.models({})];
  const phases = await Promise.all(sessions.map(({ id }) => opened.phases(id)));
  const handoffs = await Promise.all(sessions.map(({ id }) => opened.handoffs(id)));
  return sorted({ sessions, models, phases: phases.flat(), handoffs: handoffs.flat() });
}

/** Newest first is the registry's order; the comparison needs only one order. */
function sorted(collections: Readonly<Record<string, readonly unknown[]>>): Record<string, string[]> {
  return Object.fromEntries(
    ['sessions', 'models', 'phases', 'handoffs'].map((name) => [
      name,
      collections[name]!.map((record) => JSON.stringify(record)).sort(),
    ]),
  );
}
