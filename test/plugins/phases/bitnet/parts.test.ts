import { COMPRESSOR } from '../../../../core/contracts/compressor.js';
import type { Token } from '../../../../core/contracts/token.js';
import { answered, perplexity } from '../../../../plugins/phases/bitnet/measure.js';
import { memoryOf } from '../../../../plugins/phases/bitnet/memory.js';
import {
  ownMetrics,
  phaseMetrics,
  qualityOf,
  reportNumbers,
  sizesOf,
} from '../../../../plugins/phases/bitnet/numbers.js';
import { sparsityOf } from '../../../../plugins/phases/shared/quantized/pack.js';
import { sharesOf } from '../../../../plugins/phases/bitnet/shares.js';
import { layersOf } from '../../../../plugins/phases/shared/quantized/store.js';
import { tablesOf } from '../../../../plugins/phases/bitnet/tables.js';
import { secondsTable } from '../../../../plugins/phases/shared/seconds-table.js';
import { examined, record } from '../quietstar/support.js';
import { findings, measured, packedModel, theater } from './findings.js';
import { completeOptions } from './support.js';

const BEFORE = 104;
const sizes = () => sizesOf({ packed: packedModel() }, BEFORE, 20);

describe('sizes', () => {
  it('are those of files; what is in a format is counted apart from what was left', () => {
    expect(sizes()).toEqual({
      before: BEFORE,
      after: 50,
      tokenizer: 20,
      linear: { before: 32, after: 6 },
      tables: 12,
    });
  });

  it('of memory are codes and scales where a kernel has them, floats otherwise', () => {
    const packed = { codes: new Uint8Array(7), scales: new Float32Array(2) };
    const codecs: Readonly<Record<string, object>> = {
      ternary: { packed: () => packed },
      int8: { packed: () => packed },
    };
    const resolve = <T>({ id }: Token<T>, name: string): T =>
      (id === COMPRESSOR.id ? (codecs[name] ?? {}) : null) as T;
    const { tensors } = packedModel();
    const teacher = { tensors: tensors.map(({ tensor }) => tensor) };
    const memory = memoryOf({ ctx: { resolve }, teacher } as never, packedModel());
    // Table and matrix 15 bytes each, the gate 16, the gain 8.
    expect(memory).toEqual({ float: 4 * 22, packed: 15 + 15 + 16 + 8, ratio: 88 / 54 });
  });

  it('of layers are told with their formats', () => {
    expect(layersOf(packedModel())[1]).toEqual({
      ...{ name: 'up', role: 'ffn-up', shape: [2, 4] },
      ...{ format: { use: 'ternary' }, bytes: 6 },
    });
  });
});

describe('sparsity', () => {
  it('counts zeros of ternary matrices alone, of either sign', () => {
    expect(sparsityOf(packedModel())).toBe(3 / 8);
  });

  it('is not known where nothing is ternary', () => {
    const { tensors, ...packed } = packedModel();
    const others = tensors.filter(({ format }) => format.use !== 'ternary');
    expect(sparsityOf({ ...packed, tensors: others })).toBeNull();
  });
});

describe('quality', () => {
  it('is what was lost, what came back and what was kept', () => {
    const { perplexity: three, rise, recovered, retention } = qualityOf(findings());
    expect(three.before).toBeCloseTo(10, 9);
    expect([three.untrained, three.after]).toEqual([expect.closeTo(20, 9), expect.closeTo(12, 9)]);
    expect(rise).toBeCloseTo(0.2, 9);
    expect(recovered).toBeCloseTo(0.8, 9);
    expect(retention).toBeCloseTo(0.75, 9);
  });

  it('has nothing to recover where quantising cost nothing', () => {
    expect(qualityOf(findings({ untrained: measured(10, 0.8) })).recovered).toBeNull();
    expect(qualityOf(findings({ untrained: measured(9, 0.8) })).recovered).toBeNull();
  });

  it('recovers less than nothing where training made it worse, and more than all where better', () => {
    expect(qualityOf(findings({ after: measured(25, 0.6) })).recovered).toBeCloseTo(-0.5, 9);
    expect(qualityOf(findings({ after: measured(9, 0.6) })).recovered).toBeCloseTo(1.1, 9);
  });

  it('keeps nothing of what was not there, or was not asked', () => {
    expect(qualityOf(findings({ before: measured(10, 0) })).retention).toBeNull();
    expect(qualityOf(findings({ before: measured(10, null) })).retention).toBeNull();
    expect(qualityOf(findings({ after: measured(12, null) })).retention).toBeNull();
    expect(qualityOf(findings({ after: measured(12, 0) })).retention).toBe(0);
  });

  it('of answers is the share that was right; of none there is no share', () => {
    const records = [record(), record(), record(), record()];
    expect(answered(examined(records, { with: 'rrrw', without: 'rwww' }))).toEqual({
      items: 4,
      with: 0.75,
      without: 0.25,
    });
    expect(answered(examined(records, { with: 'rrrw' })).without).toBeNull();
    expect(answered(examined([], { with: '' }))).toEqual({ items: 0, with: null, without: null });
    expect(perplexity(0)).toBe(1);
  });
});

