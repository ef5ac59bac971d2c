import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { OptionsInput } from '../../../../core/contracts/options.js';
import { definePhase, type PhaseContext } from '../../../../core/contracts/phase.js';
import type { Plugin } from '../../../../core/contracts/plugin.js';
import { clonePlain } from '../../../../core/validation/plain.js';
import { loadValidator } from '../../../../core/validation/validator.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { BitnetOptions } from '../../../../plugins/phases/bitnet/options.js';
import {
  createTestKernel,
  tinyDataset,
  tinyHandoff,
  tinyWorked,
  type TestKernel,
} from '../../../../testing/index.js';
import { QUIET_CONFIG, tinyBitnet } from '../../../support/tiny-bitnet.js';

/** The options of a tiny run with every default filled in. */
export async function completeOptions(
  overrides: OptionsInput<typeof BitnetOptions> = {},
): Promise<BitnetOptions> {
  const options = clonePlain(tinyBitnet(overrides)) as BitnetOptions;
  const validator = await loadValidator();
  const problems = validator.validate(BitnetOptions, options, { at: '', fillDefaults: true });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return options;
}

/** A kernel with the data of the tiny runs. @param more plugins of the test's own */
export const benchOf = (pipeline: readonly Plugin[], more: readonly Plugin[] = []): Promise<TestKernel> =>
  createTestKernel({
    ...{ builtins: BUILTIN_PLUGINS, pipeline, plugins: [tinyDataset(), tinyWorked(), ...more] },
    config: QUIET_CONFIG,
  });

/** A phase that looks at what the phase before it handed on. */
export function looks(
  look: (ctx: PhaseContext, input: Handoff | null) => Promise<void>,
  input: object | null = null,
) {
  return definePhase({
    name: 'looks',
    create: () => ({
      ...{ title: 'Looks', input, output: null, metrics: [], gates: [] },
      run: async (ctx, handed) => {
        await look(ctx, handed);
        return { models: [], metrics: {}, gates: [], handoff: null, warnings: [] };
      },
    }),
  })();
}

/** Work with the tiny thinker as a phase would. */
export async function withThinker<T>(
  use: (ctx: PhaseContext, handoff: Handoff) => Promise<T>,
  more: readonly Plugin[] = [],
): Promise<T> {
  let used: { readonly of: T } | undefined;
  const phase = looks(async (ctx) => {
    const { seed, sessionId: session, configHash } = ctx;
    used = {
      of: await use(ctx, await tinyHandoff('quietstar-to-bitnet', ctx.store, { seed, session, configHash })),
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
