'use strict';
const { default: Sequencer } = require('@jest/test-sequencer');

/** Short files of tests that take long: jest goes by size where it has not timed a file, and would begin them at the very end. */
const LONG =
  /\/(e2e\/\w[\w-]*|docs\/blocks|presets\/smoke|conformance\/engines\/webgpu|conformance\/phases|phases\/\w+\/(step-two\.)?conformance|phases\/\w+\/phase)\.test\.ts$/;

/** jest's own order, after the long ones: otherwise one worker waits for the other's last file. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isLong = ({ path }) => LONG.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
