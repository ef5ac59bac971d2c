import { loadMetricCatalogue } from '../../../../core/contracts/metric-catalogue.js';
import { expandMetricPattern } from '../../../../core/contracts/metric-pattern.js';
import { PHASE_SECONDS } from '../../../../core/contracts/metrics.js';
import {
  CURRICULUM_METRICS,
  FORGE_METRICS,
  GATES,
  METRICS,
  OWN_METRICS,
} from '../../../../plugins/phases/curriculum/table.js';
import { gateNames } from '../../../../plugins/phases/shared/gates.js';
import { recorder, type MetricEntry } from '../../../../plugins/phases/shared/metrics.js';

const catalogue = loadMetricCatalogue();
const namesOf = (table: object): string[] => Object.keys(table).flatMap((name) => expandMetricPattern(name));
/** A name that a pattern stands for. */
const concrete = (name: string): string => name.replaceAll('{N}', '3').replace(/\{\w+\}/g, 'word');

describe('metrics of the curriculum', () => {
  test('are the documented 78, in the order of the catalogue', () => {
    expect(namesOf(CURRICULUM_METRICS)).toEqual(catalogue.names('curriculum'));
    expect(namesOf(CURRICULUM_METRICS)).toHaveLength(78);
  });

  test('of main training are 55 with the duration that the kernel measures', () => {
    const forge = [...namesOf(FORGE_METRICS), PHASE_SECONDS];
    expect(new Set(forge).size).toBe(55);
    const groups: Record<string, number> = {};
    for (const name of forge) {
      const group = name.slice(0, name.indexOf('/'));
      groups[group] = (groups[group] ?? 0) + 1;
    }
    // Spec: 5 + 4 + 3 + 3 + 7, then 6 + 6 + 4 + 8 + 4 + 2 + 1 + 2, of which four are of grokking.
    expect(groups).toEqual({
      ...{ train: 5, grokking: 8, val: 3, system: 3, phase: 7 },
      ...{ grokfast: 6, bitnet: 6, amp: 4, speedup: 8, muon: 2, qkclip: 1, data: 2 },
    });
  });

  test('the two sets share no name', () => {
    const all = [...namesOf(CURRICULUM_METRICS), ...namesOf(FORGE_METRICS)];
    expect(new Set(all).size).toBe(78 + 54);
  });

  test('are told by the unit that the catalogue has, and either described there or here', () => {
    for (const [pattern, { unit, description }] of Object.entries<MetricEntry>(METRICS))
      for (const name of expandMetricPattern(pattern).map(concrete)) {
        const known = catalogue.describe('curriculum', name);
        if (description === undefined) expect([name, known?.phase]).toEqual([name, expect.any(String)]);
        if (known !== null && unit !== undefined) expect([name, known.unit]).toEqual([name, unit]);
      }
  });

  test('its own names are no names of the catalogue', () => {
    for (const name of namesOf(OWN_METRICS).map(concrete))
      expect([name, catalogue.describe('curriculum', name)]).toEqual([name, null]);
  });

  test('what the kernel measures is not declared', () => {
    expect(namesOf(METRICS)).not.toContain(PHASE_SECONDS);
  });

  test('of a level and of a tool are emitted in their unit', () => {
    const units: Record<string, string | undefined> = {};
    const ctx = {
      metric: (name: string, _: unknown, { unit }: { unit?: string }) => void (units[name] = unit),
    };
    const record = recorder(ctx as Parameters<typeof recorder>[0], METRICS);
    record('stage3/level_10/epochs_to_completion', 2, { step: 10 });
    record('level_10/held_out_accuracy', 0.9, { step: 10 });
    record('tools/calculator/success_with_manual', 1, { step: 0 });
    expect(units).toEqual({
      'stage3/level_10/epochs_to_completion': 'epochs',
      'level_10/held_out_accuracy': 'fraction',
      'tools/calculator/success_with_manual': 'fraction',
    });
  });
});

test('what came in and what is stored must be right; what was learnt is a target', () => {
  const ofClass = (kind: string) =>
    gateNames(GATES).filter((name) => GATES[name as keyof typeof GATES].class === kind);
  expect(ofClass('integrity')).toEqual([
    ...['finite_weights', 'weights_stored', 'causality', 'parameter_range'],
    ...['packed_read_back', 'gradient_flow', 'codes_kept'],
  ]);
  expect(ofClass('target')).toEqual([
    ...[
      'input_loss',
      'accuracy_maintained',
      'final_accuracy',
      'levels_completed',
      'tool_success',
      'tool_restraint',
    ],
    ...['thoughts_help', 'retention_first', 'retention_all', 'file_size', 'perplexity'],
    ...['amp_loss', 'time_reduction', 'assessment'],
  ]);
});
