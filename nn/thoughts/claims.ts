/** A claim of a text that can be checked by calculating. */
export interface Claim {
  readonly text: string;
  readonly holds: boolean;
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const EXPRESSION = String.raw`${NUMBER}(?:\s*[-+*/x×÷]\s*${NUMBER})*`;
const RELATION = [
  '<=|>=|!=|==|[<>=≤≥≠]',
  'is (?:not )?(?:less|smaller|fewer|greater|larger|bigger|more) than',
  'is (?:not )?(?:equal to )?',
].join('|');

/**
 * The claims of a text about numbers: `12 + 30 = 42`, `7 < 9`, `7 is not greater than 9`, `not 3 = 4`. Names and words are
 * not understood; a claim about them is none here.
 */
export function claimsOf(text: string): Claim[] {
  const pattern = new RegExp(
    String.raw`(?<![\w.])(not\s+)?(${EXPRESSION})\s*(${RELATION})\s*(${EXPRESSION})(?![\w]|\.\d)`,
    'gi',
  );
  return Array.from(text.matchAll(pattern), ([whole, negation, left, relation, right]) => {
    const told = compare(valueOf(left!), relation!.toLowerCase(), valueOf(right!));
    return { text: whole, holds: negation === undefined ? told : !told };
  });
}

/** Share of the claims that hold; 1/2 where there is none, and nothing can be said. */
export function logicalConsistency(text: string): number {
  const claims = claimsOf(text);
  return claims.length === 0 ? 0.5 : claims.filter(({ holds }) => holds).length / claims.length;
}

function compare(left: number, relation: string, right: number): boolean {
  if (!Number.isFinite(left) || !Number.isFinite(right)) return false;
  const equal = Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(left), Math.abs(right));
  const negated = relation.includes(' not ') || /^(!=|≠)$/.test(relation);
  return negated !== told(relation, equal, left - right);
}

/** What a relation says without its negation. */
function told(relation: string, equal: boolean, difference: number): boolean {
  if (/^(<=|≤)$/.test(relation)) return equal || difference < 0;
  if (/^(>=|≥)$/.test(relation)) return equal || difference > 0;
  if (/<|less|smaller|fewer/.test(relation)) return !equal && difference < 0;
  if (/>|greater|larger|bigger|more/.test(relation)) return !equal && difference > 0;
  return equal;
}

/** Products before sums, from the left; not finite after a division by zero. */
function valueOf(expression: string): number {
  const tokens = expression.match(new RegExp(String.raw`\d+(?:\.\d+)?|[-+*/x×÷]`, 'gi')) ?? [];
  let at = 0;
  const factor = (): number => {
    const token = tokens[at++];
    return token === '-' ? -factor() : Number(token);
  };
  const product = (): number => {
    let value = factor();
    while (at < tokens.length && /[*/x×÷]/i.test(tokens[at]!))
      value = /[/÷]/.test(tokens[at++]!) ? value / factor() : value * factor();
    return value;
  };
  let sum = product();
  while (at < tokens.length) sum += tokens[at++] === '-' ? -product() : product();
  return sum;
}
