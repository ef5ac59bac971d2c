import { decodeJson, encodeJson } from '../../contracts/json-numbers.js';
import type { SessionStorage } from '../../contracts/index.js';
import { ForgeError } from '../../errors/index.js';
import { canonicalJson, sha256 } from '../../config/canonical.js';
import { isPlainObject } from '../../validation/plain.js';
import type { PipelineCore } from '../core.js';

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

/** What `input.json` of a session holds: where the first phase's handoff comes from. */
export interface StoredInput {
  readonly sessionId: string;
  readonly sourcePhase: string;
  /** sha256 of the stored handoff. */
  readonly document: string;
}

/** Write a document of a session with a hash of its content, which tells damage and changes by hand. */
export async function writeDocument(
  session: SessionStorage,
  file: string,
  document: StoredConfig | StoredInput,
): Promise<void> {
  await session.writeFile(file, `${encodeJson({ ...document, sha256: hashOf(document) }, 2)}\n`);
}

/** The config a session was started with, or in words why its file cannot be trusted. */
export async function readConfig(session: SessionStorage): Promise<StoredConfig | string> {
  const found = await readDocument(session, CONFIG_FILE);
  if (found === null) return 'is missing';
  if (typeof found === 'string') return found;
  const { hash, relevant, invocation } = found as Partial<StoredConfig>;
  if (typeof hash !== 'string' || !isPlainObject(relevant)) return 'lacks the config and its hash';
  return { ...(found as unknown as StoredConfig), invocation: Array.isArray(invocation) ? invocation : [] };
}

/**
 * Where the handoff of a session's first phase comes from.
 * @param phase the first phase, which takes one
 * @throws ForgeError AF_SESSION_DAMAGED
 */
export async function readInput(id: string, session: SessionStorage, phase: string): Promise<StoredInput> {
  const found = (await readDocument(session, INPUT_FILE)) ?? 'is missing';
  if (typeof found === 'object' && typeof found['document'] === 'string')
    return found as unknown as StoredInput;
  throw damaged(
    id,
    INPUT_FILE,
    typeof found === 'string' ? found : 'names no document',
    `Start a new session: \`agentforge run --from ${phase}\` finds the input again.`,
  );
}

/** A file of a session that cannot be trusted. */
export function damaged(id: string, file: string, reason: string, fix: string): ForgeError {
  return new ForgeError('AF_SESSION_DAMAGED', `${file} of session ${id} ${reason}.`, {
    at: `${id}/${file}`,
    fix,
    facts: { session: id, file },
  });
}

async function readDocument(
  session: SessionStorage,
  file: string,
): Promise<Record<string, unknown> | string | null> {
  const text = await session.readFile(file);
  if (text === null) return null;
  let value: unknown;
  try {
    value = decodeJson(text);
  } catch {
    return text.trim() === '' ? 'is empty' : 'is not JSON: it was cut off or changed';
  }
  if (!isPlainObject(value)) return 'is not an object';
  const { sha256: recorded, ...document } = value;
  // Sessions of earlier versions have no hash of the whole file.
  if (recorded !== undefined && recorded !== hashOf(document))
    return 'does not match its hash: it was changed after it was written';
  return document;
}

function hashOf(document: object): string {
  return sha256(canonicalJson(decodeJson(encodeJson(document))));
}
