/** A part of a pattern: text as it stands, names to choose from, or a placeholder. */
type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'index' }
  | { readonly kind: 'name'; readonly text: string };

/**
 * The concrete names of a catalogue pattern: `model_{1..3}/{loss,size}` gives six names. A range keeps its zeros
 * (`{01..50}`). `{N}` (any index) and `{word}` (any name) are open and stay as they are.
 */
export function expandMetricPattern(pattern: string): string[] {
  return parse(pattern).reduce<string[]>(
    (names, part) => names.flatMap((name) => spellings(part).map((text) => name + text)),
    [''],
  );
}

/** A regular expression that matches exactly the names a pattern stands for; `{N}` matches digits. */
export function metricPatternRegExp(pattern: string): RegExp {
  const source = parse(pattern).map((part) => {
    if (part.kind === 'index') return '\\d+';
    if (part.kind === 'name') return '[A-Za-z0-9_.-]+';
    return `(?:${spellings(part).map(escape).join('|')})`;
  });
  return new RegExp(`^${source.join('')}$`);
}

function spellings(part: Part): readonly string[] {
  if (part.kind === 'choice') return part.choices;
  return [part.kind === 'index' ? '{N}' : part.text];
}

function parse(pattern: string): Part[] {
  return pattern
    .split(/(\{[^{}]*\})/)
    .filter((piece) => piece !== '')
    .map((piece) =>
      piece.startsWith('{') && piece.endsWith('}')
        ? group(piece.slice(1, -1))
        : { kind: 'text', text: piece },
    );
}

function group(body: string): Part {
  const range = /^(\d+)\.\.(\d+)$/.exec(body);
  if (range) return { kind: 'choice', choices: numbers(range[1]!, range[2]!) };
  if (body.includes(',')) return { kind: 'choice', choices: body.split(',') };
  return body === 'N' ? { kind: 'index' } : { kind: 'name', text: `{${body}}` };
}

/** `01..03` -> 01, 02, 03: as wide as the first is written. */
function numbers(first: string, last: string): string[] {
  const count = Number(last) - Number(first) + 1;
  return Array.from({ length: count }, (_, i) => String(Number(first) + i).padStart(first.length, '0'));
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
