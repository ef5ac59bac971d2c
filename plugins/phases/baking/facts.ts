import type { GateResult } from '../../../core/contracts/phase.js';
import type { ToolFacts } from '../../../core/contracts/tool.js';
import { retentionMatrix } from '../../../nn/cycles/index.js';
import { layersOf } from '../shared/quantized/store.js';
import { rightIn } from '../shared/thoughts/locked.js';
import { bakedNames, consistencies, meanOf, meanOfTools, mostForgotten, type Judged } from './findings.js';
import type { LedgerEntry } from './learn.js';
import type { BankEntry } from './personas/bank.js';
import type { BakingRun } from './prepare.js';

/** What the next phase is told (schemas/handoff/baking-to-experts.schema.json). */
export function handoffFacts(
  run: BakingRun,
  found: Judged,
  { gates, bank }: { readonly gates: readonly GateResult[]; readonly bank: readonly BankEntry[] },
): Record<string, unknown> {
  const { handoff, ternary, facts, language, options } = run;
  const matrix = retentionMatrix(found.standing.answers);
  const { ledger } = found.standing;
  return {
    forged: ternary.id,
    tool_success_rate: meanOfTools(found),
    persona_consistency: meanOf(consistencies(found)),
    false_call_rate: found.tools.falseCalls?.baked.value ?? null,
    tools: toolFacts(found, language.tools),
    personas: {
      switching: options.personas.switching,
      names: found.personas.names,
      tags: tagsOf(run, found),
      bank: bank.map(({ persona, file, bytes, tensors }) => ({
        persona,
        sha256: file.sha256,
        bytes,
        tensors,
      })),
      confusion: found.personas.confusion,
    },
    ledger: ledger.map(entryFacts),
    teacher_check: { tools: found.toolChecks, personas: found.personaChecks },
    forgetting: { ...matrix, most_points: mostForgotten(found) },
    cycles: cycleFacts(found),
    tool_prompts_baked: names(ledger, 'tool'),
    persona_prompts_baked: names(ledger, 'persona'),
    baked_prompts: [...facts.baked_prompts, ...names(ledger, 'tool'), ...names(ledger, 'persona')],
    accuracy: {
      after: rightIn(found.after.examined, 'with'),
      without: rightIn(found.after.examined, 'without'),
    },
    perplexity: { before: Math.exp(found.before.text), after: Math.exp(found.after.text) },
    compression: { bytes_before: found.bytes.before, bytes_after: found.bytes.after },
    latency: found.latency && {
      prompted_ms: found.latency.promptedMs,
      baked_ms: found.latency.bakedMs,
      tokens_saved: found.latency.tokensSaved,
    },
    anti_theater: { tests: found.theater.tests },
    thoughts: handoff.facts['thoughts'],
    thinking_tokens: facts.thinking_tokens,
    validation_set: {
      ...{ datasets: facts.validation_set.datasets, part: 'known' },
      items: found.after.examined.arms.items.length,
    },
    quantization_metadata: quantizationFacts(run, found),
    misses: gates
      .filter(({ passed }) => passed === false)
      .map(({ name, measured, target }) => ({ gate: name, measured, target })),
  };
}

function toolFacts(found: Judged, facts: ToolFacts | null) {
  return {
    facts: facts && { ...facts, unprompted: bakedNames(found, 'tool') },
    success: Object.fromEntries(
      found.tools.tools.map(({ tool, items, unprompted, prompted, baked }) => [
        tool,
        { items, unprompted: unprompted.value, prompted: prompted.value, baked: baked.value },
      ]),
    ),
  };
}

/** Ids of the tokens of the personas that are in the model. */
export function tagsOf(
  { personaTags }: BakingRun,
  { personas }: Pick<Judged, 'personas'>,
): Record<string, number> {
  return Object.fromEntries(
    personas.names.flatMap((name) =>
      Object.hasOwn(personaTags, name) ? [[name, personaTags[name]!] as const] : [],
    ),
  );
}

function names(ledger: readonly LedgerEntry[], kind: LedgerEntry['kind']): string[] {
  return ledger.filter((entry) => entry.kind === kind && entry.kept).flatMap(({ subjects }) => subjects);
}

function entryFacts({ order, name, subjects, kind, attempt, entries, fit, kept, reason }: LedgerEntry) {
  return {
    ...{ order, name, subjects, kind, attempt, kept, reason },
    prompts: [...new Set(entries.flatMap(({ prompts }) => prompts))],
    strength: entries.map(({ strength }) => strength),
    kl: { before: entries[0]?.before ?? null, after: entries.at(-1)?.after ?? null },
    r2: fit,
    seeds: entries.map(({ seed }) => seed),
    updates: entries.reduce((sum, { steps }) => sum + steps, 0),
  };
}

function cycleFacts({ cycles: { results, plateaus } }: Judged) {
  return {
    a_cycle_iterations: results.filter(({ kind }) => kind === 'a').length,
    b_cycle_iterations: results.filter(({ kind }) => kind === 'b').length,
    ...{ a_plateau: plateaus.a, b_plateau: plateaus.b },
    baked: results.filter(({ baked }) => baked !== null).length,
  };
}

/** As the phases before tell it: what later phases keep in its format. */
function quantizationFacts({ handoff, quantization }: BakingRun, { end }: Judged) {
  const layers = layersOf(end.packed);
  const isFormatted = ({ name }: { readonly name: string }): boolean =>
    quantization.formats[name] !== undefined;
  return {
    ...(handoff.facts['quantization_metadata'] as object),
    layers: layers.filter(isFormatted),
    preserved_layers: layers.filter((layer) => !isFormatted(layer)).map(({ name }) => name),
  };
}
