import type { OptionsInput } from '../../../../core/contracts/options.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { Plugin } from '../../../../core/contracts/plugin.js';
import { clonePlain } from '../../../../core/validation/plain.js';
import { loadValidator } from '../../../../core/validation/validator.js';
import { CurriculumOptions } from '../../../../plugins/phases/curriculum/options.js';
import { prepare, type CurriculumRun } from '../../../../plugins/phases/curriculum/prepare.js';
import { tinyHandoff } from '../../../../testing/index.js';
import { tinyCurriculum } from '../../../support/tiny-curriculum.js';
import { benchOf, looks } from '../bitnet/support.js';

export type Options = OptionsInput<typeof CurriculumOptions>;

/** With all five tools. A manual is longer than what the tiny model reads: to draw tasks and make documents with. */
export const WITH_TOOLS: Options = { tools: { generator: 'tool-tasks' } };

/** The options of a tiny run with every default filled in. */
export async function completeOptions(overrides: Options = {}): Promise<CurriculumOptions> {
  const options = clonePlain(tinyCurriculum(overrides)) as CurriculumOptions;
  const validator = await loadValidator();
  const problems = validator.validate(CurriculumOptions, options, { at: '', fillDefaults: true });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return options;
}

/** Work with the tiny ternary model as a phase would. */
export async function withTernary<T>(
  use: (ctx: PhaseContext, handoff: Handoff) => Promise<T>,
  more: readonly Plugin[] = [],
): Promise<T> {
  let used: { readonly of: T } | undefined;
  const phase = looks(async (ctx) => {
    const { seed, sessionId: session, configHash } = ctx;
    used = {
      of: await use(ctx, await tinyHandoff('bitnet-to-curriculum', ctx.store, { seed, session, configHash })),
    };
  });
  const bench = await benchOf([phase], more);
  try {
    const { error } = await bench.kernel.run();
    if (error !== null) throw error;
    return used!.of;
  } finally {
    await bench.dispose();
  }
}

/** The same, prepared as the phase prepares itself. */
export function withRun<T>(options: Options, use: (run: CurriculumRun) => Promise<T>): Promise<T> {
  return withTernary(async (ctx, handoff) => {
    const run = await prepare(ctx, await completeOptions(options), handoff);
    try {
      return await use(run);
    } finally {
      await run.writers.dispose();
    }
  });
}
