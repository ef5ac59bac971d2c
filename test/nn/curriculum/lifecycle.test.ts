import fc from 'fast-check';
import { Lifecycle } from '../../../nn/curriculum/index.js';

/** Answer one concept: `+` rightly, `-` wrongly, each time another variant; gives the states after each. */
function answered(lifecycle: Lifecycle, answers: string, concept = 'sum') {
  return [...answers].map((answer, place) =>
    lifecycle.record({
      concept,
      id: `${concept} ${place} ${lifecycle.of(concept).attempts}`,
      right: answer === '+',
    }),
  );
}

test('three in a row on different variants master', () => {
  const lifecycle = new Lifecycle(['sum', 'sort']);
  const states = answered(lifecycle, '+++');
  expect(states.map(({ status }) => status)).toEqual(['active', 'active', 'mastered']);
  expect(lifecycle.active).toEqual(['sort']);
  expect(lifecycle.counts).toEqual({ concepts: 2, active: 1, mastered: 1, parked: 0 });
});

test('the same variant counts once', () => {
  const lifecycle = new Lifecycle(['sum']);
  for (let time = 0; time < 5; time++) lifecycle.record({ concept: 'sum', id: 'one', right: true });
  expect(lifecycle.of('sum')).toMatchObject({ status: 'active', streak: ['one'], attempts: 5, right: 5 });
});

test('a failure takes the count back to none', () => {
  const lifecycle = new Lifecycle(['sum']);
  answered(lifecycle, '++-');
  expect(lifecycle.of('sum').streak).toEqual([]);
  // The next answer has a hint, then three without one are needed again.
  answered(lifecycle, '+++');
  expect(lifecycle.of('sum').status).toBe('active');
  answered(lifecycle, '+');
  expect(lifecycle.of('sum').status).toBe('mastered');
});

test('a success with a hint never masters', () => {
  const lifecycle = new Lifecycle(['sum'], { mostHints: 1000 });
  for (let time = 0; time < 300; time++) {
    const right = lifecycle.hintLevel('sum') > 0;
    lifecycle.record({ concept: 'sum', id: String(time), right });
  }
  expect(lifecycle.of('sum')).toMatchObject({ status: 'active', streak: [], right: 150 });
});

test('hints go 1, 2, 3, 3, 3, and a failure after five of them parks', () => {
  const lifecycle = new Lifecycle(['sum']);
  const states = answered(lifecycle, '------');
  expect(states.map(({ hintLevel }) => hintLevel)).toEqual([1, 2, 3, 3, 3, 0]);
  expect(states.map(({ status }) => status)).toEqual([...Array<string>(5).fill('active'), 'parked']);
  expect(lifecycle.active).toEqual([]);
});

test('who needs a hint each time is parked, who once does without begins again', () => {
  const lifecycle = new Lifecycle(['leaning', 'learning']);
  answered(lifecycle, '-+-+-+-+-+-', 'leaning');
  expect(lifecycle.of('leaning').status).toBe('parked');
  answered(lifecycle, '-+-+-+-++-', 'learning');
  expect(lifecycle.of('learning')).toMatchObject({ status: 'active', hints: 1, hintLevel: 1 });
});

test('what is mastered or parked stays so', () => {
  const lifecycle = new Lifecycle(['sum', 'sort']);
  answered(lifecycle, '+++---');
  answered(lifecycle, '------++++', 'sort');
  expect(lifecycle.counts).toEqual({ concepts: 2, active: 0, mastered: 1, parked: 1 });
});

test('concepts do not touch each other', () => {
  const lifecycle = new Lifecycle(['sum', 'sort']);
  answered(lifecycle, '++');
  answered(lifecycle, '-', 'sort');
  expect(lifecycle.of('sum').streak).toHaveLength(2);
});

test('an unknown concept is refused', () => {
  expect(() => new Lifecycle(['sum']).record({ concept: 'sort', id: 'x', right: true })).toThrow(/"sort"/);
});

test('settings', () => {
  const lifecycle = new Lifecycle(['sum'], { mastery: 1, hintLevels: 2, mostHints: 3 });
  expect(answered(lifecycle, '---').map(({ hintLevel }) => hintLevel)).toEqual([1, 2, 2]);
  expect(answered(lifecycle, '-').at(-1)!.status).toBe('parked');
});

test('goes on from its state as if nothing had been', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 4 }), fc.boolean()), {
        maxLength: 40,
      }),
      fc.nat(40),
      (attempts, cut) => {
        const whole = new Lifecycle(['a', 'b']);
        let parts = new Lifecycle(['a', 'b']);
        attempts.forEach(([concept, id, right], place) => {
          if (place === cut) parts = new Lifecycle(JSON.parse(JSON.stringify(parts.state())));
          const attempt = { concept, id: String(id), right };
          expect(parts.record(attempt)).toEqual(whole.record(attempt));
        });
        expect(parts.state()).toEqual(whole.state());
        expect(parts.active).toEqual(whole.active);
      },
    ),
  );
});
