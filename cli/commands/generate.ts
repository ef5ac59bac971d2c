import type { Project } from '../../tools/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { addGenerateFlags, toolsAsked, type GenerateFlags } from '../generate/flags.js';
import { readPrompt } from '../generate/read-prompt.js';
import { samplingOptions } from '../generate/sampling-flags.js';
import { writeText, type WritingRequest } from '../generate/write.js';
import { listenToInterrupts } from '../interrupts.js';
import { withProject } from '../open-kernel.js';

export const command = defineCommand<GenerateFlags>({
  configure: addGenerateFlags,
  run: (context, flags, [reference = 'latest']) =>
    withProject(context, { flags: { ...flags, seed: undefined }, withoutConfig: 'defaults' }, (project) =>
      generate(project, reference, flags, context),
    ),
});

async function generate(
  project: Project,
  reference: string,
  flags: GenerateFlags,
  context: CommandContext,
): Promise<Outcome> {
  const many = flags.prompts === undefined ? null : await import('../generate/many.js');
  const lines = many === null ? [] : await many.readPrompts(flags.prompts!, context);
  const prompt = many === null ? await readPrompt(flags, context.io) : '';
  const { DEFAULT_TEXT_OPTIONS } = await import('../../nn/generation/index.js');
  const sampling = { ...DEFAULT_TEXT_OPTIONS, ...samplingOptions(flags) };
  const model = await project.loadModel(reference);
  const interrupts = listenToInterrupts(context.io, 'Stopping after this token.');
  const { persona, thoughts = 'off' } = flags;
  const request: WritingRequest = {
    thoughts,
    options: {
      ...sampling,
      ...{ signal: interrupts.signal, tools: toolsAsked(flags) },
      ...(persona !== undefined && { persona }),
    },
  };
  const document = {
    ...{ model: model.id ?? model.name, folder: model.folder, sha256: model.metadata?.sha256 ?? null },
    ...sampling,
    ...(persona !== undefined && { persona }),
  };
  try {
    if (many !== null) return await many.writeMany(model, lines, request, context, document);
    const written = await writeText(model, prompt, request, context);
    return {
      document: { ...document, prompt, ...written },
      text: () => '',
      exitCode: written.stopped === 'aborted' ? EXIT.interrupted : EXIT.ok,
    };
  } finally {
    interrupts.release();
  }
}
