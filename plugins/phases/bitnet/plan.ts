import { COMPRESSOR } from '../../../core/contracts/compressor.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import type { PhasePlan, PlanContext } from '../../../core/contracts/phase.js';
import { nearest, type Problem } from '../../../core/errors/index.js';
import { KEPT } from './layer-map.js';
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
      'linear matrices': formats.ladder[0]!,
      tables: formats.tables,
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
  { named, ladder, tables }: BitnetOptions['formats'],
): Promise<void> {
  for (const [name, { use, options }] of Object.entries(named)) {
    const at = `${AT}.formats.named.${name}`;
    const codec = await problems.check(at, () => context.resolve(COMPRESSOR, use, options));
    if (codec !== null && codec.straightThrough === undefined)
      problems.add({
        at,
        message: `nothing can be trained in the format ${use}: it has no straight-through values`,
        fix: 'Choose a compressor with `straightThrough`: ternary, int4, int8, float16.',
      });
  }
  if (named[KEPT] !== undefined && named[KEPT].use !== KEPT)
    problems.add({
      at: `${AT}.formats.named.${KEPT}`,
      message: 'is the name of what is kept as it is',
      expected: `a format that uses ${KEPT}`,
      found: named[KEPT].use,
      fix: 'Give the format another name.',
    });
  await addLadderProblems(problems, context, { named, ladder });
  const known = [KEPT, ...Object.keys(named)];
  for (const [at, name] of [...ladder.map((one, i) => [`ladder[${i}]`, one]), ['tables', tables]] as const)
    if (!known.includes(name!)) {
      const meant = nearest(name!, known);
      problems.add({
        at: `${AT}.formats.${at}`,
        message: 'is no format that is named',
        expected: known.join(', '),
        found: name!,
        ...(meant === undefined ? {} : { suggestion: meant }),
        fix: 'Name it under formats.named.',
      });
    }
}

/** Rungs in their order of size, or the first would not be the smallest. */
async function addLadderProblems(
  problems: PlanProblems,
  context: PlanContext,
  { named, ladder }: Pick<BitnetOptions['formats'], 'named' | 'ladder'>,
): Promise<void> {
  const sizes = ladder.map((name) => {
    const { use, options } = named[name] ?? { use: KEPT, options: {} };
    return context.names(COMPRESSOR).includes(use)
      ? context.resolve(COMPRESSOR, use, options).bytes?.(REFERENCE)
      : undefined;
  });
  const wrong = sizes.findIndex((size, i) => i > 0 && size !== undefined && (sizes[i - 1] ?? 0) > size);
  if (wrong < 0) return;
  problems.add({
    at: `${AT}.formats.ladder[${wrong}]`,
    message: `takes fewer bytes than ${ladder[wrong - 1]!} before it`,
    expected: 'formats in the order of their size, the smallest first',
    found: ladder.join(', '),
    fix: `Put ${ladder[wrong]!} before ${ladder[wrong - 1]!}.`,
  });
}

/** A matrix whose formats are compared by size. */
const REFERENCE = [256, 256];

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
