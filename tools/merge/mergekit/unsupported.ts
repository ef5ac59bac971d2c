import type { MergekitDocument } from './schema.js';
import type { Path, ProblemReport } from '../report.js';

/** What mergekit understands and agentforge does not, each refused by its name. */
export function refuseUnsupported(document: MergekitDocument, report: ProblemReport): void {
  const refuse = (path: Path, what: string, fix: string): void =>
    report.add(path, { message: `${what} is not supported`, fix });
  if ('modules' in document)
    refuse(['modules'], 'modules', 'Merge models of one module, with models or slices.');
  if ('chat_template' in document)
    refuse(
      ['chat_template'],
      'chat_template',
      'Leave it out: the template comes with the tokenizer; edit tokenizer_config.json of the result.',
    );
  if ('tokenizer' in document)
    refuse(
      ['tokenizer'],
      `tokenizer${keysOf(document.tokenizer)}`,
      'Write tokenizer_source: base, union, or the folder of a model.',
    );
  document.slices?.forEach(({ residual_weight: weight }, i) => {
    if (weight !== undefined) refuse(['slices', i, 'residual_weight'], 'residual_weight', 'Leave it out.');
  });
  for (const { reference, path } of referencesOf(document)) refuseReference(reference, path, report);
}

/** Model references with where they stand. */
function referencesOf(document: MergekitDocument): { reference: string; path: Path }[] {
  const found: { reference: string; path: Path }[] = [];
  if (document.base_model !== undefined) found.push({ reference: document.base_model, path: ['base_model'] });
  document.models?.forEach(({ model }, i) => found.push({ reference: model, path: ['models', i, 'model'] }));
  document.slices?.forEach(({ sources, base_model: base }, i) => {
    if (base !== undefined) found.push({ reference: base, path: ['slices', i, 'base_model'] });
    sources.forEach(({ model }, j) =>
      found.push({ reference: model, path: ['slices', i, 'sources', j, 'model'] }),
    );
  });
  const source = document.tokenizer_source;
  if (source !== undefined && source !== 'union' && source !== 'base')
    found.push({ reference: source, path: ['tokenizer_source'] });
  return found;
}

/** A reference is `path[@revision][+adapter[@revision]]`; only the path is understood. */
function refuseReference(reference: string, path: Path, report: ProblemReport): void {
  const [model = '', ...adapters] = reference.split('+');
  const [folder = '', ...revisions] = model.split('@');
  if (adapters.length > 0) {
    report.add(path, {
      message: `the LoRA adapter in "${reference}" is not supported`,
      found: reference,
      fix: `Merge the adapter ${adapters.join('+')} into ${folder} first, and name the folder of the result.`,
    });
  } else if (revisions.length > 0) {
    report.add(path, {
      message: `the revision in "${reference}" is not supported`,
      found: reference,
      fix: `Download revision ${revisions.join('@')} of ${folder}, and name its folder.`,
    });
  }
}

function keysOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const keys = Object.keys(value);
  return keys.length === 0 ? '' : ` (${keys.map((key) => `tokenizer.${key}`).join(', ')})`;
}

/** Keys that only a mixture-of-experts recipe has. */
const EXPERT_KEYS = ['experts', 'gate_mode', 'experts_per_token', 'shared_experts'];

/** Recipes of mergekit's other programs, by a key that tells them. */
export function otherKindOf(value: object): string | null {
  const key = EXPERT_KEYS.find((each) => each in value);
  if (key !== undefined) return `a mixture-of-experts recipe (${key})`;
  if ('genome' in value) return 'an evolutionary search (genome)';
  return null;
}
