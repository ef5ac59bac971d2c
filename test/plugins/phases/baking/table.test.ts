import { loadMetricCatalogue } from '../../../../core/contracts/metric-catalogue.js';
import { expandMetricPattern } from '../../../../core/contracts/metric-pattern.js';
import { PHASE_SECONDS } from '../../../../core/contracts/metrics.js';
import {
  BAKE_METRICS,
  CYCLE_METRICS,
  GATES,
  METRICS,
  OWN_METRICS,
} from '../../../../plugins/phases/baking/table.js';
import { gateNames } from '../../../../plugins/phases/shared/gates.js';
import type { MetricEntry } from '../../../../plugins/phases/shared/metrics.js';

const catalogue = loadMetricCatalogue();
const namesOf = (table: object): string[] => Object.keys(table).flatMap((name) => expandMetricPattern(name));
/** A name that a pattern stands for. */
const concrete = (name: string): string => name.replaceAll('{N}', '3').replace(/\{\w+\}/g, 'word');

describe('metrics of baking', () => {
  test('of cycles are the documented 32, in the order of the catalogue, with the duration that the kernel measures', () => {
    const documented = catalogue.names('baking');
    expect(documented).toHaveLength(32);
    expect(namesOf(CYCLE_METRICS)).toEqual(documented.filter((name) => name !== PHASE_SECONDS));
  });

  test('of bakes are 42 with the duration', () => {
    const names = [...namesOf(BAKE_METRICS), PHASE_SECONDS];
    expect(new Set(names).size).toBe(42);
    const groups = { tool: 0, persona: 0, phase: 0, bake: 0 };
    for (const name of names) groups[/^[a-z]+/.exec(name)![0] as keyof typeof groups]++;
    // Spec: five tools by four, four personas by three, three of bakes, and what is of the phase.
    expect(groups).toEqual({ tool: 20, persona: 12, phase: 7, bake: 3 });
  });

  test('are told by the unit that the catalogue has, and either described there or here', () => {
    for (const [pattern, { unit, description }] of Object.entries<MetricEntry>(METRICS))
      for (const name of expandMetricPattern(pattern).map(concrete)) {
        const known = catalogue.describe('baking', name);
        if (description === undefined) expect([name, known?.phase]).toEqual([name, expect.any(String)]);
        if (known !== null && unit !== undefined) expect([name, known.unit]).toEqual([name, unit]);
      }
  });

  test('its own names are no names of the catalogue', () => {
    for (const name of namesOf(OWN_METRICS).map(concrete))
      expect([name, catalogue.describe('baking', name)]).toEqual([name, null]);
  });

  test('what the kernel measures is not declared', () => {
    expect(namesOf(METRICS)).not.toContain(PHASE_SECONDS);
  });

  test('gates have one name each', () => {
    expect(new Set(gateNames(GATES)).size).toBe(Object.keys(GATES).length);
  });
});
