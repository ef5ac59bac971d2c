import { wilsonEstimate } from '../../../../nn/evaluation/index.js';
import type { Drop } from '../../../../nn/cycles/index.js';
import { divergenceRemoved, mostForgotten, type Judged } from '../../../../plugins/phases/baking/findings.js';
import { judgePhase, type GateSubject } from '../../../../plugins/phases/baking/gates.js';
import type { LedgerEntry } from '../../../../plugins/phases/baking/learn.js';
import type { BakingOptions } from '../../../../plugins/phases/baking/options.js';
import type { PersonaCheck } from '../../../../plugins/phases/baking/personas/check.js';
import type { ToolCheck } from '../../../../plugins/phases/baking/tools/check.js';
import { completeOptions } from './support.js';

const share = (value: number) => wilsonEstimate(Math.round(1000 * value), 1000);
const toolsOf = (shares: readonly number[], falseCalls: number | null = 0.05) =>
  ({
    tools: shares.map((value, i) => ({ tool: `tool-${i}`, items: 1000, baked: share(value) })),
    falseCalls: falseCalls === null ? null : { baked: share(falseCalls) },
    fading: [],
  }) as unknown as Judged['tools'];

/** What each persona shows of each trait; what is shown by none is nobody's. */
const personasOf = (diagonal: readonly number[], equal = diagonal.length): Judged['personas'] => ({
  ...{ names: diagonal.map((_, i) => `persona-${i}`), items: 100, stability: {}, unaffected: 1 },
  confusion: [
    ...diagonal.map((own, i) => diagonal.map((_, k) => (i === k ? own : 0))),
    diagonal.map(() => 1),
  ],
  switching: diagonal.length < 2 ? null : { pairs: diagonal.length, equal },
});

const lost = (points: number): Drop => ({ points: { value: points } }) as Drop;
const entry = (changes: Partial<LedgerEntry> & { readonly kl?: readonly number[] } = {}): LedgerEntry => {
  const { kl = [2, 1], ...others } = changes;
  const entries = kl.slice(1).map((after, i) => ({ before: kl[i]!, after }));
  return {
    ...{ order: 1, name: 'one', subjects: ['one'], kind: 'tool', attempt: 1, kept: true, reason: null },
    ...{ fit: { before: null, after: null }, worst: lost(3.4), entries },
    ...others,
  } as unknown as LedgerEntry;
};
const ledger = (...entries: readonly LedgerEntry[]) => ({ ledger: entries }) as unknown as Judged['standing'];
const refused = { tool: 'a', persona: 'a', refused: 'it cannot' } as unknown as ToolCheck & PersonaCheck;
const passed = { ...refused, refused: null };

const findings = (changes: Partial<Judged> = {}): Judged =>
  ({
    ...{ toolChecks: [passed], personaChecks: [passed] },
    tools: toolsOf([0.8, 1]),
    personas: personasOf([0.85, 1]),
    standing: ledger(entry()),
    latency: { items: 1, promptedMs: 10, bakedMs: 10, tokensSaved: 5 },
    before: { text: 1 },
    after: { text: 1.0953 },
    bytes: { before: 100, after: 105 },
    ...changes,
  }) as unknown as Judged;

const facts = {
  model: { name: 'baked', metadata: { parameters: 100 } },
  finite: true,
  stored: true,
  causality: 0,
};

let options: BakingOptions;
beforeAll(async () => void (options = await completeOptions()));

function judged(changes: Partial<Judged> = {}, more: Partial<GateSubject> = {}) {
  const gates = judgePhase(findings(changes), {
    options,
    ...{ integrity: [facts, facts] as never, readBack: true, reformatted: [] },
    ...more,
  });
  return Object.fromEntries(gates.map((gate) => [gate.name, gate]));
}

const failed = (gates: ReturnType<typeof judged>): string[] =>
  Object.values(gates).flatMap(({ name, passed: holds }) => (holds === false ? [name] : []));

