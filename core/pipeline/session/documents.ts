import { stat } from 'node:fs/promises';
import { decodeJson, encodeJson } from '../../contracts/json-numbers.js';
import type { ArtifactRef, ArtifactStore, Handoff } from '../../contracts/index.js';
import { requireCurrentHandoff } from '../../contracts/old-record.js';
import { ForgeError } from '../../errors/index.js';
import { freezePlain, isPlainObject } from '../../validation/plain.js';

/** Store a JSON document by content; NaN and infinities survive. */
export function putDocument(store: ArtifactStore, name: string, value: unknown): Promise<ArtifactRef> {
  return store.put(name, `${encodeJson(value, 2)}\n`);
}

/**
 * A document that records name by hash alone, verified and frozen.
 * @param members what it must have to be one
 * @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT
 */
export async function readDocument<T extends object>(
  store: ArtifactStore,
  sha256: string,
  name: string,
  members: readonly (keyof T & string)[] = [],
): Promise<T> {
  const path = store.path({ sha256, bytes: 0, name });
  const { size } = await stat(path);
  const text = await store.readText({ sha256, bytes: size, name });
  try {
    const document = freezePlain(decodeJson(text));
    if (isPlainObject(document) && members.every((member) => member in document))
      return document as unknown as T;
  } catch (cause) {
    throw new ForgeError('AF_ARTIFACT_CORRUPT', `The stored document ${name} is not JSON.`, {
      at: path,
      cause,
    });
  }
  throw new ForgeError('AF_ARTIFACT_CORRUPT', `The stored document is no ${name}.`, { at: path });
}

/**
 * A stored handoff, verified.
 * @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT, AF_MODEL_OLD_RECORD
 */
export async function readHandoff(store: ArtifactStore, sha256: string): Promise<Handoff> {
  const handoff = await readDocument<Handoff>(store, sha256, 'handoff.json', [
    'schema',
    'models',
    'artifacts',
  ]);
  requireCurrentHandoff(handoff, `handoff ${sha256.slice(0, 12)}`);
  return handoff;
}
