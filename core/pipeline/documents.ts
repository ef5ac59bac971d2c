import { stat } from 'node:fs/promises';
import { decodeJson, encodeJson } from '../../contracts/json-numbers.js';
import type { ArtifactRef, ArtifactStore } from '../../contracts/index.js';
import { ForgeError } from '../../errors/index.js';

/** Store a JSON document by content; NaN and infinities survive. */
export function putDocument(store: ArtifactStore, name: string, value: unknown): Promise<ArtifactRef> {
  return store.put(name, `${encodeJson(value, 2)}\n`);
}

/**
 * A document that records name by hash alone, verified.
 * @throws ForgeError AF_ARTIFACT_MISSING, AF_ARTIFACT_CORRUPT
 */
export async function readDocument<T>(store: ArtifactStore, sha256: string, name: string): Promise<T> {
  const path = store.path({ sha256, bytes: 0, name });
  const { size } = await stat(path);
  const text = await store.readText({ sha256, bytes: size, name });
  try {
    return decodeJson(text) as T;
  } catch (cause) {
    throw new ForgeError('AF_ARTIFACT_CORRUPT', `The stored document ${name} is not JSON.`, {
      at: path,
      cause,
    });
  }
}
