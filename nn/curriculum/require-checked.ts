import type { Checker, TaskItem } from '../../core/contracts/task.js';
import { ForgeError } from '../../core/errors/index.js';

/**
 * A task whose own answer its checker accepts, unchanged: nothing is trained on or measured with another one.
 *
 * @param checker the one that `item.checker` names
 * @throws ForgeError AF_TASK_ANSWER naming generator and question
 */
export function requireChecked(item: TaskItem, checker: Checker): TaskItem {
  if (checker.check(item.answer, item)) return item;
  throw new ForgeError(
    'AF_TASK_ANSWER',
    `${item.generator} asks "${item.question}", and the checker ${item.checker} refuses its answer "${item.answer}".`,
    {
      at: `${item.generator} ${item.id}`,
      fix: `correct the answer that ${item.generator} computes for ${item.concept}, or name another checker in its items`,
      facts: { generator: item.generator, id: item.id, concept: item.concept, checker: item.checker },
    },
  );
}
