import { PERSONA, type Persona, type PersonaQuestion } from '../../../core/contracts/persona.js';
import { TASK_GENERATOR } from '../../../core/contracts/task.js';
import { stream } from '../../../nn/random/index.js';
import { BUILTIN_PLUGINS } from '../../../plugins/catalogue.js';
import type { Plugin } from '../../../core/contracts/plugin.js';
import { implementationOf } from '../../../testing/index.js';

/** The question that examples are about. */
export const SUM: PersonaQuestion = { question: 'What is 37+58?', answer: '95', args: '37+58' };

export function ask(question: string, answer: string, args: string | null = null): PersonaQuestion {
  return { question, answer, args };
}

async function pluginsOf(point: string): Promise<Plugin[]> {
  const builtins = BUILTIN_PLUGINS.filter((each) => each.point === point);
  return Promise.all(builtins.map(async ({ load }) => ((await load()) as () => Plugin)()));
}

/** Every built-in persona by its name. */
export async function personas(): Promise<ReadonlyMap<string, Persona>> {
  const made = (await pluginsOf(PERSONA.id)).map(
    async (plugin) =>
      [plugin.name.replace(/-persona$/, ''), await implementationOf(PERSONA, plugin)] as const,
  );
  return new Map(await Promise.all(made));
}

/** Questions of every concept of every generator that needs no service, at difficulties from 1 to 100, on both sides. */
export async function generatedQuestions(difficulties: number): Promise<PersonaQuestion[]> {
  const tools = await pluginsOf('tool');
  const generators = (await pluginsOf(TASK_GENERATOR.id)).filter(({ name }) => name !== 'openrouter-tasks');
  const questions: PersonaQuestion[] = [];
  for (const plugin of generators) {
    const generator = await implementationOf(TASK_GENERATOR, plugin, tools);
    for (const concept of generator.concepts)
      for (const side of ['train', 'held-out'] as const)
        for (let step = 0; step < difficulties; step++) {
          const difficulty = 1 + Math.round((99 * step) / (difficulties - 1));
          const random = stream(5, plugin.name, concept, side, step);
          const { question, answer, tool } = generator.generate({ concept, side, difficulty }, random);
          questions.push({ question, answer, args: tool?.args ?? null });
        }
  }
  return questions;
}
