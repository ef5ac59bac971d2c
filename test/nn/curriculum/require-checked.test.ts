import type { TaskItem } from '../../../core/contracts/task.js';
import { isForgeError } from '../../../core/errors/index.js';
import { requireChecked } from '../../../nn/curriculum/index.js';

const item: TaskItem = {
  ...{ id: '1f', generator: 'sums', concept: 'sum', difficulty: 1, side: 'train', question: 'What is 1+1?' },
  ...{ answer: '3', thought: null, checker: 'number', tool: null, source: 'generated' },
};

test('an answer that its checker accepts goes through', () => {
  expect(requireChecked(item, { check: (written) => written === '3' })).toBe(item);
});

test('one that it refuses names generator, question, answer and checker', () => {
  try {
    requireChecked(item, { check: () => false });
    throw new Error('nothing was refused');
  } catch (error) {
    expect(isForgeError(error, 'AF_TASK_ANSWER') && error).toMatchObject({
      at: 'sums 1f',
      message: 'sums asks "What is 1+1?", and the checker number refuses its answer "3".',
      fix: expect.stringMatching(/sum/),
    });
  }
});
