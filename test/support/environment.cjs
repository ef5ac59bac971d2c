'use strict';
const { TestEnvironment } = require('jest-environment-node');

/**
 * Node's environment with the outer realm's typed arrays: native add-ons (onnxruntime-node) check
 * `instanceof Float32Array` against the realm they were loaded in and reject the sandbox's own.
 */
const SHARED_GLOBALS = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Float32Array',
  'Float64Array',
  'Int8Array',
  'Int16Array',
  'Int32Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Uint16Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
];

/** The sandbox has a copy of the environment: what native code is to see is set out here, before it is loaded. */
process.env.ORT_DISABLE_TELEMETRY ||= '1';

module.exports = class AgentforgeEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of SHARED_GLOBALS) this.global[name] = globalThis[name];
  }
};