describe('gates of phase 6', () => {
  it('pass at their limits', () => {
    const gates = judged();
    for (const { name, passed: holds } of Object.values(gates)) expect([name, holds]).toEqual([name, true]);
    expect(gates['tool_success']).toMatchObject({ measured: 0.9, class: 'target' });
    expect(gates['each_tool']).toMatchObject({ measured: 0.8 });
    expect(gates['persona_consistency']).toMatchObject({ measured: 0.85 });
    expect(gates['forgetting']).toMatchObject({ measured: 3.4 });
    expect(gates['divergence_removed']).toMatchObject({ measured: 0.5 });
  });

  it.each<[string, Partial<Judged>, Partial<GateSubject>?]>([
    ['packed_read_back', {}, { readBack: false }],
    ['format_kept', {}, { reformatted: ['layers.0.q'] }],
    ['tool_success', { tools: toolsOf([0.8, 0.998]) }],
    ['each_tool', { tools: toolsOf([0.79, 1, 1]) }],
    ['false_calls', { tools: toolsOf([0.9], 0.051) }],
    ['tools_refused', { toolChecks: [passed, refused] }],
    ['persona_consistency', { personas: personasOf([1, 0.84]) }],
    ['personas_refused', { personaChecks: [refused] }],
    ['persona_switching', { personas: personasOf([1, 1, 1], 2) }],
    ['forgetting', { standing: ledger(entry(), entry({ worst: lost(3.41) })) }],
    ['divergence_removed', { standing: ledger(entry(), entry({ kl: [2, 1.5, 1.01] })) }],
    ['latency', { latency: { items: 1, promptedMs: 10, bakedMs: 10.1, tokensSaved: 5 } }],
    ['perplexity', { after: { text: 1.0954 } as Judged['after'] }],
    ['file_size', { bytes: { before: 100, after: 106 } }],
  ])('%s fails just beyond its limit, and nothing else', (name, changes, more = {}) => {
    expect(failed(judged(changes, more))).toEqual([name]);
  });

  it('what was taken back is no loss and no bake, and what was baked in part is judged by no full effect', () => {
    const dropped = entry({ kept: false, worst: lost(50), kl: [2, 2] });
    const part = entry({ kind: 'a-cycle', kl: [2, 1.9] });
    expect(failed(judged({ standing: ledger(entry(), dropped, part) }))).toEqual([]);
  });

  it('half and rest of a bake are one: from before the first to after the last', () => {
    expect(divergenceRemoved(entry({ kl: [4, 2, 1] }))).toBe(0.75);
    expect(divergenceRemoved(entry({ kl: [4, 5] }))).toBe(-0.25);
    // Nothing was to be removed.
    expect(divergenceRemoved(entry({ kl: [0, 0] }))).toBeNull();
    expect(divergenceRemoved(entry({ kl: [] }))).toBeNull();
    expect(mostForgotten({ standing: ledger(entry({ worst: null }), entry({ worst: lost(-2) })) })).toBe(-2);
  });

  it('a bake without any effect counts as one that removed nothing', () => {
    const gates = judged({ standing: ledger(entry(), entry({ kl: [0, 0] })) });
    expect(gates['divergence_removed']).toMatchObject({ measured: 0, passed: false });
  });

  it('does not judge what was not measured, and says so', () => {
    const gates = judged({
      ...{ toolChecks: [], personaChecks: [], tools: toolsOf([], null), personas: personasOf([]) },
      ...{ standing: ledger(), latency: null },
    });
    const unknown = Object.values(gates).filter(({ passed: holds }) => holds === null);
    expect(unknown.map(({ name }) => name)).toEqual([
      ...['tool_success', 'each_tool', 'false_calls', 'persona_consistency', 'persona_switching'],
      ...['forgetting', 'divergence_removed', 'latency'],
    ]);
    for (const { reason } of unknown) expect(reason).toMatch(/\w+ \w+/);
    expect(failed(gates)).toEqual([]);
  });
});
