import { WorkShares } from '../shared/progress.js';
import type { BakingOptions } from './options.js';
import { personasOf } from './personas/named.js';

/** How much of the phase is done. */
export type PhaseShares = WorkShares<'before' | 'tools' | 'lessons' | 'personas' | 'cycles' | 'after'>;

/** Answers that cost as much as an update, roughly. */
const ANSWERS_PER_UPDATE = 6;
/** Examinations of a tool: with and without, before and after, and four forms of its manual twice. */
const EXAMINED = 5;

/** Parts of the phase by what they cost, in updates. @param tools that are to be baked */
export function sharesOf(options: BakingOptions, tools: number): PhaseShares {
  const { tools: tool, personas, trajectories, cycles, examination } = options;
  const named = personasOf(options).length;
  const asked = (count: number): number => count / ANSWERS_PER_UPDATE;
  const bake = (steps: number, questions: number): number =>
    steps + asked(questions * trajectories.perQuestion + examination.listItems);
  const cycle = cycles.steps / 2 + asked(cycles.items * (1 + cycles.candidates));
  return new WorkShares([
    { name: 'before', cost: asked(2 * tools * examination.listItems) },
    { name: 'tools', cost: tools * bake(tool.steps, tool.questions) },
    { name: 'lessons', cost: named === 0 ? 0 : personas.lessons.steps },
    { name: 'personas', cost: named * bake(personas.steps, personas.questions) },
    { name: 'cycles', cost: cycles.most * cycle },
    {
      name: 'after',
      cost: asked(
        EXAMINED * tools * examination.toolItems +
          named * 2 * examination.personaItems +
          examination.thoughtItems,
      ),
    },
  ]);
}
