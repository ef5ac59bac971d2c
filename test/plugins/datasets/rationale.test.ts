import { gsm8k } from '../../../plugins/datasets/index.js';
import { rationaleTrace } from '../../../plugins/datasets/shared/rationale.js';
import { DataFolder, lines, load } from './support.js';

const solved = (output: string, answer = '5') => ({ text: output, input: '', output, metadata: { answer } });

it.each([
  ['equations alone', 'Ann has 2+3 = 5 pens.\n#### 5', '<step>2+3=5'],
  ['without calculator marks', 'She has 2+3 = <<2+3=5>>5 pens.\n#### 5', '<step>2+3=5'],
  ['without currency, blanks and zeros', 'It costs 10 x $0.50 = $5.00.\n#### 5', '<step>10*0.5=5'],
  ['two of a line', 'So 7 - 4 = 3 and 3 + 2 = 5.\n#### 5', '<step>7-4=3,3+2=5'],
  ['products before sums', 'It is 1 + 2 * 2 = 5.\n#### 5', '<step>1+2*2=5'],
  ['a line without an equation', 'Half of ten is five.\n#### 5', '<step>Half of ten is five.<step>5'],
  ['one that does not hold', 'He has 3 + 3 = 5.\n#### 5', '<step>He has 3 + 3 = 5.<step>5'],
  ['a part of a longer one', 'It is (1 + 4) * 2 / 2 = 5.\n#### 5', '<step>It is (1 + 4) * 2 / 2 = 5.<step>5'],
  ['unknowns', 'So 2 + 3 = 5x\n#### 5', '<step>So 2 + 3 = 5x<step>5'],
  ['empty lines', '\n2+3=5\n\n#### 5', '<step>2+3=5'],
  ['a last result that is not the answer', '2+3=5\n4+4=8\n#### 5', '<step>2+3=5<step>4+4=8<step>5'],
])('%s', (_, output, steps) => {
  expect(rationaleTrace(solved(output))).toBe(`<think>${steps}</think>`);
});

it('is nothing without steps or without an answer', () => {
  expect(rationaleTrace(solved(' #### 5'))).toBeNull();
  expect(rationaleTrace({ text: '2+3=5', output: '2+3=5' })).toBeNull();
  expect(rationaleTrace({ text: 'Once upon a time' })).toBeNull();
});

it('stands in the records of gsm8k, whatever becomes of the marks', async () => {
  const data = await DataFolder.make();
  const answer =
    'A box holds 1,200/2 = <<1200/2=600>>600 pens.\nThat is a lot.\nSo 600+40 = <<600+40=640>>640.\n#### 640';
  await data.write(
    'gsm8k/train.jsonl',
    lines({ question: 'How many?', answer }, { question: 'And?', answer: '#### 7' }),
  );
  for (const calculations of ['strip', 'keep'] as const) {
    const [worked, bare] = await load(gsm8k({ calculations }), data.context());
    expect(worked!.metadata).toEqual({
      answer: '640',
      trace: '<think><step>1200/2=600<step>That is a lot.<step>600+40=640</think>',
    });
    expect(bare!.metadata).toEqual({ answer: '7' });
  }
  await data.remove();
});
