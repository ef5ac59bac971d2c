import type { BakingExample } from '../../../../core/contracts/baking.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import type { TaskSide } from '../../../../core/contracts/tool.js';
import { bakeWhole } from '../bakes.js';
import { taughtExamples } from '../examples.js';
import { fitOf, learn, type LedgerEntry, type Standing } from '../learn.js';
import { personaList } from '../lists.js';
import type { BakedModel } from '../model.js';
import type { BakingRun } from '../prepare.js';
import { plainExamples } from '../tools/bake.js';
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
  let standing = begun;
  const bank = new Map<string, TensorDict>();
  for (const [place, name] of names.entries()) {
    const at = (done: number): number => fraction((place + done) / names.length);
    const lesson = await run.clock.time('personas', () => lessonOf(run, baked, standing, name, tools));
    if (run.options.personas.switching === 'trigger') {
      const list = personaList(run, name, tools);
      const learning = {
        name,
        kind: 'persona',
        ...lesson,
        list,
        steps: run.options.personas.steps,
        fraction: at,
      } as const;
      standing = await learn(run, baked, standing, learning, 'personas');
      continue;
    }
    const { weights, entry } = await run.clock.time('personas', () =>
      adapted(run, baked, standing, { name, ...lesson, at }),
    );
    bank.set(name, weights);
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
  const place = { order: ledger.length + 1, name, kind: 'persona', attempt: 1 } as const;
  return { weights, entry: { ...place, entries, fit, worst: null, kept: true, reason: null } };
}

async function lessonOf(
  run: BakingRun,
  baked: BakedModel,
  { weights }: Standing,
  persona: string,
  tools: readonly string[],
) {
  const teacher = baked.applied(weights);
  const { questions, heldOut, switching } = run.options.personas;
  const { perQuestion, keep } = run.options.trajectories;
  const written = (side: TaskSide, count: number, copies: number): Promise<BakingExample[]> => {
    const asked = personaQuestions(run, { side, count, tools }, 'bake', persona);
    return taughtExamples(run, teacher, posedPersona(run, persona, asked, 'bake', side), {
      ...{ strategy: persona, copies, words: [persona, side] },
      keeps: (answered) =>
        keep === 'all' ||
        (showsTrait(run, persona, answered) && (answered.asked.item.tool === null || answered.called)),
      told: () => run.ctx.pausePoint(() => Promise.resolve()),
    });
  };
  return {
    train: await written('train', questions, perQuestion),
    heldOut: await written('held-out', heldOut, 1),
    // Behind its token alone: without it the model goes on as before. Changes beside the model need no such thing.
    kept:
      switching === 'trigger'
        ? await plainExamples(run, baked, weights, Math.ceil(questions / 4), persona)
        : [],
  };
}
