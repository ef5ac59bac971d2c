import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import type { PhasePlan, PlanContext } from '../../../core/contracts/phase.js';
import type { Problem } from '../../../core/errors/index.js';
import { PlanProblems } from '../shared/plan.js';
import { checkComparison } from './comparison/plan.js';
import { bystanderProblems, kindProblem, toolKindProblem } from '../shared/tasks/kinds.js';
import type { CurriculumOptions } from './options.js';
import { AT } from './paths.js';
import { rulesOf } from './value-options.js';
import { addValueProblems } from './value-problems.js';

/** Facts and problems of a run, without loading data or weights. */
export async function planCurriculum(context: PlanContext, options: CurriculumOptions): Promise<PhasePlan> {
  const problems = new PlanProblems();
  const { forge, levels, tasks, tools, dreams, consolidation } = options;
  const rules = rulesOf(options.values);
  await problems.check(`${AT}.forge.optimizer`, () =>
    context.resolve(OPTIMIZER, forge.optimizer.use, forge.optimizer.options),
  );
  await checkComparison(context, options, problems);
  const named: [at: string, name: string][] = tasks.generators.map((name, i) => [
    `${AT}.tasks.generators[${i}]`,
    name,
  ]);
  problems.add(...shareProblems(options));
  await addValueProblems(problems, context, options);
  for (const [at, name] of named)
    await problems.check(at, () => problems.add(...kindProblem(context, at, name)));
  await checkTools(context, tools, problems);
  return {
    facts: {
      tasks: tasks.generators.join(', '),
      tools: tools.generator ?? 'none',
      updates: forge.steps,
      levels: `10 of ${levels.items} tasks, at most ${levels.epochs} epochs`,
      ...(dreams.arm === 'none' ? {} : { dreams: `${dreams.arm}, ${dreams.steps} updates a level` }),
      consolidation: consolidation.steps,
      ...(rules.length === 0 ? {} : { rules: rules.map(({ name }) => name).join(', ') }),
      ...comparisonFacts(options),
    },
    memoryBytes: null,
    diskBytes: null,
    unknown: 'not known before the ternary model is there',
    problems: problems.all,
    warnings:
      forge.steps === 0 && tools.generator !== null
        ? ['forge.steps is 0: levels alone teach few models to call tools']
        : [],
  };
}

async function checkTools(
  context: PlanContext,
  { generator, bystanders }: CurriculumOptions['tools'],
  problems: PlanProblems,
): Promise<void> {
  if (generator === null) return;
  const at = `${AT}.tools.generator`;
  await problems.check(at, () => problems.add(...toolKindProblem(context, at, generator)));
  problems.add(...bystanderProblems(context, `${AT}.tools.bystanders`, bystanders));
}

function comparisonFacts({ comparison }: CurriculumOptions): { readonly comparison?: string } {
  if (comparison === null) return {};
  const { arms, steps } = comparison;
  return { comparison: `${Object.keys(arms).join(', ')}: ${steps} updates each` };
}

function shareProblems({ data, tools }: CurriculumOptions): Problem[] {
  const sums = [
    [`${AT}.data`, 'thoughts and replay', data.thoughts + data.replay],
    [`${AT}.tools`, 'without and other', tools.without + tools.other],
  ] as const;
  return sums.flatMap(([at, what, sum]): Problem[] =>
    sum <= 1
      ? []
      : [
          {
            at,
            message: `${what} are more than all there is`,
            expected: 'together at most 1',
            found: String(sum),
            fix: `lower one of ${what}`,
          },
        ],
  );
}
