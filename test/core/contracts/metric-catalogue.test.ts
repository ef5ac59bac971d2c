import {
  describeMetric,
  loadMetricCatalogue,
  metricDescriber,
} from '../../../core/contracts/metric-catalogue.js';
import { expandMetricPattern, metricPatternRegExp } from '../../../core/contracts/metric-pattern.js';

/** Documented counts per phase (metrics catalogue, Part A). */
const COUNTS = {
  cognate: 37,
  evomerge: 370,
  quietstar: 17,
  bitnet: 19,
  curriculum: 78,
  baking: 32,
  experts: 28,
  compression: 95,
};

const catalogue = loadMetricCatalogue();

describe('the counted catalogue', () => {
  test.each(Object.entries(COUNTS))('%s has %i names, all different', (phase, count) => {
    const names = catalogue.names(phase);
    expect(names).toHaveLength(count);
    expect(new Set(names).size).toBe(count);
  });

  test('676 names in all, every one in a known phase', () => {
    const total = catalogue.counted.reduce((sum, metric) => sum + expandMetricPattern(metric.name).length, 0);
    expect(total).toBe(676);
    expect(catalogue.phases.map((phase) => phase.name)).toEqual(Object.keys(COUNTS));
  });

  test('additional names repeat no counted name', () => {
    for (const { name: phase } of catalogue.phases) {
      const counted = new Set(catalogue.names(phase));
      const extra = catalogue.additional
        .filter((metric) => metric.phase === phase || metric.phase === '*')
        .flatMap((metric) => expandMetricPattern(metric.name));
      expect(extra.filter((name) => counted.has(name))).toEqual([]);
      expect(new Set(extra).size).toBe(extra.length);
    }
  });

  test('every entry says what it is and in which unit', () => {
    for (const metric of [...catalogue.counted, ...catalogue.additional]) {
      expect(metric.unit).not.toBe('');
      expect(metric.description).toMatch(/^[A-Z0-9a-z].{4,}\.$/);
    }
  });
});

describe('describing a concrete name', () => {
  test.each([
    ['cognate', 'model_2/train/loss', 'nats', 'model_{1..3}/train/loss'],
    ['phase1', 'phase/total_size_mb', 'MiB', 'phase/total_size_mb'],
    ['evomerge', 'generation_07/best_fitness', 'fitness', 'generation_{01..50}/best_fitness'],
    ['evomerge', 'generation_73/best_fitness', 'fitness', 'generation_{N}/{best,avg,min,max,std}_fitness'],
    ['quietstar', 'step_1500/avg_coherence', '0..1', 'step_{N}/avg_coherence'],
    ['forge', 'stage3/level_10/train_accuracy', 'fraction', 'stage3/level_{01..10}/train_accuracy'],
    ['cognate', 'loss/step_0', 'nats', 'loss/step_{N}'],
    ['cognate', 'valid/gsm8k/loss', 'nats', 'valid/{dataset}/loss'],
    ['a-plugin-of-mine', 'system/ram_used_gb', 'GB', 'system/ram_used_gb'],
  ])('%s %s is in %s', (phase, name, unit, pattern) => {
    const found = catalogue.describe(phase, name);
    expect(found?.unit).toBe(unit);
    expect(found?.name).toBe(pattern);
  });

  test.each([
    ['cognate', 'model_4/train/loss'],
    ['cognate', 'generation_01/best_fitness'],
    ['evomerge', 'generation_01/best_fitness/more'],
    ['nobody', 'phase/success'],
  ])('%s has no %s', (phase, name) => {
    expect(catalogue.describe(phase, name)).toBeNull();
    expect(catalogue.describe(phase, name)).toBeNull();
  });

  test('the one-shot form agrees', () => {
    expect(describeMetric('bitnet', 'phase/success')).toEqual(catalogue.describe('bitnet', 'phase/success'));
  });

  test('every counted name is described by its own pattern', () => {
    for (const { name: phase } of catalogue.phases)
      for (const name of catalogue.names(phase)) {
        const concrete = name.replaceAll('{N}', '12');
        expect(catalogue.describe(phase, concrete)?.phase).toBe(phase);
      }
  });
});

describe('patterns', () => {
  test('ranges keep their zeros, lists multiply, open groups stay', () => {
    expect(expandMetricPattern('a_{08..11}')).toEqual(['a_08', 'a_09', 'a_10', 'a_11']);
    expect(expandMetricPattern('{x,y}/{1..2}')).toEqual(['x/1', 'x/2', 'y/1', 'y/2']);
    expect(expandMetricPattern('step_{N}/{dataset}')).toEqual(['step_{N}/{dataset}']);
  });

  test('text is matched as text', () => {
    expect(metricPatternRegExp('a.b').test('axb')).toBe(false);
    expect(metricPatternRegExp('a.b').test('a.b')).toBe(true);
  });
});

describe('metricDescriber', () => {
  const own = {
    name: 'expert_{1..4}/share',
    unit: 'fraction',
    direction: 'neither',
    description: 'Share',
  } as const;
  const describeOf = metricDescriber('cognate', ['model_{1..3}/train/loss', own]);

  test('knows the metrics of the phase as those of the catalogue', () => {
    expect(describeOf('expert_4/share')).toEqual({ ...own, phase: 'cognate' });
    expect(describeOf('expert_4/share')).toBe(describeOf('expert_4/share'));
    expect(describeOf('model_2/train/loss')).toEqual(describeMetric('cognate', 'model_2/train/loss'));
    expect(describeOf('expert_5/share')).toBeNull();
  });

  test('takes what the phase says of a name over the catalogue', () => {
    const mine = { name: 'model_1/train/loss', unit: 'bits', description: 'In bits' };
    expect(metricDescriber('cognate', [mine])('model_1/train/loss')?.unit).toBe('bits');
  });
});
