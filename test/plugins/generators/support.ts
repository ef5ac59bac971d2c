import { TASK_GENERATOR, type TaskGenerator, type TaskItem } from '../../../core/contracts/task.js';
import type { TaskSide } from '../../../core/contracts/tool.js';
import type { Plugin } from '../../../core/contracts/plugin.js';
import { stream } from '../../../nn/random/index.js';
import { implementationOf } from '../../../testing/index.js';

export const generatorOf = (plugin: Plugin, others: readonly Plugin[] = []): Promise<TaskGenerator> =>
  implementationOf(TASK_GENERATOR, plugin, others);

/** Questions of one concept, difficulty and side. */
export function itemsOf(
  generator: TaskGenerator,
  concept: string,
  difficulty: number,
  side: TaskSide = 'train',
  count = 40,
): readonly TaskItem[] {
  return Array.from({ length: count }, (_, place) =>
    generator.generate({ concept, difficulty, side }, stream(1, concept, difficulty, side, place)),
  );
}

/** An expression of whole numbers, from left to right, modulo a number where one is given. */
export function worked(expression: string, modulus: number | null = null): number {
  const [start, ...rest] = expression.match(/^\d+|[-+*]\d+/g)!;
  return rest.reduce((now, text) => {
    const by = Number(text.slice(1));
    const next = text[0] === '+' ? now + by : text[0] === '-' ? now - by : now * by;
    return modulus === null ? next : ((next % modulus) + modulus) % modulus;
  }, Number(start));
}

/** A question without its numbers and single letters: what is left is the wording. */
export function wordingOf(question: string): string {
  return question.replace(/\b([a-z]|\d+)\b/g, '#').replace(/#([-+*/=>; ]*#)*/g, '#');
}
