import * as tf from '@tensorflow/tfjs';
import type { Engine, EngineProbe } from '../../../core/contracts/index.js';
import { ForgeError } from '../../../core/errors/index.js';
import { BACKENDS, startBackend, type BackendAttempt, type BackendChoice } from './backends.js';
import { EagerEngine } from './engine.js';

/** @throws ForgeError AF_ENGINE_NOT_INSTALLED when the wanted backend is not there or does not start */
export async function openEngine(choice: BackendChoice): Promise<Engine> {
  const attempts = await attempt(choice);
  const found = attempts.at(-1);
  if (found?.problem !== null)
    throw new ForgeError(
      'AF_ENGINE_NOT_INSTALLED',
      `The tfjs engine cannot use ${choice}: ${found?.problem}.`,
      {
        fix: `${found?.candidate.install ?? ''}; or set backend to auto.`,
      },
    );
  return new EagerEngine(found.candidate.backend, {
    name: 'tfjs',
    device: found.candidate.choice,
    version: tf.version['tfjs-core'],
  });
}

/** What `doctor` says: the backend in use, and what each faster one lacks. */
export async function probeEngine(choice: BackendChoice): Promise<EngineProbe> {
  const attempts = await attempt(choice);
  const ready = attempts.find(({ problem }) => problem === null);
  const lacking = attempts.flatMap(({ candidate, problem }) =>
    problem === null ? [] : [`${problem}: ${candidate.install}`],
  );
  const using = ready ? [`tfjs ${tf.version['tfjs-core']} on ${ready.candidate.choice}`] : [];
  return { available: ready !== undefined, detail: [...using, ...lacking].join('; ') };
}

/** Try the candidates in order up to the first that starts. */
async function attempt(choice: BackendChoice): Promise<readonly BackendAttempt[]> {
  const candidates = BACKENDS.filter((candidate) => choice === 'auto' || candidate.choice === choice);
  const attempts: BackendAttempt[] = [];
  for (const candidate of candidates) {
    attempts.push(await startBackend(candidate));
    if (attempts.at(-1)!.problem === null) break;
  }
  return attempts;
}
