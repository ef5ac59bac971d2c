/*
 * A process of its own for tests that kill it. argv: what to do, a folder, a name. It prints one line per thing that
 * is done and durable.
 */
import { createJiti } from 'jiti';

const jiti = createJiti(import.meta.url);
const [, , task, folder, name] = process.argv;

const tasks = {
  /** Save one checkpoint after the other, going on from the last. */
  async checkpoints() {
    const { FileCheckpointArea } = await jiti.import('../../../storage/checkpoints.ts');
    const { checkpointOf } = await jiti.import('./checkpoint-of.ts');
    const area = new FileCheckpointArea(folder);
    const last = await area.latest();
    for (let step = (last?.step ?? 0) + 1; ; step++) {
      await area.save(checkpointOf(step), { keep: 2 });
      report(step);
    }
  },

  /** Add sessions to a registry without end, or `count` of them. */
  async registry() {
    const { openLowdbRegistry } = await jiti.import('../../../plugins/registries/lowdb/registry.ts');
    const { sessionRecord } = await jiti.import('./records.ts');
    const registry = await openLowdbRegistry(folder);
    const [prefix, count = 'Infinity'] = name.split(':');
    for (let i = 0; i < Number(count); i++) {
      await registry.createSession(sessionRecord(`${prefix}-${i}`));
      report(`${prefix}-${i}`);
    }
    await registry.close();
  },

  /** Hold a session until killed or told to let go. */
  async session() {
    const { openFilesStorage } = await jiti.import('../../../storage/files-storage.ts');
    const session = await (await openFilesStorage(folder)).openSession(name, { create: true });
    report('held');
    // As a compute engine does: the event loop stands still, no heartbeat leaves.
    process.stdin.once('data', async () => {
      await session.release();
      process.exit(0);
    });
  },
};

function report(what) {
  process.stdout.write(`${what}\n`);
}

await tasks[task]();
