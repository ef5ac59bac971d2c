export { quickstart, type QuickstartOptions } from './quickstart.js';
export { seeds25m, type Seeds25mOptions } from './seeds-25m.js';
export { smoke, type SmokeOptions } from './smoke.js';
