import { BAKING } from '../../../core/contracts/baking.js';
import { DATASET } from '../../../core/contracts/dataset.js';
import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import type { PhasePlan, PlanContext } from '../../../core/contracts/phase.js';
import type { Problem } from '../../../core/errors/index.js';
import { PlanProblems } from '../shared/plan.js';
import { THEATER_ITEMS } from '../shared/theater/index.js';
import type { QuietstarOptions } from './options.js';
import { lastUpdate } from './quiet-stages.js';

/** Config path of the phase, for messages. */
const AT = 'phases.quietstar';

/**
 * Facts and problems of a run, without loading data or weights. What depends on the champion (its context, the memory
 * that thoughts need) is looked at as soon as it is there: `requireFit`.
 */
export async function planQuietstar(context: PlanContext, options: QuietstarOptions): Promise<PhasePlan> {
  const problems = new PlanProblems();
  await addNameProblems(problems, context, options);
  problems.add(
    ...shareProblems(options),
    ...strengthProblems(options),
    ...thoughtProblems(options),
    ...shrinkProblems(options),
    ...emptyStageProblems(options),
  );
  const { data, baking, quiet, thoughts, examination } = options;
  const { samples, positions } = thoughts;
  const updates = baking.rounds === 1 ? baking.steps : `at most ${baking.rounds} x ${baking.steps}`;
  return {
    facts: {
      baking: baking.use,
      'updates of baking': updates,
      ...(baking.strength === null ? {} : { 'strength of baking': baking.strength }),
      control: baking.control ? `${updates} updates without thoughts` : 'none',
      'updates of step 2': quiet.steps,
      thoughts: `${samples} x ${positions} of ${lengthsOf(options)} tokens`,
      datasets: data.datasets.join(', '),
      questions: `${examination.items}, and ${examination.furtherItems} of each further kind`,
    },
    memoryBytes: null,
    diskBytes: null,
    unknown: 'not known before the champion is there',
    problems: problems.all,
    warnings: planWarnings(options),
  };
}

/** Of thoughts, stage after stage. */
function lengthsOf({ thoughts, quiet }: QuietstarOptions): string {
  const stages = quiet.shrink.map(({ tokens }) => tokens);
  const rest = quiet.shrink.at(-1)?.until === 1 ? [] : [thoughts.tokens];
  return [...stages, ...rest].join(', then ');
}

async function addNameProblems(
  problems: PlanProblems,
  context: PlanContext,
  { data, baking, quiet }: QuietstarOptions,
): Promise<void> {
  for (const [i, name] of data.datasets.entries())
    await problems.known(context, DATASET, name, `${AT}.data.datasets[${i}]`);
  const method = await problems.check(`${AT}.baking`, () =>
    context.resolve(BAKING, baking.use, baking.options),
  );
  if (method?.teacher === 'prompted' && baking.prompt === null)
    problems.add({
      at: `${AT}.baking.prompt`,
      message: `the teacher of ${baking.use} has no prompt to read: there would be nothing to learn`,
      fix: "give baking.prompt, or set baking.use to 'traces'",
    });
  for (const [step, { optimizer }] of Object.entries({ baking, quiet }))
    await problems.check(`${AT}.${step}.optimizer`, () =>
      context.resolve(OPTIMIZER, optimizer.use, optimizer.options),
    );
}

function shareProblems({ data: { direct, replay } }: QuietstarOptions): Problem[] {
  if (direct + replay < 1) return [];
  return [
    {
      at: `${AT}.data`,
      message: 'direct and replay leave no tokens for answers with thoughts',
      expected: 'together below 1',
      found: String(direct + replay),
      fix: 'lower data.direct or data.replay',
    },
  ];
}

/** What strength is a share of is one full bake; a pursuit has another teacher, and another full effect, every round. */
function strengthProblems({ baking: { strength, rounds } }: QuietstarOptions): Problem[] {
  if (strength === null || rounds === 1) return [];
  return [
    {
      at: `${AT}.baking.strength`,
      message: 'a bake of several rounds has no full effect that a part could be taken of',
      expected: 'null, or baking.rounds of 1',
      found: `${strength} with ${rounds} rounds`,
      fix: 'leave out baking.strength or baking.rounds',
    },
  ];
}

