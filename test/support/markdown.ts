import { readFileSync } from 'node:fs';

/** A fenced block of a Markdown file. */
export interface Block {
  readonly document: string;
  /** Of its first fence, from 1. */
  readonly line: number;
  /** First word behind the fence; empty when there is none. */
  readonly language: string;
  /** `file=name` behind the language: what the other blocks of the document import it by. */
  readonly file: string | null;
  readonly code: string;
}

/** All fenced blocks of a Markdown file. */
export function blocksOf(document: string): Block[] {
  const text = readFileSync(document, 'utf8');
  return [...text.matchAll(/^( *)```(.*)\n([\s\S]*?)^\1```$/gm)].map(
    ({ 1: indent = '', 2: info = '', 3: code = '', index }) => ({
      document,
      line: text.slice(0, index).split('\n').length,
      language: info.trim().split(' ')[0]!,
      file: /\bfile=(\S+)/.exec(info)?.[1] ?? null,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** `code` in the running text of a Markdown file, each on one line. */
export function inlineCodeOf(document: string): string[] {
  const text = readFileSync(document, 'utf8').replace(/^( *)```[\s\S]*?^\1```$/gm, '');
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!.replace(/\s+/g, ' '));
}
