import { ForgeError } from '../../../../core/errors/index.js';
import type { Draw } from '../../../../nn/random/index.js';
import { KINDS } from './families/index.js';
import { PARTS, type Part, type ReasoningOptions } from './options.js';
import type { Family, Kind, Shape, Strategy } from './problem.js';

/** What one record is to be. */
export interface Choice {
  readonly part: Part;
  readonly family: Family;
  readonly kind: Kind;
  readonly strategy: Strategy;
  readonly shape: Shape;
  /** What is beyond the known: numbers or steps; null outside of new-range. */
  readonly range: 'numbers' | 'steps' | null;
}

/**
 * A part by its share, a strategy that one of the part's families knows, a family that knows it, one of its kinds. The
 * plain chain of thought comes twice as often as any other strategy.
 * @throws ForgeError AF_DATA_EMPTY when no family that is left knows any of the strategies
 */
export function choose(draw: Draw, options: ReasoningOptions): Choice {
  const part = choosePart(draw, options);
  const families = familiesOf(part, options);
  const known = options.strategies.filter((strategy) =>
    families.some((family) => kindsOf(family, strategy).length > 0),
  );
  const strategy = draw.pick(known.flatMap((one) => (one === 'chain-of-thought' ? [one, one] : [one])));
  const family = draw.pick(families.filter((one) => kindsOf(one, strategy).length > 0));
  const kind = draw.pick(kindsOf(family, strategy));
  const range = part !== 'new-range' ? null : kind.numbers && draw.chance(0.5) ? 'numbers' : 'steps';
  return { part, family, kind, strategy, range, shape: shapeOf(draw, kind, range, options) };
}

function kindsOf(family: Family, strategy: Strategy): readonly Kind[] {
  return KINDS[family].filter(({ strategies }) => strategies.includes(strategy));
}

/** A new family is drawn at the known sizes, so that nothing but the family is new. */
function familiesOf(part: Part, { families, newFamilies }: ReasoningOptions): readonly Family[] {
  return families.filter((family) => newFamilies.includes(family) === (part === 'new-family'));
}

/** The share of a part that has no records goes to the others. */
function choosePart(draw: Draw, options: ReasoningOptions): Part {
  const possible = PARTS.filter(
    (part) =>
      options.parts[part] > 0 &&
      familiesOf(part, options).some((family) =>
        options.strategies.some((strategy) => kindsOf(family, strategy).length > 0),
      ),
  );
  if (possible.length === 0) {
    throw new ForgeError('AF_DATA_EMPTY', 'reasoning: no family that is chosen knows any of the strategies', {
      at: 'reasoning',
      fix: 'choose more families or strategies, or give a part that has some a share above 0',
    });
  }
  return draw.weighted(possible, (part) => options.parts[part]);
}

function shapeOf(draw: Draw, kind: Kind, range: Choice['range'], options: ReasoningOptions): Shape {
  const { largest, steps, beyond, modulus } = options;
  const most = kind.stepsFor(steps);
  if (range === 'steps') {
    const further = Math.max(most + 1, kind.stepsFor(steps + beyond.steps));
    return { steps: draw.between(most + 1, further), largest, above: null, modulus };
  }
  const own = draw.between(kind.stepsFor(2), most);
  return range === 'numbers'
    ? { steps: own, largest: largest + beyond.largest, above: largest, modulus }
    : { steps: own, largest, above: null, modulus };
}