describe('metrics', () => {
  const MIB = 2 ** 20;

  it('of the phase, by hand', () => {
    const quality = qualityOf(findings());
    const metrics = phaseMetrics(findings(), sizes(), quality);
    expect(metrics).toMatchObject({
      'compression/original_size_mb': BEFORE / MIB,
      'compression/compressed_size_mb': 50 / MIB,
      'compression/compression_ratio': 2.08,
      ...{ 'compression/layers_compressed': 2, 'compression/layers_preserved': 2 },
      'compression/sparsity_ratio': 0.375,
      'quality/pre_compression_perplexity': quality.perplexity.before,
      'quality/post_compression_perplexity': quality.perplexity.untrained,
      'quality/post_finetuning_perplexity': quality.perplexity.after,
      ...{ 'quality/pre_accuracy': 0.8, 'quality/post_accuracy': 0.6 },
      ...{ 'performance/inference_speedup': 2, 'performance/memory_reduction': 3 },
      'performance/calibration_time_seconds': 3,
    });
    expect(metrics['quality/perplexity_degradation_percent']).toBeCloseTo(20, 9);
    expect(metrics['quality/perplexity_recovery_percent']).toBeCloseTo(80, 9);
    expect(Object.keys(metrics)).toHaveLength(17);
  });

  it('are null where nothing was measured', () => {
    const unknown = findings({
      speed: null,
      memory: null,
      untrained: measured(10, null),
      before: measured(10, null),
    });
    const metrics = phaseMetrics(unknown, sizes(), qualityOf(unknown));
    const nulls = Object.entries(metrics).flatMap(([name, value]) => (value === null ? [name] : []));
    expect(nulls.sort()).toEqual([
      ...['performance/inference_speedup', 'performance/memory_reduction'],
      ...['quality/accuracy_retention', 'quality/perplexity_recovery_percent', 'quality/pre_accuracy'],
    ]);
  });

  it('of its own: never the ratio of matrices for that of the model', () => {
    const own = ownMetrics(findings(), sizes(), theater({ with: 'r', without: 'w' }));
    expect(own).toMatchObject({
      'compression/ratio_fp16': 1.04,
      'compression/linear_ratio': 32 / 6,
      'compression/table_share': 12 / 50,
      'quality/dequantization_agreement': 0.99,
      'quality/untrained_accuracy': 0.1,
      'anti_theater/ablation_drop': 1,
    });
    const none = { ...sizes(), linear: { before: 0, after: 0 } };
    expect(ownMetrics(findings(), none, theater(null))).toMatchObject({
      ...{
        'compression/linear_ratio': null,
        'anti_theater/divergence': null,
        'anti_theater/ablation_drop': null,
      },
    });
  });

  it('of the report: three models, and the seconds of every part', () => {
    const numbers = reportNumbers(findings(), [{ name: 'recovery', seconds: 5 }]);
    expect(numbers).toEqual({
      'perplexity/before': expect.closeTo(10, 9),
      'perplexity/untrained': expect.closeTo(20, 9),
      'perplexity/after': expect.closeTo(12, 9),
      ...{ 'accuracy/before': 0.8, 'accuracy/untrained': 0.1, 'accuracy/after': 0.6, 'seconds/recovery': 5 },
    });
  });
});

