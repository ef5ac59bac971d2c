import { BAKING } from '../../../core/contracts/baking.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import { PERSONA } from '../../../core/contracts/persona.js';
import type { PhasePlan, PlanContext } from '../../../core/contracts/phase.js';
import { TOOL } from '../../../core/contracts/tool.js';
import { nearest, type Problem } from '../../../core/errors/index.js';
import { PlanProblems } from '../shared/plan.js';
import { kindProblem, toolKindProblem } from '../shared/tasks/kinds.js';
import type { BakingOptions } from './options.js';
import { AT } from './paths.js';
import { personasOf } from './personas/named.js';

/** Facts and problems of a run, without loading data or weights. */
export async function planBaking(context: PlanContext, options: BakingOptions): Promise<PhasePlan> {
  const problems = new PlanProblems();
  const { bake, tools, personas, plain, cycles } = options;
  const names = personasOf(options);
  const method = await problems.check(`${AT}.bake.use`, () =>
    context.resolve(BAKING, bake.use, bake.options),
  );
  if (method !== null && method.teacher !== 'prompted')
    problems.add({
      at: `${AT}.bake.use`,
      message: `${bake.use} has no teacher that reads a prompt: there would be nothing to learn`,
      fix: "set bake.use to 'prompts'",
    });
  for (const [at, { use, options: own }] of [
    ['bake', bake.optimizer],
    ['personas.lessons', personas.lessons.optimizer],
  ] as const)
    await problems.check(`${AT}.${at}.optimizer`, () => context.resolve(OPTIMIZER, use, own));
  for (const [i, name] of plain.entries()) {
    const at = `${AT}.plain[${i}]`;
    await problems.check(at, () => problems.add(...kindProblem(context, at, name)));
  }
  if (tools.generator !== null) {
    const { generator } = tools;
    const at = `${AT}.tools.generator`;
    await problems.check(at, () => problems.add(...toolKindProblem(context, at, generator)));
  }
  if (plain.length === 0 && names.length > 0)
    problems.add({
      at: `${AT}.plain`,
      message: 'personas are asked questions that need no tool, and nothing asks any',
      expected: 'names of task generators',
      found: 'none',
      fix: "name some, for example ['boolean-tasks'], or bake no personas",
    });
  problems.add(...unknownNames(context.names(TOOL), tools.use ?? [], `${AT}.tools.use`, 'tool'));
  problems.add(...unknownNames(context.names(PERSONA), names, `${AT}.personas.use`, 'persona'));
  return {
    facts: {
      tools: tools.generator === null ? 'none' : (tools.use?.join(', ') ?? 'all that the model was taught'),
      personas: names.join(', ') || 'none',
      switching: personas.switching,
      updates: `${tools.steps} a tool, ${personas.steps} a persona, ${personas.lessons.steps} of lessons`,
      cycles: `at most ${cycles.most}`,
    },
    memoryBytes: null,
    diskBytes: null,
    unknown: 'not known before the forged model is there',
    problems: problems.all,
    warnings: warningsOf(options),
  };
}

function unknownNames(
  known: readonly string[],
  names: readonly string[],
  at: string,
  what: string,
): Problem[] {
  return names.flatMap((name, i): Problem[] => {
    if (known.includes(name)) return [];
    const suggestion = nearest(name, known);
    return [
      {
        ...{
          at: `${at}[${i}]`,
          message: `there is no ${what} of this name`,
          expected: known.join(', '),
          found: name,
        },
        ...(suggestion === undefined ? {} : { suggestion }),
        fix: 'list the plugin that provides it under `plugins` of the config, or name another',
      },
    ];
  });
}

function warningsOf({ tools, personas }: BakingOptions): string[] {
  const isEmpty = tools.generator === null && personas.use !== 'planned' && personas.use.length === 0;
  return isEmpty ? ['neither tools nor personas are baked: the model stays as it is'] : [];
}