/** What can be said of step 2 without the champion. */
function thoughtProblems({ thoughts, quiet }: QuietstarOptions): Problem[] {
  if (quiet.steps === 0) return [];
  const { training } = quiet;
  return [
    ...(thoughts.samples < 2
      ? [
          {
            at: `${AT}.thoughts.samples`,
            message: 'a thought is judged by the others at its place, and alone its advantage is always 0',
            expected: 'at least 2',
            found: String(thoughts.samples),
            fix: 'raise thoughts.samples, or set quiet.steps to 0',
          },
        ]
      : []),
    ...(thoughts.talk >= training.length
      ? [
          {
            at: `${AT}.thoughts.talk`,
            message: 'no place of a row has so much text after it',
            expected: `below ${training.length} (quiet.training.length)`,
            found: String(thoughts.talk),
          },
        ]
      : []),
    ...(training.stages.length > 0
      ? [
          {
            at: `${AT}.quiet.training.stages`,
            message: 'step 2 has rows of one shape',
            fix: 'leave the stages out',
          },
        ]
      : []),
  ];
}

/** Stages follow each other, and their thoughts get shorter. */
function shrinkProblems({ thoughts, quiet }: QuietstarOptions): Problem[] {
  const { shrink, training, steps } = quiet;
  if (steps === 0) return [];
  return shrink.flatMap(({ until, tokens, talk = thoughts.talk }, i) => {
    const at = `${AT}.quiet.shrink[${i}]`;
    const before = shrink[i - 1];
    const after = shrink[i + 1]?.tokens ?? (until < 1 ? thoughts.tokens : 0);
    return [
      ...(until <= (before?.until ?? 0)
        ? [
            {
              at: `${at}.until`,
              message: 'a stage ends after the one before it',
              expected: `above ${before?.until}`,
              found: String(until),
            },
          ]
        : []),
      ...(tokens < after
        ? [
            {
              at: `${at}.tokens`,
              message: 'thoughts get shorter, and what comes after this stage is longer',
              expected: `at least ${after}`,
              found: String(tokens),
              fix: 'let the stages shrink towards thoughts.tokens; one without thoughts (0) lasts until 1',
            },
          ]
        : []),
      ...(talk >= training.length
        ? [
            {
              at: `${at}.talk`,
              message: 'no place of a row has so much text after it',
              expected: `below ${training.length} (quiet.training.length)`,
              found: String(talk),
            },
          ]
        : []),
    ];
  });
}

/** Shares are rounded to updates: what is between two of them can be none. What comes after the last stage is one more. */
function emptyStageProblems({ quiet: { shrink, steps } }: QuietstarOptions): Problem[] {
  const ends = shrink.map(({ until }) => until);
  return [...ends, 1].flatMap((until, i) => {
    const before = ends[i - 1] ?? 0;
    const [from, to] = [before, until].map((share) => lastUpdate(share, steps)) as [number, number];
    if (steps === 0 || until <= before || to > from) return [];
    const named = i < ends.length;
    return [
      {
        at: `${AT}.quiet.shrink[${named ? i : i - 1}].until`,
        message: named
          ? 'not a single update is in this stage'
          : 'not a single update is left for thoughts.tokens after the last stage',
        expected: named ? `an update after ${from} of ${steps}` : `1, or an update before ${steps}`,
        found: `${named ? until : before}, which is update ${named ? to : from}`,
        fix: 'raise quiet.steps, or set the ends of stages further apart',
      },
    ];
  });
}

/** What works and is hardly meant. */
function planWarnings({ thoughts, quiet, examination }: QuietstarOptions): string[] {
  const { positions, minInterval, talk } = thoughts;
  const places = Math.ceil(Math.max(1, quiet.training.length - talk) / minInterval);
  return [
    ...(examination.items < THEATER_ITEMS
      ? [
          `${examination.items} questions are too few for the anti-theater tests to pass: examination.items below ${THEATER_ITEMS}`,
        ]
      : []),
    ...(quiet.steps > 0 && quiet.policyWeight === 0
      ? ['thoughts of step 2 are never reinforced: quiet.policyWeight is 0']
      : []),
    ...(quiet.steps > 0 && positions > places
      ? [`a row has room for ${places} thoughts and thoughts.positions asks for ${positions}`]
      : []),
  ];
}
