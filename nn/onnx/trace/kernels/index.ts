import { arithmeticKernels } from './arithmetic.js';
import type { KernelTable } from './call.js';
import { creationKernels } from './creation.js';
import { indexingKernels } from './indexing.js';
import { productKernels } from './products.js';
import { reductionKernels } from './reductions.js';
import { shapingKernels } from './shaping.js';
import { unaryKernels } from './unary.js';

/** Every tfjs kernel the tracer knows, by tfjs's name. */
export const KERNELS: KernelTable = {
  ...arithmeticKernels,
  ...creationKernels,
  ...indexingKernels,
  ...productKernels,
  ...reductionKernels,
  ...shapingKernels,
  ...unaryKernels,
};
