import type { Draw } from '../../../../nn/random/index.js';

/** Values of the slots of one story; the same slot says the same thing from the first sentence to the last. */
export type Slots = Readonly<Record<string, string>>;

/**
 * Fill a template: `[one|two|]` is one of the alternatives (they may be nested and may be empty), `{slot}` the
 * value of a slot.
 * @throws Error on an unknown slot or an open bracket: a mistake in a template
 */
export function fill(template: string, slots: Slots, draw: Draw): string {
  const chosen = choose(template, draw);
  const filled = chosen.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = slots[name];
    if (value === undefined) throw new Error(`story template: unknown slot {${name}} in "${template}"`);
    return value;
  });
  return polish(filled);
}

/** Resolve the alternatives, the outermost first; what is not chosen draws nothing. */
function choose(template: string, draw: Draw): string {
  const open = template.indexOf('[');
  if (open < 0) return template;
  const { alternatives, end } = alternativesAt(template, open);
  return template.slice(0, open) + choose(draw.pick(alternatives), draw) + choose(template.slice(end), draw);
}

function alternativesAt(
  template: string,
  open: number,
): { readonly alternatives: readonly string[]; readonly end: number } {
  const alternatives: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < template.length; at++) {
    const character = template[at];
    if (character === '[') depth++;
    if (character === ']') depth--;
    if ((character === '|' && depth === 1) || depth === 0) {
      alternatives.push(template.slice(start, at));
      start = at + 1;
    }
    if (depth === 0) return { alternatives, end: at + 1 };
  }
  throw new Error(`story template: "${template}" opens a bracket that it does not close`);
}

/** Articles before vowels, no double spaces, a capital at the beginning of a sentence and of what is said. */
function polish(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\b([Aa]) (?=[aeiou])/g, '$1n ')
    .replace(
      /(^|[.!?] |(?:^|[ ,])")([a-z])/g,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    );
}
