import { DATASET } from '../../../core/contracts/dataset.js';
import { jsonLines, text } from '../../../plugins/datasets/index.js';
import { createTestKernel } from '../../../testing/index.js';

describe('datasets with names of their own', () => {
  it('stand beside each other in one kernel', async () => {
    const poems = text({ name: 'poems', path: 'poems.txt' });
    const plugins = [poems, text({ name: 'letters', path: 'letters.txt' }), jsonLines({ path: 'faq.jsonl' })];
    const { kernel, dispose } = await createTestKernel({ plugins });
    try {
      expect(kernel.names(DATASET)).toEqual(['poems', 'letters', 'json-lines']);
    } finally {
      await dispose();
    }
  });
});
