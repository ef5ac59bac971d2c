export { bitsOf, bytesOf, elementsOf, hostDtypeOf, isStoredDtype, type StoredDtype } from './dtypes.js';
export { MAX_HEADER_BYTES, type SafetensorsEntry, type SafetensorsHeader } from './header.js';
export { type PlannedTensor } from './layout.js';
export { openModelTensors, type ModelTensors } from './model-tensors.js';
export { openSafetensors, openSafetensorsBytes, readAllTensors, type SafetensorsReader } from './reader.js';
export {
  createSafetensorsWriter,
  createUnhashedWriter,
  type SafetensorsWriter,
  type WrittenFile,
} from './writer.js';
