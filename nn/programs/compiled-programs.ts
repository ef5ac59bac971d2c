import type { Program } from '../../core/contracts/engine.js';

/** Programs by key, compiled when they are first asked for. */
export class CompiledPrograms<Key extends string | number> {
  private readonly programs = new Map<Key, Promise<Program>>();

  /** The program of a key. One that did not compile is compiled anew the next time. */
  get(key: Key, compile: () => Promise<Program>): Promise<Program> {
    const known = this.programs.get(key);
    if (known !== undefined) return known;
    const program = compile();
    this.programs.set(key, program);
    program.catch(() => this.programs.delete(key));
    return program;
  }

  async dispose(): Promise<void> {
    const compiled = await Promise.allSettled(this.programs.values());
    this.programs.clear();
    for (const one of compiled) if (one.status === 'fulfilled') await one.value.dispose();
  }
}
