import { isAbsolute } from 'node:path';
import type { ModelRef } from '../../core/contracts/model.js';
import type { Registry } from '../../core/contracts/registry.js';
import { ForgeError } from '../../core/errors/index.js';
import { unknownRecord } from './unknown-record.js';

const ALL = Number.MAX_SAFE_INTEGER;

/** How a model of the registry was named. An id means one model for ever; the others may mean another one tomorrow. */
export interface FoundModel {
  readonly model: ModelRef;
  readonly by: 'id' | 'latest' | 'session' | 'name';
}

/**
 * A model of the registry by id, by name (the newest of that name), as `session:name`, or `latest` for the newest of
 * all.
 * @throws ForgeError AF_REGISTRY_NOT_FOUND with the nearest known name
 */
export async function findModel(registry: Registry, query: string): Promise<ModelRef> {
  const found = await lookUpModel(registry, query);
  if (found !== null) return found.model;
  if (isPath(query))
    throw new ForgeError('AF_REGISTRY_NOT_FOUND', `${query} is a folder by the way it is written.`, {
      at: query,
      fix: 'Name a model of the registry: agentforge models lists them.',
    });
  throw unknownRecord('model', query, await knownNames(registry, query));
}

/** As {@link findModel}; null when the registry knows no such model. */
export async function lookUpModel(registry: Registry, query: string): Promise<FoundModel | null> {
  const byId = await registry.model(query);
  if (byId !== null) return { model: byId, by: 'id' };
  const models = await registry.models({ limit: ALL });
  if (query === 'latest') return models[0] === undefined ? null : { model: models[0], by: 'latest' };
  const byName = models.find(({ name }) => name === query);
  if (byName !== undefined) return { model: byName, by: 'name' };
  const inSession = models.find(({ name, metadata }) => `${metadata.session_id}:${name}` === query);
  return inSession === undefined ? null : { model: inSession, by: 'session' };
}

/** Whether a reference is written as a path. */
export function isPath(reference: string): boolean {
  return isAbsolute(reference) || /[/\\]/.test(reference) || reference === '.' || reference === '..';
}

/** What could have been meant: names and ids, or in the form `session:name` when that was used. */
export async function knownNames(registry: Registry, query: string): Promise<readonly string[]> {
  const models = await registry.models({ limit: ALL });
  const forms = query.includes(':')
    ? models.map(({ name, metadata }) => `${metadata.session_id}:${name}`)
    : models.flatMap(({ name, id }) => [name, id]);
  return [...new Set(forms)];
}
