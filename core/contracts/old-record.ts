import { ForgeError } from '../errors/index.js';
import type { Handoff } from './handoff.js';
import { METADATA_VERSION, type ModelMetadata } from './model.js';

/** Version of stored metadata that this agentforge cannot use any more; null for what it can, and for what is none. */
function oldVersion(metadata: unknown): number | null {
  const { schema_version: version } = (metadata ?? {}) as { schema_version?: unknown };
  return typeof version === 'number' && version < METADATA_VERSION ? version : null;
}

/**
 * A model that is to be used must say what this agentforge reads. Lists show older ones all the same.
 * @param at where it was found
 * @throws ForgeError AF_MODEL_OLD_RECORD
 */
export function requireCurrentModel(metadata: ModelMetadata | null, at: string): void {
  const version = oldVersion(metadata);
  if (version === null) return;
  const { model_name: name, created_at: made } = metadata!;
  throw oldRecord(`The model ${name} (made ${made})`, version, at);
}

/** The same for the models of a stored handoff. @throws ForgeError AF_MODEL_OLD_RECORD */
export function requireCurrentHandoff(handoff: Handoff, at: string): void {
  const versions = handoff.models.flatMap(({ metadata }) => oldVersion(metadata) ?? []);
  const [version] = versions;
  if (version === undefined) return;
  throw oldRecord(`The result of phase ${handoff.source_phase} (made ${handoff.created_at})`, version, at);
}

function oldRecord(what: string, version: number, at: string): ForgeError {
  return new ForgeError(
    'AF_MODEL_OLD_RECORD',
    `${what} was recorded by an earlier agentforge, of metadata version ${version}; this one reads version ${METADATA_VERSION}.`,
    {
      at,
      fix: 'Nothing is lost: its files are where they were. To use it here, run the pipeline that made it again (agentforge run): the old record does not say how its data was split.',
      facts: { version, expected: METADATA_VERSION },
    },
  );
}
