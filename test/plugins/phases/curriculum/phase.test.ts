import { Ajv } from 'ajv';
import { loadHandoffSchema } from '../../../../core/contracts/handoff-schema.js';
import { loadMetricCatalogue } from '../../../../core/contracts/metric-catalogue.js';
import type { RunEvent } from '../../../../core/contracts/index.js';
import type { PhaseResult } from '../../../../core/contracts/phase.js';
import { curriculum } from '../../../../plugins/index.js';
import { openPacked } from '../../../../storage/packed/index.js';
import { handoffPhase, type TestKernel } from '../../../../testing/index.js';
import { tinyCurriculum } from '../../../support/tiny-curriculum.js';
import { benchOf, looks } from '../bitnet/support.js';

/** What is read of the facts of the handoff. */
interface Facts {
  readonly levels: readonly {
    readonly level: number;
    readonly difficulty: number;
    readonly outcome: string;
    readonly epochs: number;
  }[];
  readonly retention: { readonly moments: readonly string[] };
  readonly compression: { readonly bytes_after: number };
  readonly misses: readonly { readonly gate: string }[];
}

const LEVELS = { items: 4, heldOut: 2, epochs: 2, advance: 0 };

describe('curriculum', () => {
  let bench: TestKernel;
  let result: PhaseResult;
  let packed: Uint8Array;

  beforeAll(async () => {
    const look = looks(async (ctx, handoff) => {
      packed = await ctx.store.read(handoff!.models[1]!.weights);
    }, loadHandoffSchema('curriculum-to-baking'));
    const phase = curriculum(tinyCurriculum({ levels: LEVELS }));
    bench = await benchOf([handoffPhase('bitnet-to-curriculum'), phase, look]);
    const report = await bench.kernel.run();
    if (report.error !== null) throw report.error;
    result = report.phases.find(({ name }) => name === 'curriculum')!.result!;
  });
  afterAll(() => bench.dispose());

  const facts = () => result.handoff!.facts as unknown as Facts;
  const metrics = () =>
    bench.events.flatMap((event: RunEvent) =>
      event.type === 'metric' && event.phase === 'curriculum' ? [event] : [],
    );

  it('hands on what its schema asks for', () => {
    const validate = new Ajv({ allErrors: true }).compile(loadHandoffSchema('curriculum-to-baking'));
    validate(result.handoff);
    expect(validate.errors).toBeNull();
    const [codes, half, latent] = result.models;
    expect(result.handoff!.models).toEqual([latent, codes, half]);
    expect(result.models.map(({ config }) => config.quantization!.weights)).toEqual([
      ...['applied', 'applied', 'latent'],
    ]);
  });

  it('passes every integrity gate, and finds the loss that phase 4 reported', () => {
    const gates = Object.fromEntries(result.gates.map(({ name, passed }) => [name, passed]));
    for (const { name, class: kind, passed } of result.gates)
      if (kind === 'integrity') expect([name, passed]).toEqual([name, true]);
    expect(gates['codes_kept']).toBe(true);
    expect(gates['input_loss']).toBe(true);
    expect(facts().misses.map(({ gate }) => gate)).toEqual(
      result.gates.filter(({ passed }) => passed === false).map(({ name }) => name),
    );
  });

  it('emits all of the documented 78 once, and says why one is null', () => {
    const names = loadMetricCatalogue().names('curriculum');
    expect(names).toHaveLength(78);
    for (const name of names) {
      const points = metrics().filter((point) => point.name === name);
      expect([name, points.length]).toEqual([name, 1]);
      if (points[0]!.value === null) expect([name, points[0]!.reason]).toEqual([name, expect.any(String)]);
      expect(result.metrics[name]).toBe(points[0]!.value);
    }
  });

  it('goes through ten levels, and measures all that were passed after each', () => {
    expect(facts().levels.map(({ level }) => level)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const { outcome, epochs } of facts().levels) expect([outcome, epochs]).toEqual(['accuracy', 1]);
    const difficulties = facts().levels.map(({ difficulty }) => difficulty);
    expect(difficulties.at(-1)).toBe(100);
    expect(difficulties).toEqual([...new Set(difficulties)].sort((a, b) => a - b));
    expect(facts().retention.moments).toEqual([
      ...['before', 'main training'],
      ...Array.from({ length: 10 }, (_, i) => `level ${i + 1}`),
      'end',
    ]);
    expect(result.metrics['stage3/level_10/epochs_to_completion']).toBe(1);
  });

  it('hands on a packed file that opens and has the size that it says', () => {
    const { tensors } = openPacked(packed);
    const { formats } = result.models[0]!.config.quantization!;
    expect([...tensors.keys()]).toEqual(expect.arrayContaining(Object.keys(formats)));
    expect(facts().compression.bytes_after).toBe(packed.byteLength);
  });

  it('tells how much is done, never less than before', () => {
    const fractions = bench.events.flatMap((event) =>
      event.type === 'progress' && event.phase === 'curriculum' ? (event.phaseFraction ?? []) : [],
    );
    expect(fractions.length).toBeGreaterThan(10);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });

  it('has tables whose rows have all columns', () => {
    for (const { columns, rows } of result.tables!)
      for (const row of rows) expect(row).toHaveLength(columns.length);
  });
});

test('a run that goes on from the levels does not train again what came before them', async () => {
  const phase = curriculum(tinyCurriculum({ levels: { ...LEVELS, advance: 1, wall: 1 } }));
  const bench = await benchOf([handoffPhase('bitnet-to-curriculum'), phase]);
  const done: string[] = [];
  bench.kernel.hooks.onEvent.tap('test', (event) => {
    if (event.type !== 'progress' || event.phase !== 'curriculum') return;
    done.push(event.task);
    if (event.task === 'level-01-epoch-2') bench.kernel.requestPause();
  });
  try {
    const paused = await bench.kernel.run();
    expect(paused.status).toBe('paused');
    const count = (): number => done.filter((task) => task === 'forge').length;
    const before = count();
    expect(before).toBeGreaterThan(0);
    const { error } = await bench.kernel.run({ resume: paused.sessionId });
    expect(error).toBeNull();
    expect(count()).toBe(before);
  } finally {
    await bench.dispose();
  }
});
