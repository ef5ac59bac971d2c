import { basename, join } from 'node:path';
import { ARCHITECTURE, type Interchange } from '../core/contracts/architecture.js';
import type { ModelConfig } from '../core/contracts/model.js';
import type { Quantization } from '../core/contracts/quantization.js';
import type { Token } from '../core/contracts/token.js';
import { ForgeError } from '../core/errors/index.js';
import { isObject } from './is-object.js';

export const CONFIG = 'config.json';

/** What reads and writes the config.json of other programs, by the name of the architecture it is for. */
export type Interchanges = Readonly<Record<string, Interchange>>;

/** Where implementations are asked for: a kernel, or the context of a phase. */
interface Container {
  names<T>(token: Token<T>): readonly string[];
  resolve<T>(token: Token<T>, name?: string): T;
}

/** The interchange of every architecture that has one. */
export function interchangesOf(container: Container): Interchanges {
  return Object.fromEntries(
    container.names(ARCHITECTURE).flatMap((name) => {
      const { interchange } = container.resolve(ARCHITECTURE, name);
      return interchange === undefined ? [] : [[name, interchange] as const];
    }),
  );
}

/**
 * The config of a model folder: our own, or that of another program which an architecture here recognises. A quantization
 * is taken as it stands: `checkQuantization` looks at it.
 *
 * @param json content of config.json
 * @throws ForgeError AF_MODEL_FOLDER, or AF_MODEL_CONFIG naming each setting that is not supported
 */
export function modelConfig(json: unknown, folder: string, interchanges: Interchanges = {}): ModelConfig {
  if (isObject(json)) {
    const { architecture, hyperparameters, quantization } = json;
    if (typeof architecture === 'string' && isObject(hyperparameters))
      return {
        ...{ architecture, hyperparameters },
        ...(quantization === undefined ? {} : { quantization: quantization as Quantization }),
      };
    for (const [name, interchange] of Object.entries(interchanges))
      if (interchange.recognises(json))
        return {
          architecture: name,
          hyperparameters: interchange.fromConfigJson(json, join(folder, CONFIG)),
        };
  }
  throw unknownConfig(json, folder, Object.keys(interchanges));
}

function unknownConfig(json: unknown, folder: string, readable: readonly string[]): ForgeError {
  const kind = foreignKind(json);
  const reason =
    kind === null
      ? `${CONFIG} needs an architecture and its hyperparameters`
      : `${CONFIG} is the one of a ${kind} model in Hugging Face layout, which no architecture here reads`;
  return new ForgeError('AF_MODEL_FOLDER', `${basename(folder)} is not a model folder: ${reason}.`, {
    at: join(folder, CONFIG),
    fix:
      readable.length === 0
        ? 'List the plugin that provides its architecture under `plugins` of the config.'
        : `Of Hugging Face folders these kinds are read: ${readable.join(', ')}. Others need a plugin that provides their architecture.`,
    facts: { kind, readable },
  });
}

/** What the config is instead, when another program made the model. */
function foreignKind(json: unknown): string | null {
  if (!isObject(json)) return null;
  const { model_type: type, architectures } = json;
  const kind: unknown =
    typeof type === 'string' ? type : Array.isArray(architectures) ? architectures[0] : null;
  return typeof kind === 'string' ? kind : null;
}
