import {
  arc,
  commonsenseqa,
  gsm8k,
  mbpp,
  piqa,
  svamp,
  tinystories,
} from '../../../plugins/datasets/index.js';
import { DataFolder, dataset, lines, load } from './support.js';

let data: DataFolder;
beforeEach(async () => {
  data = await DataFolder.make();
});
afterEach(() => data.remove());

const GSM = {
  question: 'Tom has 48 clips and sells half. How many are left? ',
  answer: 'Tom sells 48/2 = <<48/2=24>>24 clips.\nSo 48-24 = <<48-24=24>>24 are left.\n#### 24',
};

describe('gsm8k', () => {
  it('reads question and solution, without the calculator marks', async () => {
    await data.write('gsm8k/train.jsonl', lines(GSM));
    const [record] = await load(gsm8k(), data.context());
    expect(record).toEqual({
      input: 'Question: Tom has 48 clips and sells half. How many are left?\nAnswer:',
      output: ' Tom sells 48/2 = 24 clips.\nSo 48-24 = 24 are left.\n#### 24',
      text: expect.stringContaining('left?\nAnswer: Tom sells'),
      metadata: { answer: '24', trace: '<think><step>48/2=24<step>48-24=24</think>' },
    });
    const [kept] = await load(gsm8k({ calculations: 'keep' }), data.context());
    expect(kept!.output).toContain('<<48/2=24>>24');
  });

  it('reads the test split', async () => {
    await data.write('gsm8k/test.jsonl', lines({ ...GSM, answer: '#### 1,234' }));
    const [record] = await load(gsm8k({ split: 'test' }), data.context());
    expect(record!.metadata).toEqual({ answer: '1234' });
  });

  it.each([
    ['24', true],
    [' It is 5 + 19 = 24', true],
    ['#### 24', true],
    ['#### $24.00', true],
    ['12 and then #### 24 apples, 7 left', true],
    ['24 clips, no wait, 25', false],
    ['#### 25', false],
    ['-24', false],
    ['', false],
    ['none', false],
  ])('grades %j as %p', async (answer, right) => {
    await data.write('gsm8k/train.jsonl', lines(GSM));
    const set = await dataset(gsm8k());
    const [record] = await set.load(data.context());
    expect(set.grade!(record!, answer)).toBe(right);
  });

  it('wants a final answer', async () => {
    const file = await data.write('gsm8k/train.jsonl', lines(GSM, { question: 'q', answer: 'no mark: 5' }));
    await expect(load(gsm8k(), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_MALFORMED',
      at: `${file}:2`,
    });
  });
});

describe('svamp', () => {
  const record = (fields: object): string =>
    JSON.stringify([
      {
        ID: 'c',
        Body: 'Ann had 8 and 2',
        Question: 'How many?',
        Equation: '( ( 8.0 + 2.0 ) * 3.0 )',
        Answer: 30.0,
        Type: 'M',
        ...fields,
      },
    ]);

  it('joins body and question and writes the equation', async () => {
    await data.write('svamp/SVAMP.json', record({}));
    const [first] = await load(svamp(), data.context());
    expect(first!.text).toBe('Question: Ann had 8 and 2. How many?\nAnswer: (8 + 2) * 3 = 30\n#### 30');
    const [bare] = await load(svamp({ equation: false }), data.context());
    expect(bare!.output).toBe(' #### 30');
  });

  it('names the line of a bad record and of bad JSON', async () => {
    const file = await data.write(
      'svamp/SVAMP.json',
      `[\n  ${record({}).slice(1, -1)},\n  {\n    "ID": "x"\n  }\n]`,
    );
    await expect(load(svamp(), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_MALFORMED',
      at: `${file}:3`,
    });
    await data.write('svamp/SVAMP.json', `[\n${record({}).slice(1, -1)},\n{"ID": }\n]`);
    await expect(load(svamp(), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_MALFORMED',
      at: `${file}:3`,
    });
    await data.write('svamp/SVAMP.json', '{"ID": 1}');
    await expect(load(svamp(), data.context())).rejects.toThrow('expected an array of records');
  });
});

describe('arc', () => {
  const record = (fields: object = {}): object => ({
    id: 'q1',
    question: 'What is hot?',
    choices: { text: ['ice', 'fire', 'snow'], label: ['1', '2', '3'] },
    answerKey: '2',
    ...fields,
  });

  it('letters the options, whatever the source calls them', async () => {
    await data.write('arc/ARC-Easy-train.jsonl', lines(record()));
    await data.write(
      'arc/ARC-Challenge-train.jsonl',
      lines(record({ choices: { text: ['a', 'b'], label: ['A', 'B'] }, answerKey: 'A' })),
    );
    const [easy, challenge] = await load(arc(), data.context());
    expect(easy!.text).toBe('Question: What is hot?\nA. ice\nB. fire\nC. snow\nAnswer: B. fire');
    expect(easy!.metadata).toMatchObject({ answer: 'B', answerText: 'fire', choices: 3, subset: 'easy' });
    expect(challenge!.metadata).toMatchObject({ answer: 'A', subset: 'challenge' });
    expect(await load(arc({ subset: 'challenge' }), data.context())).toEqual([challenge]);
  });

  it('reads a single file given by path once', async () => {
    const path = await data.write('mine.jsonl', lines(record(), record({ question: 'Again?' })));
    expect(await load(arc({ path }), data.context({ root: null }))).toHaveLength(2);
  });

  it.each([
    ['B', true],
    [' B. fire', true],
    ['(B) because', true],
    ['fire', true],
    ['Fire.', true],
    ['B: fire\nC. snow', true],
    ['A. ice', false],
    ['A', false],
    ['Because', false],
    ['', false],
  ])('grades %j as %p', async (answer, right) => {
    await data.write('arc/ARC-Easy-train.jsonl', lines(record()));
    const set = await dataset(arc({ subset: 'easy' }));
    const [first] = await set.load(data.context());
    expect(set.grade!(first!, answer)).toBe(right);
  });

  it('refuses an answer that is no option and labels that do not match', async () => {
    const file = await data.write('arc/ARC-Easy-train.jsonl', lines(record(), record({ answerKey: 'D' })));
    await expect(load(arc({ subset: 'easy' }), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_MALFORMED',
      at: `${file}:2`,
    });
    await data.write('arc/ARC-Easy-train.jsonl', lines(record({ choices: { text: ['a'], label: [] } })));
    await expect(load(arc({ subset: 'easy' }), data.context())).rejects.toThrow('0 labels for 1 options');
  });
});

