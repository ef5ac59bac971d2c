/**
 * A number of which only bounds may be known: a run that was given up after its budget took "at least" as long. `high` is
 * null where there is no upper bound.
 */
export interface Figure {
  readonly low: number;
  readonly high: number | null;
}

export const exactly = (value: number): Figure => ({ low: value, high: value });
export const atLeast = (value: number): Figure => ({ low: value, high: null });

const top = ({ high }: Figure): number => high ?? Infinity;
const figure = (low: number, high: number): Figure => ({ low, high: high === Infinity ? null : high });

/** The middle one of what the figures may be: of an even number, the mean of the two in the middle. @param figures at least one */
export function medianFigure(figures: readonly Figure[]): Figure {
  return figure(middle(figures.map(({ low }) => low)), middle(figures.map(top)));
}

/** @param figures at least one */
export function leastFigure(figures: readonly Figure[]): Figure {
  return figure(Math.min(...figures.map(({ low }) => low)), Math.min(...figures.map(top)));
}

/** @param figures at least one */
export function greatestFigure(figures: readonly Figure[]): Figure {
  return figure(Math.max(...figures.map(({ low }) => low)), Math.max(...figures.map(top)));
}

/** Positive figures divided. */
export function ratioFigure(numerator: Figure, denominator: Figure): Figure {
  return figure(numerator.low / top(denominator), top(numerator) / denominator.low);
}

/** `690`, `>= 3000`, `<= 0.4`, `0.8 to 1.2`; `unknown` where nothing bounds it. */
export function figureText({ low, high }: Figure, digits = 0): string {
  const text = (value: number): string => value.toFixed(digits);
  if (high === null) return low === 0 ? 'unknown' : `>= ${text(low)}`;
  if (low === high) return text(low);
  return low === 0 ? `<= ${text(high)}` : `${text(low)} to ${text(high)}`;
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
