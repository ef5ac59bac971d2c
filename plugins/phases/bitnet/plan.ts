import { COMPRESSOR } from '../../../core/contracts/compressor.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import type { PhasePlan, PlanContext } from '../../../core/contracts/phase.js';
import type { Problem } from '../../../core/errors/index.js';
import { PlanProblems } from '../shared/plan.js';
import type { BitnetOptions } from './options.js';
import { AT } from './paths.js';

/** Facts and problems of a run, without loading data or weights. */
export async function planBitnet(context: PlanContext, options: BitnetOptions): Promise<PhasePlan> {
  const problems = new PlanProblems();
  const { formats, recovery, data, mixed } = options;
  await addFormatProblems(problems, context, formats);
  const { optimizer, secondStage } = recovery;
  await problems.check(`${AT}.recovery.optimizer`, () =>
    context.resolve(OPTIMIZER, optimizer.use, optimizer.options),
  );
  if (secondStage !== null)
    await problems.check(`${AT}.recovery.secondStage.options`, () =>
      context.resolve(OPTIMIZER, optimizer.use, { ...optimizer.options, ...secondStage.options }),
    );
  problems.add(...shareProblems(data), ...ratioProblems(options));
  return {
    facts: {
      'linear matrices': formats.linear.use,
      tables: formats.tables.use,
      inputs: formats.activations,
      updates: recovery.steps,
      'more bits': mixed.when,
    },
    memoryBytes: null,
    diskBytes: null,
    unknown: 'not known before the thinker is there',
    problems: problems.all,
    warnings:
      recovery.steps === 0
        ? ['recovery.steps is 0: a model that is quantised without training says next to nothing']
        : [],
  };
}

async function addFormatProblems(
  problems: PlanProblems,
  context: PlanContext,
  { linear, tables, pinned }: BitnetOptions['formats'],
): Promise<void> {
  const named = { linear, tables, ...Object.fromEntries(pinnedFormats(pinned)) };
  for (const [at, { use, options }] of Object.entries(named)) {
    const where = `${AT}.formats.${at}`;
    const codec = await problems.check(where, () => context.resolve(COMPRESSOR, use, options));
    if (codec !== null && codec.straightThrough === undefined)
      problems.add({
        at: where,
        message: `nothing can be trained in the format ${use}: it has no straight-through values`,
        fix: 'Choose a compressor with `straightThrough`: ternary, int4, int8, float16.',
      });
  }
}

function pinnedFormats(pinned: BitnetOptions['formats']['pinned']) {
  return Object.entries(pinned).flatMap(([name, format]) =>
    format === null ? [] : [[`pinned.${name}`, format] as const],
  );
}

function shareProblems({ thoughts, direct }: BitnetOptions['data']): Problem[] {
  if (thoughts + direct <= 1) return [];
  return [
    {
      at: `${AT}.data`,
      message: 'thoughts and direct are more than all tokens',
      expected: 'together at most 1',
      found: String(thoughts + direct),
      fix: 'lower data.thoughts or data.direct',
    },
  ];
}

/** What bits may be spent up to is what the gate asks for, or the gate could never be met. */
function ratioProblems({ mixed, gates }: BitnetOptions): Problem[] {
  if (mixed.when === 'never' || mixed.ratio >= gates.compression) return [];
  return [
    {
      at: `${AT}.mixed.ratio`,
      message: 'bits would be spent beyond what the gate on compression allows',
      expected: `at least ${gates.compression} (gates.compression)`,
      found: String(mixed.ratio),
      fix: 'raise mixed.ratio or lower gates.compression',
    },
  ];
}
