import { loadSchema } from '../../../core/contracts/load-schema.js';
import { isForgeError } from '../../../core/errors/index.js';

test('a missing schema is an internal error that names the file', () => {
  let thrown: unknown;
  try {
    loadSchema('no-such.json');
  } catch (error) {
    thrown = error;
  }
  expect(isForgeError(thrown, 'AF_INTERNAL')).toBe(true);
  expect(thrown).toMatchObject({ at: 'schemas/no-such.json' });
});
