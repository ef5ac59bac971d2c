import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import { EMPTY_ANSWERS } from '../../../nn/cycles/index.js';
import { PartClock } from '../shared/part-clock.js';
import { counted } from '../shared/progress.js';
import { conclude } from './conclude.js';
import { runCycles, type Cycles } from './cycles/run.js';
import { bakedNames, type Findings } from './findings.js';
import { finished } from './finish.js';
import { answersAt, type Standing } from './learn.js';
import { thoughtList } from './lists.js';
import { lockedLoss } from '../shared/evaluation/locked-loss.js';
import { lockedThoughts } from '../shared/thoughts/locked.js';
import { BakedModel } from './model.js';
import type { BakingOptions } from './options.js';
import { bakePersonas } from './personas/bake.js';
import { checkPersonas, type PersonaCheck } from './personas/check.js';
import { examinePersonas } from './personas/examine.js';
import { teachPersonas } from './personas/lessons.js';
import { prepare, type BakingRun, type TimedPart } from './prepare.js';
import { sharesOf, type PhaseShares } from './shares.js';
import { bakeTools } from './tools/bake.js';
import { checkTools } from './tools/check.js';
import { examineTools } from './tools/examine.js';
import { measureLatency } from './tools/latency.js';

/** Run phase 6: what the model does with a prompt in front it learns to do without; then it is measured what it forgot. */
export async function runBaking(
  ctx: PhaseContext,
  options: BakingOptions,
  input: Handoff | null,
): Promise<PhaseResult> {
  const clock = new PartClock<TimedPart>();
  const run = await clock.time('preparation', () => prepare(ctx, options, input, clock));
  try {
    return await worked(run);
  } finally {
    await run.writers.dispose();
  }
}

async function worked(run: BakingRun): Promise<PhaseResult> {
  const { clock, start } = run;
  const shares = sharesOf(run.options, run.toolNames.length);
  const baked = new BakedModel(run);
  const base = baked.applied(start.weights);
  const checked = counted(run.ctx, {
    ...{ task: 'what manuals do', total: run.toolNames.length, unit: 'tool' },
    fraction: (done) => shares.at('before', done),
  });
  const toolChecks = await clock.time('before', () => checkTools(run, base, start.weights, checked));
  for (const { tool, refused } of toolChecks)
    if (refused !== null) run.ctx.log.warn(`${tool} is not baked: ${refused}.`);
  const fit = toolChecks.filter(({ refused }) => refused === null).map(({ tool }) => tool);
  const begun = await beginning(run, baked);
  const withTools = await bakeTools(run, baked, begun, fit, (done) => shares.at('tools', done));
  const tools = bakedNames({ standing: withTools }, 'tool');
  const taught = await personasTaught(run, baked, withTools, { tools, shares });
  const { standing: withPersonas, bank } = await bakePersonas(run, baked, taught.standing, {
    names: taught.checks.filter(({ refused }) => refused === null).map(({ persona }) => persona),
    tools,
    fraction: (done) => shares.at('personas', done),
  });
  const cycles = await clock.time('cycles', () =>
    runCycles(run, baked, withPersonas, { tools, fraction: (done) => shares.at('cycles', done) }),
  );
  return concluded(run, baked, { toolChecks, tools, taught, bank, cycles, base, shares });
}

/** Questions of phase 3 are watched from the beginning. */
async function beginning(run: BakingRun, baked: BakedModel): Promise<Standing> {
  const thoughts = thoughtList(run);
  const standing: Standing = {
    ...{ weights: run.start.weights, ledger: [], answers: EMPTY_ANSWERS, learnt: [] },
    lists: thoughts === null ? [] : [thoughts],
  };
  return { ...standing, answers: await answersAt(run, baked, standing, 'before') };
}

/** The model with its lessons, and what it then does with the text of each persona. */
interface Taught {
  readonly standing: Standing;
  readonly checks: readonly PersonaCheck[];
  readonly lessons: Findings['lessons'];
}

async function personasTaught(
  run: BakingRun,
  baked: BakedModel,
  standing: Standing,
  { tools, shares }: { readonly tools: readonly string[]; readonly shares: PhaseShares },
): Promise<Taught> {
  if (run.personas.size === 0) return { standing, checks: [], lessons: null };
  const taught = await lessonsGiven(run, baked, standing, { tools, shares });
  const { weights } = taught.standing;
  const checks = await run.clock.time('before', () =>
    checkPersonas(run, baked.applied(weights), weights, tools),
  );
  for (const { persona, refused } of checks)
    if (refused !== null) run.ctx.log.warn(`${persona} is not baked: ${refused}.`);
  return { ...taught, checks };
}

async function lessonsGiven(
  run: BakingRun,
  baked: BakedModel,
  standing: Standing,
  { tools, shares }: { readonly tools: readonly string[]; readonly shares: PhaseShares },
): Promise<Pick<Taught, 'standing' | 'lessons'>> {
  if (run.options.personas.lessons.steps === 0) return { standing, lessons: null };
  const { weights, entries } = await run.clock.time('lessons', () =>
    teachPersonas(run, baked.latent(standing.weights), tools, (done) => shares.at('lessons', done)),
  );
  const next = { ...standing, weights };
  const [{ before, after }] = entries as [(typeof entries)[number]];
  return {
    standing: { ...next, answers: await answersAt(run, baked, next, 'lessons') },
    lessons: { before, after },
  };
}

/** What the phase did before it measures the end. */
interface Worked {
  readonly toolChecks: Findings['toolChecks'];
  /** Tools that the model calls by itself. */
  readonly tools: readonly string[];
  readonly taught: Taught;
  readonly bank: Awaited<ReturnType<typeof bakePersonas>>['bank'];
  readonly cycles: Cycles;
  readonly base: ReturnType<BakedModel['applied']>;
  readonly shares: PhaseShares;
}

async function concluded(
  run: BakingRun,
  baked: BakedModel,
  { toolChecks, tools, taught, bank, cycles, base, shares }: Worked,
): Promise<PhaseResult> {
  const { clock, options } = run;
  const { thoughtItems: items, rows } = options.examination;
  const { standing } = cycles;
  const end = await clock.time('packing', () => finished(run, baked, standing.weights));
  const after = { ...base, weights: end.packed.weights };
  const names = bakedNames({ standing }, 'persona');
  const measured = (task: string, total: number, [from, to]: readonly [number, number]) =>
    counted(run.ctx, {
      ...{ task, total, unit: 'part' },
      fraction: (done) => shares.at('after', from + (to - from) * done),
    });
  const findings = await clock.time('after', async (): Promise<Findings> => {
    const models = { base, baked: after };
    return {
      ...{ toolChecks, personaChecks: taught.checks, lessons: taught.lessons, standing, cycles, end },
      tools: await examineTools(run, models, measured('tools, measured', 2 * run.toolNames.length, [0, 0.6])),
      personas: await examinePersonas(
        run,
        {
          none: after,
          of: (name) => (bank.has(name) ? baked.applied(bank.get(name)!) : after),
          before: baked.applied(taught.standing.weights),
        },
        { names, tools, told: measured('personas, measured', 2 * names.length, [0.6, 0.9]) },
      ),
      latency: await measureLatency(run, models),
      before: { text: await lockedLoss(run, base) },
      after: {
        text: await lockedLoss(run, end.live),
        examined: await lockedThoughts(run, end.live, { items, rows }),
      },
    };
  });
  return conclude(run, baked, findings, bank);
}
