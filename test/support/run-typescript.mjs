/** `node --import <this file> some/file.ts` runs this project's sources without a build. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
