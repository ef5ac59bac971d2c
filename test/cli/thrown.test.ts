import { causesOf } from '../../cli/thrown.js';
import { messageOf } from '../../core/errors/message-of.js';

/** An error whose message is code that throws. */
function hostile(): Error {
  return Object.defineProperty(new Error('x'), 'message', {
    get: () => {
      throw new Error('from the getter');
    },
  });
}

test('whatever is thrown has a text', () => {
  for (const thrown of [hostile(), Object.create(null), null, undefined, Symbol('s')])
    expect(typeof messageOf(thrown)).toBe('string');
});

test('a cause that cannot be looked at ends the chain', () => {
  const cause = hostile();
  const causes = causesOf(new Error('outer', { cause }));
  // Compared here: the matcher would look at its message.
  expect([causes.length, causes[0] === cause]).toEqual([1, true]);
});
