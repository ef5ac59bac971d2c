import type { DocumentKind } from '../kind.js';
import { checkpoint } from './checkpoint.js';
import { config } from './config.js';
import { handoff } from './handoff.js';
import { jsonLinesFile } from './json-lines.js';
import { recipe } from './recipe.js';
import { registry } from './registry.js';
import { safetensors } from './safetensors.js';
import { tokenizer } from './tokenizer.js';

/** Every kind of document that is fuzzed. */
export const KINDS: readonly DocumentKind[] = [
  config,
  recipe,
  safetensors,
  tokenizer,
  jsonLinesFile,
  registry,
  checkpoint,
  handoff,
];
