import fc from 'fast-check';
import {
  MixtureSampler,
  packDocuments,
  type MixtureOptions,
  type MixtureSource,
  type MixtureWeights,
} from '../../../nn/data/index.js';

/** A source whose rows hold `first`, `first + 1`, ... as their first id. */
function source(name: string, first: number, count: number): MixtureSource {
  const ids = Int32Array.from({ length: count * 2 }, (_, i) => first + Math.floor(i / 2));
  return { name, rows: packDocuments([{ ids, lossMask: new Uint8Array(ids.length).fill(1) }], 2, 0).rows };
}

const options = (overrides: Partial<MixtureOptions> = {}): MixtureOptions => ({
  sources: [source('a', 0, 7), source('b', 100, 3)],
  weightsAt: () => ({ a: 0.75, b: 0.25 }),
  seed: 42,
  ...overrides,
});

const rowsOf = (batch: { ids: Int32Array }): number[] => [...batch.ids].filter((_, i) => i % 2 === 0);

describe('MixtureSampler', () => {
  it('gives batches of B rows of T', () => {
    const batch = new MixtureSampler(options()).nextBatch(5);
    expect([batch.ids.length, batch.targets.length, batch.segments.length]).toEqual([10, 10, 10]);
    expect(batch.sources).toHaveLength(5);
    rowsOf(batch).forEach((row, i) => expect(batch.sources[i]).toBe(row >= 100 ? 'b' : 'a'));
  });

  it('takes every row of a source once per epoch, in a new order each epoch', () => {
    const sampler = new MixtureSampler(
      options({ sources: [source('a', 0, 20)], weightsAt: () => ({ a: 1 }) }),
    );
    const epochs = [0, 1, 2].map(() => rowsOf(sampler.nextBatch(20)));
    for (const epoch of epochs)
      expect([...epoch].sort((x, y) => x - y)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[1]).not.toEqual(epochs[2]);
    expect(sampler.epochs()).toEqual({ a: 3 });
  });

  it('draws sources by their weights', () => {
    const sampler = new MixtureSampler(options());
    const drawn = Array.from({ length: 100 }, () => sampler.nextBatch(40).sources).flat();
    expect(drawn.filter((name) => name === 'a').length / drawn.length).toBeCloseTo(0.75, 1);
  });

  it('follows the schedule, counted in training steps', () => {
    const steps: number[] = [];
    const weightsAt = (step: number): MixtureWeights => {
      steps.push(step);
      return step === 0 ? { a: 1 } : { b: 1 };
    };
    const sampler = new MixtureSampler(options({ batchesPerStep: 2, weightsAt }));
    const batches = [0, 1, 2, 3].map(() => new Set(sampler.nextBatch(4).sources));
    expect(steps).toEqual([0, 0, 1, 1]);
    expect(batches.map((names) => [...names])).toEqual([['a'], ['a'], ['b'], ['b']]);
  });

  it('depends on the seed alone', () => {
    const draw = (seed: number): number[] => rowsOf(new MixtureSampler(options({ seed })).nextBatch(30));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('goes on exactly after a restore through JSON', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.integer({ min: 1, max: 6 }), fc.nat(), (before, batchSize, seed) => {
        const unbroken = new MixtureSampler(options({ seed }));
        for (let i = 0; i < before; i++) unbroken.nextBatch(batchSize);
        const resumed = new MixtureSampler(options({ seed }));
        resumed.restore(JSON.parse(JSON.stringify(unbroken.state())));
        expect(resumed.step).toBe(unbroken.step);
        for (let i = 0; i < 5; i++)
          expect(resumed.nextBatch(batchSize)).toEqual(unbroken.nextBatch(batchSize));
      }),
    );
  });

  describe('rows cut short', () => {
    /** 96 tokens in documents of 10: 0, 1, 2, ... */
    const documents = Array.from({ length: 10 }, (_, i) => {
      const ids = Int32Array.from({ length: i === 9 ? 6 : 10 }, (_, t) => 10 * i + t);
      return { ids, lossMask: new Uint8Array(ids.length).fill(1) };
    });
    const packed = (length: number) => packDocuments(documents, length, 0).rows;
    const sampler = () =>
      new MixtureSampler({
        sources: [{ name: 'a', rows: packed(16) }],
        weightsAt: () => ({ a: 1 }),
        seed: 3,
      });

    it('are those that packing at their length gives', () => {
      const byFirst = new Map(packed(4).map((row) => [row.ids[0], row]));
      const { ids, targets, segments } = sampler().nextBatch(24, 4);
      for (let row = 0; row < 24; row++) {
        const part = (of: Int32Array): number[] => [...of.subarray(row * 4, row * 4 + 4)];
        const expected = byFirst.get(ids[row * 4])!;
        expect(part(ids)).toEqual([...expected.ids]);
        expect(part(targets)).toEqual([...expected.targets]);
        expect(part(segments)).toEqual([...expected.segments]);
      }
    });

    it('leave each text to be read once per epoch, whatever the lengths', () => {
      const source = sampler();
      const read = [source.nextBatch(4, 8), source.nextBatch(8, 4), source.nextBatch(2)];
      const ids = read.flatMap((batch) => [...batch.ids]);
      expect([...ids].sort((x, y) => x - y)).toEqual(Array.from({ length: 96 }, (_, i) => i));
      expect(source.epochs()).toEqual({ a: 1 });
    });

    it('pass over the rest of a row that is too short', () => {
      const source = sampler();
      const [first] = source.nextBatch(1, 4).ids;
      expect(source.state().sources).toEqual({ a: { taken: 0, size: 6, offset: 4 } });
      const next = source.nextBatch(1).ids;
      expect(Math.floor(next[0]! / 16)).not.toBe(Math.floor(first! / 16));
      expect(source.state().sources).toEqual({ a: { taken: 2, size: 6 } });
    });

    it('go on from the middle of a row', () => {
      const unbroken = sampler();
      unbroken.nextBatch(3, 4);
      const resumed = sampler();
      resumed.restore(JSON.parse(JSON.stringify(unbroken.state())));
      for (const length of [4, 8, 16])
        expect(resumed.nextBatch(3, length)).toEqual(unbroken.nextBatch(3, length));
    });

    it('cannot have a length that does not divide the row', () => {
      expect(() => sampler().nextBatch(1, 5)).toThrow('rows of 16 tokens cannot be cut into rows of 5');
    });
  });

  it('refuses a state of other data', () => {
    const { restore, state } = ((sampler) => ({
      restore: sampler.restore.bind(sampler),
      state: sampler.state(),
    }))(new MixtureSampler(options()));
    const sources = { ...state.sources, b: { taken: 0, size: 4 } };
    expect(() => restore({ ...state, sources })).toThrow(
      expect.objectContaining({ code: 'AF_DATA_CHANGED', at: 'b' }),
    );
    expect(() => restore({ ...state, sources: { a: state.sources['a']! } })).toThrow(/"b" has 3 rows/);
  });

  it('passes over sources without rows', () => {
    const sampler = new MixtureSampler(options({ sources: [source('a', 0, 3), { name: 'b', rows: [] }] }));
    expect(new Set(sampler.nextBatch(20).sources)).toEqual(new Set(['a']));
  });

  it('says what is wrong with the weights or the sources', () => {
    const sampler = (weights: Record<string, number>) =>
      new MixtureSampler(options({ weightsAt: () => weights }));
    expect(() => sampler({ c: 1 }).nextBatch(1)).toThrow(/"c" is no source/);
    expect(() => sampler({ a: 0 }).nextBatch(1)).toThrow(
      expect.objectContaining({ code: 'AF_DATA_WEIGHTS' }),
    );
    expect(() => sampler({ a: -1, b: 1 }).nextBatch(1)).toThrow(
      expect.objectContaining({ code: 'AF_DATA_WEIGHTS' }),
    );
    expect(() => new MixtureSampler(options({ sources: [] }))).toThrow(
      expect.objectContaining({ code: 'AF_DATA_EMPTY' }),
    );
    const other = {
      name: 'c',
      rows: [{ ids: new Int32Array(3), targets: new Int32Array(3), segments: new Int32Array(3) }],
    };
    expect(() => new MixtureSampler(options({ sources: [source('a', 0, 1), other] }))).toThrow(RangeError);
  });
});