describe('commonsenseqa', () => {
  const record = (answerKey: string): object => ({
    answerKey,
    id: 'x',
    question: {
      question_concept: 'door',
      stem: 'Where is  a door?',
      choices: [
        { label: 'A', text: 'bank' },
        { label: 'B', text: 'sky' },
      ],
    },
  });

  it('reads stem and choices', async () => {
    await data.write('commonsenseqa/dev_rand_split.jsonl', lines(record('A')));
    const [first] = await load(commonsenseqa({ split: 'validation' }), data.context());
    expect(first!.text).toBe('Question: Where is a door?\nA. bank\nB. sky\nAnswer: A. bank');
    expect(first!.metadata).toMatchObject({ concept: 'door', answer: 'A' });
  });

  it('names a wrong key and a wrong field', async () => {
    const file = await data.write('commonsenseqa/train_rand_split.jsonl', lines(record('A'), record('F')));
    await expect(load(commonsenseqa(), data.context())).rejects.toMatchObject({ at: `${file}:2` });
    await data.write(
      'commonsenseqa/train_rand_split.jsonl',
      lines({ answerKey: 'A', question: { stem: 's', choices: [5] } }),
    );
    await expect(load(commonsenseqa(), data.context())).rejects.toThrow(
      ':1: field "question.choices[0]" is 5, expected an object',
    );
  });
});

describe('piqa', () => {
  const questions = lines(
    { goal: 'open a jar', sol1: 'turn the lid ', sol2: 'sit on it' },
    { goal: 'dry hair', sol1: 'water', sol2: 'a towel' },
  );

  it('pairs questions with labels', async () => {
    await data.write('piqa/valid.jsonl', questions);
    await data.write('piqa/valid-labels.lst', '0\n1\n');
    const records = await load(piqa(), data.context());
    expect(records.map((record) => record.metadata!['answer'])).toEqual(['A', 'B']);
    expect(records[0]!.text).toBe(
      'Question: open a jar\nA. turn the lid\nB. sit on it\nAnswer: A. turn the lid',
    );
  });

  it('finds the labels beside an explicit path', async () => {
    const path = await data.write('elsewhere/valid.jsonl', questions);
    await data.write('elsewhere/valid-labels.lst', '1\n0\n');
    const records = await load(piqa({ path }), data.context({ root: null }));
    expect(records.map((record) => record.metadata!['answer'])).toEqual(['B', 'A']);
  });

  it('refuses labels that do not fit', async () => {
    await data.write('piqa/valid.jsonl', questions);
    const labels = await data.write('piqa/valid-labels.lst', '0\n');
    await expect(load(piqa(), data.context())).rejects.toThrow('1 labels for 2 questions');
    await data.write('piqa/valid-labels.lst', '0\n2\n');
    await expect(load(piqa(), data.context())).rejects.toMatchObject({
      code: 'AF_DATA_MALFORMED',
      at: `${labels}:2`,
    });
  });
});

describe('mbpp', () => {
  const task = (id: number): object => ({
    text: `Write function ${id}.`,
    code: `def f():\r\n\treturn ${id}\r\n`,
    task_id: id,
    test_list: ['assert f() == 1', 'assert f() == 2'],
  });

  it('splits by task_id and shows a test', async () => {
    await data.write(
      'mbpp/mbpp.jsonl',
      lines(task(10), task(11), task(510), task(511), task(601), task(974)),
    );
    const ids = async (split: 'train' | 'test' | 'validation' | 'prompt' | 'all'): Promise<unknown[]> =>
      (await load(mbpp({ split }), data.context())).map((record) => record.metadata!['task']);
    expect(await ids('train')).toEqual([601, 974]);
    expect(await ids('test')).toEqual([11, 510]);
    expect(await ids('validation')).toEqual([511]);
    expect(await ids('prompt')).toEqual([10]);
    expect(await ids('all')).toHaveLength(6);
    const [first] = await load(mbpp(), data.context());
    expect(first!.text).toBe('Task: Write function 601.\nassert f() == 1\nPython:\ndef f():\n\treturn 601');
    const set = await dataset(mbpp());
    expect(set.grade!(first!, 'anything')).toBeNull();
  });
});

describe('tinystories', () => {
  it('cuts at the end-of-text mark where there is one', async () => {
    const content = 'One.\n\nTwo.\n<|endoftext|>\nThree.\n<|endoftext|>\n';
    await data.write('tinystories/train_head.txt', content);
    const records = await load(tinystories(), data.context());
    expect(records.map((record) => record.text)).toEqual(['One.\n\nTwo.', 'Three.']);
  });

  it('cuts at single newlines otherwise, and keeps paragraphs', async () => {
    await data.write('tinystories/train_head.txt', 'A one.\n\nA two.\r\nB one.\n\n\nB two.\n \nC.\n');
    const records = await load(tinystories(), data.context());
    expect(records.map((record) => record.text)).toEqual(['A one.\n\nA two.', 'B one.\n\n\nB two.', 'C.']);
  });
});
