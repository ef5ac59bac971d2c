import type { BakingExample } from '../../../../core/contracts/baking.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import type { TaskSide } from '../../../../core/contracts/tool.js';
import { bakeWhole } from '../bakes.js';
import { taughtExamples } from '../examples.js';
import { fitOf, learn, type LedgerEntry, type Standing } from '../learn.js';
import { keptExamples } from '../kept.js';
import { personaList } from '../lists.js';
import type { BakedModel } from '../model.js';
import { counted } from '../../shared/progress.js';
import { inOrder } from '../order.js';
import type { BakingRun } from '../prepare.js';
import { personaQuestions, posedPersona, showsTrait } from './questions.js';

/** Personas in the model. */
export interface Personas {
  readonly standing: Standing;
  /** Latents of the model as each persona, where adapters switch; empty where tokens do. */
  readonly bank: ReadonlyMap<string, TensorDict>;
}

/** What personas are baked with. */
interface Wanted {
  /** Those that passed their check. */
  readonly names: readonly string[];
  /** Tools that the model calls by itself. */
  readonly tools: readonly string[];
  readonly fraction: (done: number) => number;
}

/**
 * Bake personas: the model that reads the text of one is the teacher of the model behind its token, one after the other into
 * the same weights; or of low-rank changes of the weights, one set for each and none for the model itself.
 */
export async function bakePersonas(
  run: BakingRun,
  baked: BakedModel,
  begun: Standing,
  { names, tools, fraction }: Wanted,
): Promise<Personas> {
  if (run.options.personas.switching === 'adapters')
    return adaptedPersonas(run, baked, begun, { names, tools, fraction });
  let standing = begun;
  for (const turn of inOrder(run.options.bake.order, names, 'personas', fraction)) {
    const lesson = await run.clock.time('personas', () => lessonOf(run, baked, standing, turn.names, tools));
    standing = await learn(
      run,
      baked,
      standing,
      {
        ...{ name: turn.label, subjects: turn.names, kind: 'persona', ...lesson, fraction: turn.at },
        lists: turn.names.map((name) => personaList(run, name, tools)),
        steps: run.options.personas.steps * turn.names.length,
      },
      'personas',
    );
  }
  return { standing, bank: new Map() };
}

/** One set of changes for each, all of the same model. */
async function adaptedPersonas(
  run: BakingRun,
  baked: BakedModel,
  begun: Standing,
  { names, tools, fraction }: Wanted,
): Promise<Personas> {
  let standing = begun;
  const bank = new Map<string, TensorDict>();
  for (const { names: own, label: name, at } of inOrder('sequential', names, 'personas', fraction)) {
    const { weights, entry } = await run.clock.time('personas', async () =>
      adapted(run, baked, standing, { name, at, ...(await lessonOf(run, baked, standing, own, tools)) }),
    );
    bank.set(name, weights);
    await baked.keepOnly(run.start.weights, standing.weights);
    standing = { ...standing, ledger: [...standing.ledger, entry] };
  }
  return { standing, bank };
}

/** A change of the weights beside the model, which stays as it is: nothing can be forgotten. */
async function adapted(
  run: BakingRun,
  baked: BakedModel,
  { weights: base, ledger }: Standing,
  {
    name,
    train,
    heldOut,
    kept,
    at,
  }: { readonly name: string; readonly at: (done: number) => number } & Awaited<ReturnType<typeof lessonOf>>,
): Promise<{ readonly weights: TensorDict; readonly entry: LedgerEntry }> {
  const { weights, entries } = await bakeWhole(run, baked.latent(base), {
    ...{ name, train: [...train, ...kept], heldOut, steps: run.options.personas.steps, fraction: at },
    options: { train: 'adapters' },
  });
  const fit = await fitOf(run, baked, { before: base, after: weights }, { heldOut }, name);
  const place = { order: ledger.length + 1, name, subjects: [name], kind: 'persona', attempt: 1 } as const;
  return { weights, entry: { ...place, entries, fit, worst: null, kept: true, reason: null } };
}

async function lessonOf(
  run: BakingRun,
  baked: BakedModel,
  standing: Standing,
  personas: readonly string[],
  tools: readonly string[],
) {
  const { questions, heldOut, switching } = run.options.personas;
  const { perQuestion } = run.options.trajectories;
  const written = (side: TaskSide, count: number, copies: number) =>
    writtenAs(run, baked, standing, personas, { side, count, copies, tools });
  const train = await written('train', questions, perQuestion);
  return {
    train,
    heldOut: await written('held-out', heldOut, 1),
    // Behind its token alone: without it the model goes on as before. Changes beside the model need no such thing.
    kept: switching === 'trigger' ? await keptExamples(run, baked, standing, train.length, ...personas) : [],
  };
}

interface Writing {
  readonly side: TaskSide;
  readonly count: number;
  readonly copies: number;
  readonly tools: readonly string[];
}

async function writtenAs(
  run: BakingRun,
  baked: BakedModel,
  { weights }: Standing,
  personas: readonly string[],
  { side, count, copies, tools }: Writing,
): Promise<BakingExample[]> {
  const { keep } = run.options.trajectories;
  const all: BakingExample[] = [];
  for (const persona of personas) {
    const asked = personaQuestions(run, { side, count, tools }, 'bake', persona);
    const posed = posedPersona(run, persona, asked, 'bake', side);
    const written = await taughtExamples(run, baked.applied(weights), posed, {
      ...{ strategy: persona, copies, words: [persona, side] },
      keeps: (answered) =>
        keep === 'all' ||
        (showsTrait(run, persona, answered) && (answered.asked.item.tool === null || answered.called)),
      told: counted(run.ctx, { task: `${persona} answers`, total: copies * asked.length, unit: 'answer' }),
    });
    all.push(...written);
  }
  return all;
}