describe('tables', () => {
  const tables = (
    changes: Parameters<typeof findings>[0] = {},
    report = theater({ with: 'r', without: 'w' }),
  ) => {
    const found = findings(changes);
    return tablesOf(found, { sizes: sizes(), quality: qualityOf(found), theater: report }, [
      { name: 'recovery', seconds: 6 },
      { name: 'speed', seconds: 2 },
    ]);
  };

  it('have before, untrained and after with what was kept', () => {
    const [models] = tables();
    expect(models!.title).toBe(
      'before and after (retention 75.0 %, perplexity +20.0 %, recovered 80.0 %, decoding 2.00x as fast)',
    );
    expect(models!.rows).toEqual([
      ['float32, as it came', '104', '1.00x', '10.000', '1.250', '80.0 % of 4'],
      ['quantised, untrained', '-', '-', '20.000', '1.250', '10.0 % of 4'],
      ['ternary, packed', '50', '2.08x', '12.000', '1.250', '60.0 % of 4'],
    ]);
  });

  it('have no number for worked questions where none fits', () => {
    const none = { ...measured(10, 0.8), losses: { text: Math.log(10), questions: null } };
    const [models] = tables({ before: none });
    expect(models!.rows[0]).toEqual(['float32, as it came', '104', '1.00x', '10.000', '-', '80.0 % of 4']);
  });

  it('have every byte of the file', () => {
    const [, size] = tables();
    expect(size!.title).toMatch(/1\.04x smaller than half floats; with its tokenizer 1\.77x/);
    expect(size!.rows).toEqual([
      ['int8', '1', '8', '12', '12.000'],
      ['ternary', '1', '8', '6', '6.000'],
      ['float16', '1', '4', '8', '16.000'],
      ['float32', '1', '2', '8', '32.000'],
      ['header and checksums', '', '', '16', ''],
    ]);
  });

  it('say what thoughts are worth', () => {
    const [, , , thoughts] = tables();
    const [own, without, difference] = thoughts!.rows;
    expect(own!.slice(0, 2)).toEqual(['right after its own thought', '100.0 %']);
    expect(without!.slice(0, 2)).toEqual(['right without', '0.0 %']);
    expect(difference).toEqual(['difference', '100.0 %', '100.0 % to 100.0 %']);
    expect(thoughts!.rows.at(-1)).toEqual(['T2_ablation', '1.000', 'not measured']);
  });

  it('have a dash for what was not measured', () => {
    const nothing = { untrained: measured(10, null), before: measured(10, null), speed: null };
    const [models, , , thoughts] = tables(nothing, theater(null));
    expect(models!.title).toBe('before and after (retention -, perplexity +20.0 %, recovered -)');
    expect(models!.rows[0]!.at(-1)).toBe('-');
    expect(thoughts!.rows.map(([, value]) => value)).toEqual(['-', '-', '-', '-', '-']);
    for (const { columns, rows } of tables(nothing, theater(null)))
      for (const row of rows) expect(row).toHaveLength(columns.length);
  });

  it('say where the seconds went', () => {
    const seconds = tables().at(-1)!;
    expect(seconds.title).toMatch(/\(8\.0 of the process/);
    expect(seconds.rows).toEqual([
      ['training', '6.0', '75.0 %'],
      ['the time of a token', '2.0', '25.0 %'],
    ]);
    expect(secondsTable([{ name: 'a', seconds: 0 }], { a: 'nothing' }).rows).toEqual([
      ['nothing', '0.0', '-'],
    ]);
  });
});

describe('shares of the work', () => {
  it('follow each other from nothing to everything; what never happens has none', async () => {
    const ends = async (options: Parameters<typeof completeOptions>[0]) => {
      const shares = sharesOf(await completeOptions(options));
      return (['before', 'recovery', 'mixed', 'after'] as const).map((part) => shares.at(part, 1));
    };
    const recovery = { steps: 100 };
    expect(await ends({ recovery })).toEqual([40, 140, 140, 220].map((cost) => cost / 220));
    expect(await ends({ recovery, mixed: { when: 'missed', retune: 0.2 } })).toEqual(
      [40, 140, 160, 240].map((cost) => cost / 240),
    );
  });
});
