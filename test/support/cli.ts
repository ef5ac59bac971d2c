import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { CliIo } from '../../cli/io.js';
import { main } from '../../cli/main.js';
import { Recorder } from './recorder.js';

/** Streams, signals and environment of a command under test. */
export class TestIo implements CliIo {
  stdin: CliIo['stdin'] = Readable.from([]);
  readonly stdout = new Recorder();
  readonly stderr = new Recorder();
  readonly quits: number[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly cwd: string,
    readonly env: Readonly<Record<string, string | undefined>> = {},
  ) {}

  onInterrupt(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Press Ctrl-C. */
  interrupt(): void {
    for (const listener of this.listeners) listener();
  }

  get listening(): number {
    return this.listeners.size;
  }

  quit(exitCode: number): void {
    this.quits.push(exitCode);
  }
}

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed. */
  readonly document: <T = Record<string, unknown>>() => T;
}

/** Run a command in this process. */
export async function runCli(argv: readonly string[], io: TestIo): Promise<CliResult> {
  const exitCode = await main(argv, io);
  const stdout = io.stdout.text;
  return { exitCode, stdout, stderr: io.stderr.text, document: <T>() => JSON.parse(stdout) as T };
}

/** An empty folder for a test. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'agentforge-cli-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A folder of a project for a test, with a package.json so that no config above it is found. */
export function projectFolder(config: string): ReturnType<typeof temporaryFolder> {
  const folder = temporaryFolder();
  writeFileSync(join(folder.path, 'package.json'), '{}');
  writeFileSync(join(folder.path, 'agentforge.config.ts'), config);
  return folder;
}
