import type { TensorDict } from '../../../../core/contracts/tensor.js';
import type { LiveModel } from '../../shared/model/open.js';
import { hashOf } from '../model.js';
import type { BakingRun } from '../prepare.js';
import { once } from '../saved.js';
import { answersOf, shareOf } from '../tools/check.js';
import { personaQuestions, showsTrait, withText } from './questions.js';

/** What the model does with the text of a persona before it is baked. Shares of held-out questions. JSON. */
export interface PersonaCheck {
  readonly persona: string;
  readonly items: number;
  /** Trait shown with the text in front, and without it. */
  readonly prompted: number;
  readonly unprompted: number;
  /** Why it is not baked; null: it is. */
  readonly refused: string | null;
}

/** As the teacher check of tools: what the prompted model does not do cannot be baked. */
export function checkPersonas(
  run: BakingRun,
  model: LiveModel,
  weights: TensorDict,
  tools: readonly string[],
): Promise<readonly PersonaCheck[]> {
  const { leastPrompted: least } = run.options.personas;
  const { listItems: count } = run.options.examination;
  const names = [...run.personas.keys()];
  return once(run, 'persona-check', [hashOf(weights), names, count, least], async () => {
    const asked = personaQuestions(run, { side: 'held-out', count, tools }, 'check');
    const bare = await answersOf(run, model, asked);
    const checks: PersonaCheck[] = [];
    for (const persona of names) {
      const told = await answersOf(run, model, withText(run, persona, asked, 'check'));
      const [prompted, unprompted] = [told, bare].map((answers) =>
        shareOf(answers, (answered) => showsTrait(run, persona, answered)),
      ) as [number, number];
      const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
      const refused =
        prompted < least
          ? `with its text the trait is shown in ${percent(prompted)}, less than ${percent(least)}`
          : null;
      checks.push({ persona, items: asked.length, prompted, unprompted, refused });
    }
    return checks;
  });
}
