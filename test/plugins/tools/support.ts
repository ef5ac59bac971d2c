import { TOOL, type Tool, type ToolLimits, type ToolOutcome } from '../../../core/contracts/tool.js';
import type { Plugin } from '../../../core/contracts/plugin.js';
import { DEFAULT_TOOL_LIMITS } from '../../../nn/tools/index.js';
import { implementationOf } from '../../../testing/index.js';

/** Runs a tool: its text, or how it failed. */
export type Run = (args: string, limits?: Partial<ToolLimits>) => string;

/** A tool with a short way to run it. @param made anew in each test file */
export async function toolOf(plugin: Plugin): Promise<{ readonly tool: Tool; readonly run: Run }> {
  const tool = await implementationOf(TOOL, plugin);
  return { tool, run: (args, limits) => told(tool.run(args, { ...DEFAULT_TOOL_LIMITS, ...limits })) };
}

function told(outcome: ToolOutcome): string {
  return outcome.ok ? outcome.text : `!${outcome.failure}`;
}

/** Names by which objects of JavaScript lead to their host. */
export const HOST_NAMES = [
  ...['process', 'require', 'constructor', '__proto__', 'prototype', 'globalThis', 'global', 'this', 'eval'],
  ...['toString', 'valueOf', 'hasOwnProperty', 'Function', 'Object', '__defineGetter__', 'import', 'module'],
];
