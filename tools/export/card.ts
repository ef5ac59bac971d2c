import type { ModelRef } from '../../core/contracts/model.js';
import type { Quantization } from '../../core/contracts/quantization.js';
import { isPacked, weightsFile } from '../../storage/model-files.js';

export interface CardFacts {
  /** Name of the folder. */
  readonly title: string;
  /** Who wrote it: `agentforge 0.1.0`. */
  readonly producer: string;
}

/** The model card. It says what the registry recorded when the model was made, and nothing else. */
export function exportCard(model: ModelRef, { title, producer }: CardFacts): string {
  const { metadata, config, weights, tokenizer } = model;
  const parents = metadata.parent_model_ids;
  return `${[
    ...['---', 'tags:', '- agentforge', '---'],
    `# ${title}`,
    '',
    `The model **${model.name}** (\`${model.id}\`), made by the phase \`${metadata.phase_name}\` in \`${metadata.session_id}\` on ${metadata.created_at}; written by ${producer}.`,
    '',
    `- architecture: \`${config.architecture}\`, with the hyper-parameters in \`config.json\``,
    `- parameters: ${metadata.parameters.toLocaleString('en-US')}, stored as ${metadata.format}`,
    `- weights: \`${weightsFile(model)}\`, ${weights.bytes} bytes, sha256 \`${weights.sha256}\``,
    `- tokenizer: ${tokenizer === null ? 'none' : `\`tokenizer.json\`, sha256 \`${tokenizer.sha256}\`${vocabulary(model)}`}`,
    `- seed: ${metadata.seed}, config hash \`${metadata.config_hash}\``,
    `- parents: ${parents.length === 0 ? 'none' : parents.map((id) => `\`${id}\``).join(', ')}`,
    ...Object.keys(model.sidecars).map((purpose) => `- side file: \`sidecars/${purpose}\``),
    '',
    ...quantizationLines(model),
    ...metricLines(metadata.metrics),
    ...useLines(model),
  ].join('\n')}\n`;
}

function vocabulary({ metadata }: ModelRef): string {
  return metadata.vocab_size === null ? '' : `, ${metadata.vocab_size} rows in the embedding table`;
}

const INPUTS: Readonly<Record<Quantization['activations'], string>> = {
  int8: 'rounded to 8 bits per token',
  'int8-block': 'rounded to 8 bits per block of inputs',
  float: 'floats',
};

/** What a reader of the weights must know who is not agentforge. */
function quantizationLines(model: ModelRef): string[] {
  const { quantization } = model.config;
  if (quantization === undefined) return [];
  const { formats, norms, activations } = quantization;
  const compressors = [...new Set(Object.values(formats).map(({ use }) => use))].sort();
  return [
    '## Quantisation',
    '',
    `${Object.keys(formats).length} matrices are in the formats ${compressors.join(', ')}, as \`quantization\` in \`config.json\` says; their inputs are ${INPUTS[activations]}, and ${norms.length} of them are normalised first by gains of their own. ${heldAs(model)} Other programs know none of this and would misread them: agentforge alone runs this model.`,
    '',
  ];
}

function heldAs(model: ModelRef): string {
  if (isPacked(model)) return 'The weights are packed codes and scales, and are multiplied with as they are.';
  return model.config.quantization?.weights === 'latent'
    ? 'The weights are latents: floats to which the formats are applied in every pass, for training to go on from.'
    : 'The weights are what the formats made of them, written as floats: nothing is to be applied again.';
}

/** Only what was measured: null means that it was not. */
function metricLines(metrics: Readonly<Record<string, number | null>>): string[] {
  const measured = Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null);
  if (measured.length === 0) return [];
  return [
    '## Measured',
    '',
    'In the run that made the model, on its own data:',
    '',
    '| metric | value |',
    '|---|---|',
    ...measured.map(([name, value]) => `| ${name.replaceAll('|', '\\|')} | ${value} |`),
    '',
  ];
}

function useLines({ tokenizer }: ModelRef): string[] {
  if (tokenizer === null) return ['The model has no tokenizer: it cannot write text by itself.'];
  return [
    '## Use',
    '',
    '```',
    "agentforge generate ./<this folder> --prompt 'Once upon a time'",
    '```',
    '',
    'or, from code, `loadModel` of the npm package `agentforge`.',
  ];
}
