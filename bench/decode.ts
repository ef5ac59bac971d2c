import { ARCHITECTURE, ENGINE } from '../core/contracts/index.js';
import { countParameters, initializeWeights } from '../nn/models/index.js';
import type { WritingModel } from '../nn/generation/rows-reader.js';
import { onnxruntime } from '../plugins/engines/onnxruntime/index.js';
import { titansMag } from '../plugins/architectures/titans-mag/index.js';
import { completeHyperparameters } from '../testing/fixtures/tiny-model.js';
import { implementationOf } from '../testing/implementation.js';
import { sourceOf } from '../tools/generate/model-source.js';
import { familyOf } from '../tools/generate/open-generator.js';
import { locateWith } from '../tools/models/open-model.js';
import { openProjectKernel } from '../tools/project/kernel.js';
import type { BenchmarkRequest } from './benchmark.js';
import { measureDecoding, type DecodingReport } from './decode/measure.js';

/** Texts written side by side. */
const BATCHES = [1, 16] as const;
const SHORTEST_CONTEXT = 32;
const QUICKSTART_SIZE = '1m';

export interface DecodeReport extends Readonly<Record<string, unknown>> {
  readonly engine: { readonly name: string; readonly device: string; readonly version: string };
  readonly model: string;
  readonly parameters: number;
  /** By batch and by tokens read before: `batch1.context256`. */
  readonly batches: Readonly<Record<string, Readonly<Record<string, DecodingReport>>>>;
}

/** A model to measure, and what is to be let go of afterwards. */
interface Measured {
  readonly name: string;
  readonly model: WritingModel;
  readonly dispose: () => Promise<void>;
}

/**
 * `agentforge bench decode`: what the next token costs with carried state (new) and when the whole window is read again
 * for it (old), after texts of 32 tokens up to the context length. The two take turns, so that both meet the same machine.
 */
export async function run(
  say: (line: string) => void,
  { model: reference, cwd }: BenchmarkRequest,
  batches: readonly number[] = BATCHES,
): Promise<DecodeReport> {
  const { name, model, dispose } =
    reference === undefined ? await quickstartModel() : await modelOf(reference, cwd);
  try {
    const { engine, architecture, config } = model;
    say(`${name} on ${engine.info.name} ${engine.info.version}, ${engine.info.device}`);
    const report: Record<string, Record<string, DecodingReport>> = {};
    for (const rows of batches) {
      const cells: Record<string, DecodingReport> = {};
      for (const context of contexts(architecture.contextLength(config))) {
        const cell = await measureDecoding(model, rows, context);
        say(`batch ${rows}, ${context} tokens read: ${describe(cell)}`);
        cells[`context${context}`] = cell;
      }
      report[`batch${rows}`] = cells;
    }
    const parameters = countParameters(architecture.describe(config));
    return { engine: engine.info, model: name, parameters, batches: report };
  } finally {
    await dispose();
  }
}

function describe({ newTokensPerSecond, oldTokensPerSecond, ratio }: DecodingReport): string {
  if (newTokensPerSecond === null) return `${oldTokensPerSecond.toFixed(0)} tokens/s; it has no decoder`;
  return `${newTokensPerSecond.toFixed(0)} tokens/s, ${oldTokensPerSecond.toFixed(0)} by the window: ${ratio!.toFixed(1)} times`;
}

/** 32, 64, ... and the context length itself. */
function contexts(longest: number): number[] {
  const found: number[] = [];
  for (let context = SHORTEST_CONTEXT; context < longest; context *= 2) found.push(context);
  return [...found, longest];
}

/** The size that the quickstart trains, with weights as they are before training: the cost is the same. */
async function quickstartModel(): Promise<Measured> {
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  const engine = await (await implementationOf(ENGINE, onnxruntime())).open();
  const config = await completeHyperparameters(architecture, architecture.sizes![QUICKSTART_SIZE]!);
  const weights = initializeWeights(architecture.describe(config), 42);
  return {
    name: `titans-mag ${QUICKSTART_SIZE}, untrained`,
    model: { engine, architecture, config, weights },
    dispose: () => engine.dispose(),
  };
}

async function modelOf(reference: string, cwd: string): Promise<Measured> {
  const kernel = await openProjectKernel({ cwd, withoutConfig: 'defaults' });
  try {
    const source = await sourceOf(await locateWith(kernel, reference, cwd), kernel);
    const family = await familyOf(kernel, source);
    const weights = await source.readWeights(family.architecture.describe(family.config));
    const engine = await kernel.resolve(ENGINE).open();
    const dispose = async (): Promise<void> => {
      await engine.dispose();
      await kernel.dispose();
    };
    return { name: source.name, model: { engine, ...family, weights }, dispose };
  } catch (error) {
    await kernel.dispose();
    throw error;
  }
}
