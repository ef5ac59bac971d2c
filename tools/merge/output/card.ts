import { basename } from 'node:path';
import type { MergeRecipe } from '../recipe.js';
import type { CheckpointHashes, HashedFile } from '../execute/hashes.js';

export interface CardFacts {
  /** Name of the output folder. */
  readonly title: string;
  readonly recipe: MergeRecipe;
  readonly seed: number;
  readonly parents: readonly CheckpointHashes[];
  /** Elements of the result. */
  readonly elements: number;
  /** Element types of the result. */
  readonly dtypes: readonly string[];
  readonly tokenizerFrom: string | null;
  /** Who made it: `agentforge 0.1.0`. */
  readonly producer: string;
  readonly warnings: readonly string[];
}

/** The model card: what was merged, how, and from which very files. */
export function modelCard(facts: CardFacts): string {
  const { title, recipe, seed, parents, producer } = facts;
  const names = parents.map(({ reference }) => reference);
  return `${[
    ...frontMatter(names),
    `# ${title}`,
    '',
    `A merge of ${list(names.map((name) => `\`${name}\``))} with the method **${recipe.methodName}**, made by ${producer}.`,
    '',
    '## Result',
    '',
    `- parameters: ${facts.elements.toLocaleString('en-US')}`,
    `- stored as: ${facts.dtypes.join(', ')}`,
    `- tokenizer: ${facts.tokenizerFrom === null ? 'none' : `that of \`${facts.tokenizerFrom}\``}`,
    `- seed: ${seed}`,
    '',
    '## Parents',
    '',
    ...parents.flatMap(({ reference, files }) => [`\`${reference}\``, '', ...table(files), '']),
    '## Recipe',
    '',
    '```yaml',
    recipe.origin.text.trimEnd(),
    '```',
    ...(facts.warnings.length === 0
      ? []
      : ['', '## Warnings', '', ...facts.warnings.map((text) => `- ${text}`)]),
  ].join('\n')}\n`;
}

/** The recipe as it was written, with the files that it was carried out on as comments. */
export function recipeFile(
  { origin }: MergeRecipe,
  seed: number,
  parents: readonly CheckpointHashes[],
): string {
  const comments = parents.flatMap(({ reference, files }) =>
    files.map(({ file, sha256 }) => `#   ${reference}/${basename(file)} sha256 ${sha256}`),
  );
  return `${[origin.text.trimEnd(), '', `# seed: ${seed}`, '# parents:', ...comments].join('\n')}\n`;
}

/** mergekit's file name for its recipes, ours for ours. */
export function recipeFileName({ origin }: MergeRecipe): string {
  return origin.format === 'mergekit' ? 'mergekit_config.yml' : 'agentforge-recipe.yaml';
}

function frontMatter(names: readonly string[]): string[] {
  return [
    '---',
    'base_model:',
    ...names.map((name) => `- ${JSON.stringify(name)}`),
    'library_name: transformers',
    'tags:',
    '- merge',
    '- agentforge',
    '---',
  ];
}

function table(files: readonly HashedFile[]): string[] {
  return [
    '| file | bytes | sha256 |',
    '|---|---|---|',
    ...files.map(({ file, bytes, sha256 }) => `| ${basename(file)} | ${bytes} | ${sha256} |`),
  ];
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}
