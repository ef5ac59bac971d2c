import { guardProcess } from './guard-process.js';
import { processIo } from './io.js';
import { main } from './main.js';

const argv = process.argv.slice(2);
const io = processIo();
const settled = guardProcess(argv, io);
// No top-level await: one that never settles would end the process with a message of Node's own.
void main(argv, io).then((exitCode) => {
  process.exitCode = exitCode;
  settled();
});
