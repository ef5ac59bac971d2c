import { policyOf } from '../../cli/commands/clean.js';

const config = { completedDays: 30, failedDays: 7, maxSessions: 100 };

describe('what clean may remove', () => {
  test.each([
    ['the config decides', {}, config],
    ['--age', { age: 3 }, { completedDays: 3, failedDays: 3, maxSessions: Infinity }],
    ['--failed', { failed: true }, { completedDays: Infinity, failedDays: 0, maxSessions: Infinity }],
    [
      '--failed --age',
      { failed: true, age: 2 },
      { completedDays: Infinity, failedDays: 2, maxSessions: Infinity },
    ],
    ['--all', { all: true }, { completedDays: 0, failedDays: 0, maxSessions: Infinity }],
  ])('%s', (_, flags, policy) => expect(policyOf(flags, config)).toEqual(policy));
});
