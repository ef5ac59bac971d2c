import type {
  ArtifactRef,
  Handoff,
  ModelRef,
  PhaseRecord,
  PhaseResult,
  SessionStorage,
  Storage,
} from '../../contracts/index.js';
import { ForgeError, isForgeError } from '../../errors/index.js';
import { differences } from '../config/differences.js';
import type { PipelineCore } from './core.js';
import { readDocument } from './documents.js';

/** File of a session with the config it was started with. */
export const CONFIG_FILE = 'config.json';
/** File of a session whose first phase took the handoff of an earlier session. */
export const INPUT_FILE = 'input.json';

/** What `config.json` of a session holds. */
export interface StoredConfig {
  readonly config: PipelineCore['config'];
  readonly hash: string;
  /** The part of the config that can change a result; the hash is of this. */
  readonly relevant: Readonly<Record<string, unknown>>;
  readonly layers: PipelineCore['layers'];
  /** Command line flags the run was started with. */
  readonly invocation: readonly string[];
}

/**
 * A session goes on only with the config it was started with; settings that cannot change a result may differ.
 * @throws ForgeError AF_SESSION_CONFIG_CHANGED with every value that differs
 */
export async function requireSameConfig(
  id: string,
  session: SessionStorage,
  core: PipelineCore,
): Promise<void> {
  const text = await session.readFile(CONFIG_FILE);
  const stored = text === null ? null : (JSON.parse(text) as StoredConfig);
  if (stored?.hash === core.configHash) return;
  const changes = stored === null ? [] : differences(stored.relevant, core.relevant);
  const flags = stored === null || stored.invocation.length === 0 ? '' : ` ${stored.invocation.join(' ')}`;
  throw new ForgeError(
    'AF_SESSION_CONFIG_CHANGED',
    `The configuration differs from the one session ${id} was started with.`,
    {
      at: id,
      problems: changes.map(({ at, before, now }) => ({
        at,
        message: 'differs from the session',
        expected: before,
        found: now,
        fix: `Set it back, or start a new session.`,
      })),
      fix: `Resume with the configuration it was started with (agentforge run --resume ${id}${flags}), or start a new session.`,
      facts: { stored: stored?.hash ?? null, current: core.configHash },
    },
  );
}

/**
 * Results of the completed phases, read back and verified; everything that the newest handoff refers to too.
 * @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT, telling from which phase to go on
 */
export async function earlierResults(
  phases: readonly string[],
  records: ReadonlyMap<string, PhaseRecord>,
  storage: Storage,
): Promise<Map<string, PhaseResult>> {
  const results = new Map<string, PhaseResult>();
  for (const phase of phases) {
    const document = records.get(phase)?.result ?? '';
    const result = await damaging(phase, () =>
      readDocument<PhaseResult>(storage.artifacts, document, 'phase-result.json'),
    );
    results.set(phase, result);
  }
  const last = phases.at(-1);
  const handoff = last === undefined ? null : results.get(last)!.handoff;
  if (last !== undefined && handoff !== null) await damaging(last, () => verifyHandoff(handoff, storage));
  return results;
}

/** The handoff of another session that the first phase was given, verified; null when there was none. */
export async function storedInput(session: SessionStorage, storage: Storage): Promise<Handoff | null> {
  const text = await session.readFile(INPUT_FILE);
  if (text === null) return null;
  const { document } = JSON.parse(text) as { document: string };
  const handoff = await readDocument<Handoff>(storage.artifacts, document, 'handoff.json');
  await verifyHandoff(handoff, storage);
  return handoff;
}

/**
 * Read every file a handoff refers to against its hash.
 * @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT
 */
export async function verifyHandoff(handoff: Handoff, storage: Storage): Promise<void> {
  const refs = new Map<string, ArtifactRef>();
  for (const ref of [...Object.values(handoff.artifacts), ...handoff.models.flatMap(filesOf)])
    refs.set(ref.sha256, ref);
  for (const ref of refs.values()) await storage.artifacts.read(ref);
}

function filesOf({ weights, tokenizer, sidecars }: ModelRef): ArtifactRef[] {
  return [weights, ...(tokenizer === null ? [] : [tokenizer]), ...Object.values(sidecars)];
}

async function damaging<T>(phase: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!isForgeError(cause)) throw cause;
    throw new ForgeError(cause.code, `The stored result of phase "${phase}" is damaged: ${cause.message}`, {
      at: cause.at,
      cause,
      fix: `Repeat it: agentforge run --resume <session> --from ${phase}; for the first phase start a new session.`,
      facts: cause.facts,
    });
  }
}
