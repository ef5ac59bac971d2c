import type { GateResult } from '../../../core/contracts/phase.js';
import { forgetting } from '../../../nn/curriculum/index.js';
import { layersOf } from '../shared/quantized/store.js';
import { speedupFacts } from './comparison/report.js';
import { accuracyAt, finalAccuracy, levelsPassed, type Judged } from './findings.js';
import { rightIn } from '../shared/thoughts/locked.js';
import { grokkingOfLevel } from './forge-numbers.js';
import { stagesCompleted } from './numbers.js';
import type { CurriculumRun } from './prepare.js';

/** What the next phase is told (schemas/handoff/curriculum-to-baking.schema.json). */
export function handoffFacts(
  run: CurriculumRun,
  found: Judged,
  gates: readonly GateResult[],
): Record<string, unknown> {
  const { handoff, ternary, facts, language } = run;
  const { assessment } = found.before;
  const grokking = found.levels.map((level) => ({ level: level.level, ...grokkingOfLevel(level) }));
  return {
    ternary: ternary.id,
    final_accuracy: finalAccuracy(found),
    final_loss: found.after.text,
    assessment: {
      ...{ verdict: assessment.verdict, baseline: assessment.baseline, threshold: assessment.threshold },
      accuracy: assessment.verdict === 'found' ? assessment.threshold : null,
    },
    levels: levelFacts(found),
    levels_completed: levelsPassed(found),
    stages_completed: stagesCompleted(found),
    retention: { ...found.retention, forgetting: forgetting(found.retention, 'end') },
    grokking: {
      detected: grokking.some(({ detected }) => detected),
      levels: grokking.map(({ level, verdict }) => ({ level, verdict })),
    },
    speedup_report: speedupFacts(found.comparison, run.options.gates.timeReduction),
    tools: toolFacts(found, language.tools),
    accuracy: {
      before: found.before.accuracy,
      after: rightIn(found.after.examined, 'with'),
      without: rightIn(found.after.examined, 'without'),
    },
    perplexity: { before: Math.exp(found.before.text), after: Math.exp(found.after.text) },
    compression: { bytes_before: found.bytes.before, bytes_after: found.bytes.after },
    anti_theater: { tests: found.theater.tests },
    thoughts: handoff.facts['thoughts'],
    thinking_tokens: facts.thinking_tokens,
    validation_set: {
      ...{ datasets: facts.validation_set.datasets, part: 'known' },
      items: found.after.examined.arms.items.length,
    },
    quantization_metadata: quantizationFacts(run, found),
    baked_prompts: found.values.entries.filter(({ kept }) => kept).map(({ name }) => name),
    misses: gates
      .filter(({ passed }) => passed === false)
      .map(({ name, measured, target }) => ({ gate: name, measured, target })),
  };
}

function levelFacts({ lists, levels, retention }: Judged) {
  return lists.map(({ name, level, difficulty }) => {
    const result = levels.find((one) => one.level === level);
    return {
      ...{ level, difficulty, before: accuracyAt(retention, name, 'before') },
      after: accuracyAt(retention, name, 'end'),
      epochs: result?.epochs.length ?? 0,
      outcome: result?.outcome ?? 'not-reached',
    };
  });
}

function toolFacts({ tools }: Judged, facts: CurriculumRun['language']['tools']) {
  const success = Object.entries(tools?.tools ?? {}).map(([name, score]) => [
    name,
    {
      ...{ items: score.items, with_manual: score.called, without_manual: score.without },
      calls_without_manual: score.calledWithout,
    },
  ]);
  return { facts, success: Object.fromEntries(success) as object, false_calls: tools?.falseCalls ?? null };
}

/** As phase 4 tells it: what later phases keep in its format. */
function quantizationFacts({ handoff, quantization }: CurriculumRun, { end }: Judged) {
  const layers = layersOf(end.packed);
  return {
    ...(handoff.facts['quantization_metadata'] as object),
    layers: layers.filter(({ name }) => quantization.formats[name] !== undefined),
    preserved_layers: layers
      .map(({ name }) => name)
      .filter((name) => quantization.formats[name] === undefined),
  };
}
