import {
  requireCurrentHandoff,
  type ArtifactRef,
  type Handoff,
  type ModelRef,
  type PhaseRecord,
  type PhaseResult,
  type SessionRecord,
  type SessionStorage,
  type Storage,
} from '../../contracts/index.js';
import { ForgeError, isForgeError } from '../../errors/index.js';
import { differences } from '../../config/differences.js';
import type { PipelineCore } from '../core.js';
import { readDocument, readHandoff } from './documents.js';
import {
  CONFIG_FILE,
  damaged,
  readConfig,
  readInput,
  writeDocument,
  type StoredConfig,
} from './session-files.js';

/**
 * A session goes on only with the config it was started with; settings that cannot change a result may differ. The
 * registry knows the config's hash too: a damaged file is written again where the config at hand is the right one.
 * @throws ForgeError AF_SESSION_CONFIG_CHANGED with every value that differs, AF_SESSION_DAMAGED
 */
export async function requireSameConfig(
  { id, config_hash: recorded }: SessionRecord,
  session: SessionStorage,
  core: PipelineCore,
  invocation: readonly string[],
): Promise<void> {
  const found = await readConfig(session);
  const stored =
    typeof found === 'object' && found.hash !== recorded ? 'is not the one of this session' : found;
  if (typeof stored === 'object') {
    if (recorded !== core.configHash) throw configChanged(id, stored, core);
    return;
  }
  if (recorded !== core.configHash) {
    throw damaged(
      id,
      CONFIG_FILE,
      `${stored}, and the configuration at hand is not the one the session was started with`,
      `Resume with the configuration it was started with (the registry knows its hash, ${recorded.slice(0, 12)}), or start a new session.`,
    );
  }
  core.log.warn(
    `${CONFIG_FILE} of session ${id} ${stored}. The registry says that the configuration at hand is the right one; the file is written again.`,
    { session: id },
  );
  await writeDocument(session, CONFIG_FILE, configDocument(core, invocation));
}

/** What is stored of the config when a session is made. */
export function configDocument(
  { config, configHash: hash, relevant, layers }: PipelineCore,
  invocation: readonly string[],
): StoredConfig {
  return { config, hash, relevant, layers, invocation };
}

function configChanged(id: string, stored: StoredConfig, core: PipelineCore): ForgeError {
  const flags = stored.invocation.length === 0 ? '' : ` ${stored.invocation.join(' ')}`;
  return new ForgeError(
    'AF_SESSION_CONFIG_CHANGED',
    `The configuration differs from the one session ${id} was started with.`,
    {
      at: id,
      problems: differences(stored.relevant, core.relevant).map(({ at, before, now }) => ({
        at,
        message: 'differs from the session',
        expected: before,
        found: now,
        fix: `Set it back, or start a new session.`,
      })),
      fix: `Resume with the configuration it was started with (agentforge run --resume ${id}${flags}), or start a new session.`,
      facts: { stored: stored.hash, current: core.configHash },
    },
  );
}

/**
 * Results of the completed phases, read back and verified; everything that the newest handoff refers to too.
 * @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT, telling from which phase to go on; AF_MODEL_OLD_RECORD
 */
export async function earlierResults(
  phases: readonly string[],
  records: ReadonlyMap<string, PhaseRecord>,
  storage: Storage,
): Promise<Map<string, PhaseResult>> {
  const results = new Map<string, PhaseResult>();
  for (const phase of phases) {
    const document = records.get(phase)?.result ?? null;
    const result = await damaging(phase, () => storedResult(phase, document, storage));
    results.set(phase, result);
  }
  const last = phases.at(-1);
  const handoff = last === undefined ? null : results.get(last)!.handoff;
  if (last === undefined || handoff === null) return results;
  requireCurrentHandoff(handoff, `the result of phase ${last}`);
  await damaging(last, () => verifyHandoff(handoff, storage));
  return results;
}

async function storedResult(phase: string, document: string | null, storage: Storage): Promise<PhaseResult> {
  if (document !== null)
    return readDocument<PhaseResult>(storage.artifacts, document, 'phase-result.json', ['gates', 'models']);
  throw new ForgeError(
    'AF_ARTIFACT_MISSING',
    `The registry names no result of the completed phase "${phase}".`,
  );
}

/**
 * The handoff of another session that the first phase was given, verified.
 * @throws ForgeError AF_SESSION_DAMAGED, AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT
 */
export async function storedInput(
  id: string,
  session: SessionStorage,
  phase: string,
  storage: Storage,
): Promise<Handoff> {
  const stored = await readInput(id, session, phase);
  const handoff = await readHandoff(storage.artifacts, stored.document);
  await verifyHandoff(handoff, storage);
  return handoff;
}

/**
 * Read every file a handoff refers to against its hash.
 * @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT
 */
async function verifyHandoff(handoff: Handoff, storage: Storage): Promise<void> {
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
