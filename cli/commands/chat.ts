import type { Project } from '../../tools/index.js';
import { addChatFlags, chatOptions, type ChatFlags } from '../chat/flags.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import { withProject } from '../open-kernel.js';

export const command = defineCommand<ChatFlags>({
  configure: addChatFlags,
  run: (context, flags, [reference = 'latest']) =>
    withProject(context, { flags: { ...flags, seed: undefined }, withoutConfig: 'defaults' }, (project) =>
      converse(project, reference, flags, context),
    ),
});

async function converse(
  project: Project,
  reference: string,
  flags: ChatFlags,
  context: CommandContext,
): Promise<Outcome> {
  const { io, json } = context;
  const model = await project.loadModel(reference);
  const chat = await model.chat(chatOptions(flags));
  const isTalk = io.stdin.isTTY === true && io.stdout.isTTY === true && !json;
  const exitCode = isTalk
    ? await new (await import('../chat/talk.js')).Talk(chat, context, flags.thoughts === 'show').run()
    : await (await import('../chat/piped.js')).answerLines(chat, context);
  return { document: undefined, text: () => '', exitCode };
}
