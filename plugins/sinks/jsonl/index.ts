import { Type } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { defineSink } from '../../../core/contracts/sink.js';
import { JsonlSink } from './jsonl-sink.js';

const JsonlOptions = Type.Object(
  {
    delay: withDefault(Type.Number({ minimum: 0, description: 'most seconds a line stays in memory' }), 1),
    progress: withDefault(Type.Boolean({ description: 'write progress events too' }), false),
  },
  { additionalProperties: false },
);

/** `events.jsonl` and `metrics.jsonl` in the session's folder, one event per line, durable at every checkpoint. */
export const jsonl = defineSink({
  name: 'jsonl',
  description: 'Every metric and event as a line of JSON in the session folder.',
  options: JsonlOptions,
  create: (options) => new JsonlSink(options),
});

export { EVENTS_FILE, JsonlSink, METRICS_FILE } from './jsonl-sink.js';
