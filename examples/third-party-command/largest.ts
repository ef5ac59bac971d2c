import { defineCommand, Type, withDefault } from 'agentforge';

/** `agentforge largest --count 3`: which models take most room. */
export const largest = defineCommand({
  name: 'largest',
  description: 'list the models that take most room',
  flags: Type.Object(
    {
      count: withDefault(Type.Integer({ minimum: 1, description: 'Most models listed.' }), 5),
      phase: Type.Optional(Type.String({ description: 'Models that this phase made.' })),
    },
    { additionalProperties: false },
  ),
  run: async ({ project, flags, io }) => {
    const models = await project.models({ phase: flags.phase });
    const sizes = models.map(({ id, name, metadata }) => ({ id, name, bytes: metadata.bytes_on_disk }));
    const shown = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, flags.count);
    io.json({ models: shown });
    for (const { name, bytes } of shown) io.write(`${String(bytes).padStart(12)}  ${name}\n`);
    return shown.length === 0 ? 1 : 0;
  },
});

export default largest;
