import fc from 'fast-check';
import {
  calibrate,
  cumulativeHalting,
  haltingDistribution,
  haltingHistogram,
  haltingStep,
  meanHaltingStep,
  UNCALIBRATED,
  updateCalibration,
} from '../../../nn/halting/index.js';

describe('halting rule', () => {
  const q = [0.5, 0.6, 0.9];

  it('q = .5, .6, .9 has masses .5, .3, .18 and cumulative .5, .8, .98', () => {
    expect(cumulativeHalting(q)).toEqual([0.5, 0.8, expect.closeTo(0.98, 12)]);
    const withFurtherStep = haltingDistribution([...q, 0.7]);
    [0.5, 0.3, 0.18, 0.02].forEach((mass, k) => expect(withFurtherStep[k]).toBeCloseTo(mass, 12));
  });

  it('threshold .9 halts at step 3, .99 forces the last step', () => {
    expect(haltingStep([...q, 0.1, 0.1], 0.9)).toBe(3);
    expect(haltingStep(q, 0.99)).toBe(3);
    expect(haltingStep([...q, 0.1, 0.1], 0.99)).toBe(5);
  });

  it('puts the rest on the last step', () => {
    expect(haltingDistribution(q)[2]).toBeCloseTo(0.2, 12);
    expect(haltingDistribution([0.1])).toEqual([1]);
  });

  it('stops an unspecialised model where the mean reaches one half', () => {
    expect(meanHaltingStep([0.2, 0.5, 0.9])).toBe(2);
    expect(meanHaltingStep([0.2, 0.3, 0.1])).toBe(3);
  });

  it('counts tokens per step', () => {
    expect(haltingHistogram([1, 3, 3, 2, 3], 4)).toEqual([1, 1, 3, 0]);
  });

  const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 });

  it('is a distribution, and a higher threshold never stops earlier', () => {
    fc.assert(
      fc.property(probabilities, fc.double({ min: 0, max: 1, noNaN: true }), (halting, threshold) => {
        const masses = haltingDistribution(halting);
        const total = masses.reduce((sum, mass) => sum + mass, 0);
        const [step, later] = [
          haltingStep(halting, threshold),
          haltingStep(halting, Math.min(1, threshold + 0.1)),
        ];
        return masses.every((mass) => mass >= -1e-12) && Math.abs(total - 1) < 1e-9 && later >= step;
      }),
    );
  });
});

describe('calibration of halting', () => {
  it('takes the first measurement as it is and averages later ones at 0.98', () => {
    const first = updateCalibration(UNCALIBRATED, [0.4], [0.01]);
    expect(first).toEqual({ accuracy: [0.4], probability: [0.01] });
    const second = updateCalibration(first, [0.5], [0.03]);
    expect(second.accuracy![0]).toBeCloseTo(0.98 * 0.4 + 0.02 * 0.5, 12);
    expect(second.probability![0]).toBeCloseTo(0.98 * 0.01 + 0.02 * 0.03, 12);
  });

  it('leaves the steps that an update did not run as they were, and takes new ones as they are', () => {
    const three = updateCalibration(UNCALIBRATED, [0.1, 0.2, 0.3], [0.1, 0.1, 0.1]);
    const { accuracy, probability } = updateCalibration(three, [0.6, 0.7], [0.2, 0.2], 0.75);
    [0.225, 0.325, 0.3].forEach((value, k) => expect(accuracy![k]).toBeCloseTo(value, 12));
    [0.125, 0.125, 0.1].forEach((value, k) => expect(probability![k]).toBeCloseTo(value, 12));
    expect(accuracy).toHaveLength(3);
    const one = updateCalibration(UNCALIBRATED, [0.1], [0.1]);
    expect(updateCalibration(one, [0.1, 0.9], [0.1, 0.4])).toMatchObject({
      accuracy: [expect.closeTo(0.1, 12), 0.9],
      probability: [expect.closeTo(0.1, 12), 0.4],
    });
  });

  it('moves the mean probability to the measured accuracy and keeps the order', () => {
    const calibration = { accuracy: [0.4], probability: [0.01] };
    expect(calibrate(0.01, 0, calibration)).toBeCloseTo(0.4, 10);
    expect(calibrate(0.02, 0, calibration)).toBeGreaterThan(0.4);
    expect(calibrate(0.005, 0, calibration)).toBeLessThan(0.4);
  });

  it('changes nothing without measurements or when they agree, and stays finite at the ends', () => {
    expect(calibrate(0.3, 0, UNCALIBRATED)).toBe(0.3);
    expect(calibrate(0.3, 0, { accuracy: [0.2], probability: [0.2] })).toBeCloseTo(0.3, 10);
    expect(calibrate(0, 0, { accuracy: [1], probability: [0] })).toBeGreaterThan(0);
    expect(calibrate(1, 0, { accuracy: [0], probability: [1] })).toBeLessThan(1);
  });
});
