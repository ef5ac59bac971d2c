import type { MeasuredModel } from '../../../../core/contracts/evolution.js';
import type { Measured, WeightedTerm } from './evaluator.js';

/** A composite and its parts; JSON. */
export interface Fitness {
  readonly total: number;
  /** Score of each term, before its weight. */
  readonly components: Readonly<Record<string, number>>;
}

/** sum_t w_t score_t / sum_t w_t: 1 is parity with the reference. */
export function fitnessOf(terms: readonly WeightedTerm[], measured: Measured, reference: Measured): Fitness {
  let [total, weights] = [0, 0];
  const components: Record<string, number> = {};
  for (const { name, weight, term } of terms) {
    const { value } = term.score(asSeenBy(name, measured), asSeenBy(name, reference));
    components[name] = value;
    total += weight * value;
    weights += weight;
  }
  return { total: total / weights, components };
}

/** Terms whose number is missing, with the reason. */
export function missingParts(terms: readonly WeightedTerm[], measured: Measured): string[] {
  return terms.flatMap(({ name, term }) => {
    const { reason } = term.score(asSeenBy(name, measured), asSeenBy(name, measured));
    return reason === undefined ? [] : [`fitness term ${name}: ${reason}`];
  });
}

/**
 * Index of the best of several models: the one whose mean fitness is highest when each of them in turn is the reference,
 * so that none is favoured by being the yardstick. The first of equals.
 */
export function bestOf(terms: readonly WeightedTerm[], models: readonly Measured[]): number {
  const means = models.map((model) =>
    models.reduce((sum, reference) => sum + fitnessOf(terms, model, reference).total / models.length, 0),
  );
  return means.indexOf(Math.max(...means));
}

function asSeenBy(term: string, { own, ...measured }: Measured): MeasuredModel {
  return { ...measured, own: own[term] ?? null };
}
