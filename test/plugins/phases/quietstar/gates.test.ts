import { judgePhase, type GateSubject } from '../../../../plugins/phases/quietstar/gates.js';
import { theaterReport, type TheaterReport } from '../../../../plugins/phases/shared/theater/index.js';
import { completeOptions, examined, record } from './support.js';

const RECORDS = Array.from({ length: 60 }, () => record());
const always = (letter: string): string => letter.repeat(RECORDS.length);

function theaterOf(arms: Parameters<typeof examined>[1]): TheaterReport {
  return theaterReport({ arms: examined(RECORDS, arms).arms }, { resamples: 200 });
}

/** Thoughts that are right where everything else is wrong. */
const HELPFUL = {
  with: always('r'),
  ...{ without: always('w'), other: always('w'), random: always('w'), filler: always('w') },
};

const subject = async (changes: Partial<GateSubject> = {}): Promise<GateSubject> => ({
  options: await completeOptions(),
  integrity: { name: 'thinker', parameters: 100, finite: true, stored: true, causality: 0 } as never,
  tags: 8,
  baking: { accuracy: 0.9, strategies: { a: { items: 3, accuracy: 0.8 } } },
  theater: theaterOf({ ...HELPFUL, control: always('w') }),
  ...{ coherence: 0.7, validity: 0.75, latencyMs: 200, ordinaryChange: 0.01 },
  ...changes,
});

const judged = async (changes: Partial<GateSubject> = {}) =>
  Object.fromEntries(judgePhase(await subject(changes)).map((gate) => [gate.name, gate]));

describe('gates of phase 3', () => {
  it('pass at their limits', async () => {
    const gates = await judged();
    for (const name of ['coherence', 'validity', 'latency_ms', 'ordinary_text', 'special_tokens'])
      expect([name, gates[name]!.passed]).toEqual([name, true]);
    for (const name of [
      'thoughts_help',
      'better_than_without',
      'better_than_placebos',
      'better_than_control',
    ])
      expect([name, gates[name]!.passed]).toEqual([name, true]);
  });

  it.each([
    ['special_tokens', { tags: 7 }],
    ['baking_accuracy', { baking: { accuracy: 0.84, strategies: {} } }],
    ['coherence', { coherence: 0.69 }],
    ['validity', { validity: 0.74 }],
    ['latency_ms', { latencyMs: 201 }],
    ['ordinary_text', { ordinaryChange: 0.011 }],
  ] as const)('%s fails just beyond its limit', async (name, changes) => {
    expect((await judged(changes))[name]!.passed).toBe(false);
  });

  it('says what to try where a thought takes too long', async () => {
    const { latency_ms: missed } = await judged({ latencyMs: 201 });
    expect(missed!.reason).toMatch(/thoughts of 2 tokens .*quiet\.shrink/);
    expect((await judged({ latencyMs: 200 }))['latency_ms']!.reason).toBeUndefined();
  });

  it('judges the worst strategy', async () => {
    const strategies = { good: { items: 9, accuracy: 1 }, bad: { items: 1, accuracy: 0.7 } };
    const gates = await judged({ baking: { accuracy: 1, strategies } });
    expect(gates['baking_strategies']).toMatchObject({ measured: 0.7, passed: false });
  });

  it('does not judge what was not measured, and says so', async () => {
    const gates = await judged({
      baking: { accuracy: null, strategies: {} },
      theater: theaterReport({ arms: examined([], {}).arms }),
      ...{ coherence: null, validity: null, latencyMs: null },
    });
    const unknown = Object.values(gates).filter(({ passed }) => passed === null);
    expect(unknown.map(({ name }) => name).sort()).toEqual([
      ...['baking_accuracy', 'baking_strategies', 'better_than_control', 'better_than_placebos'],
      ...['better_than_without', 'coherence', 'latency_ms', 'thoughts_help', 'validity'],
    ]);
    for (const { reason } of unknown) expect(reason).toBeTruthy();
    expect(gates['anti_theater']!.passed).toBe(false);
  });

  it('takes the lowest bound of the placebos: one that helps as much is enough to fail', async () => {
    const gates = await judged({ theater: theaterOf({ ...HELPFUL, filler: always('r') }) });
    expect(gates['better_than_without']!.passed).toBe(true);
    expect(gates['better_than_placebos']).toMatchObject({ measured: 0, passed: false });
    expect(gates['better_than_control']!.passed).toBe(null);
  });

  it('does not judge placebos of which one was not asked', async () => {
    const { filler: _, ...others } = HELPFUL;
    const gates = await judged({ theater: theaterOf(others) });
    expect(gates['better_than_placebos']!.passed).toBe(null);
  });
});
