import fc from 'fast-check';
import { codeExecutor } from '../../../plugins/tools/index.js';
import { HOST_NAMES, toolOf, type Run } from './support.js';

let run: Run;
beforeAll(async () => ({ run } = await toolOf(codeExecutor())));

describe('programs', () => {
  test.each([
    ['print 3+4', '7'],
    ['x=4;print x*3', '12'],
    ['x = 4\ny = x - 1\nprint y\n', '3'],
    ['print 1;print 2', '1 2'],
    ['print 2+3*4-(1+1)', '12'],
    ['print 7/2;print -7/2;print 7%3;print -7%3', '3 -3 1 -1'],
    ['print -0;print 0*-3', '0 0'],
    ['print 1<2;print 2<=1;print 3==3;print 3!=3;print 2>1;print 1>=2', '1 0 1 0 1 0'],
    ['x=2;repeat 3{x=x*x}print x', '256'],
    ['repeat 0{print 1}repeat -5{print 2}', ''],
    ['x=9;while x>4{x=x-2}print x', '3'],
    ['x=5;if x>3{print 1}else{print 2}', '1'],
    ['x=1;if x>3{print 1}else{print 2}', '2'],
    ['if 0{print 1}print 3', '3'],
    ['x=0;repeat 3{y=x;repeat 2{x=x+1}}print x;print y', '6 4'],
    ['', ''],
    [';;', ''],
    ['a_1=5;print a_1', '5'],
  ])('%s prints %s', (program, printed) => expect(run(program)).toBe(printed));

  test.each([
    ['print', 'syntax'],
    ['x', 'syntax'],
    ['x=', 'syntax'],
    ['1=2', 'syntax'],
    ['print 1 2', 'syntax'],
    ['print 1 print 2', 'syntax'],
    ['if 1 print 2', 'syntax'],
    ['repeat 2{print 1', 'syntax'],
    ['}', 'syntax'],
    ['else{}', 'syntax'],
    ['if=3', 'syntax'],
    ['print while', 'syntax'],
    ['print "text"', 'syntax'],
    ['print 1.5', 'syntax'],
    ['x=1\u0000', 'syntax'],
    ['é=1', 'syntax'],
    ['print 1/0', 'arithmetic'],
    ['print 5%(1-1)', 'arithmetic'],
    ['print y', 'not-found'],
    ['if 0{x=1}print x', 'not-found'],
    ['while 1{}', 'limit'],
    ['repeat 999999999{}', 'limit'],
    ['repeat 99999{repeat 99999{}}', 'limit'],
    ['while 1{print 1}', 'limit'],
    ['x=2;while 1{x=x*x}', 'limit'],
    ['print 99999*99999', 'limit'],
    ['print 9999999999', 'limit'],
    ['print 99999999999', 'limit'],
    ['abcdefghijklmnopq=1', 'limit'],
    ['('.repeat(40), 'limit'],
    [`print ${'('.repeat(40)}1${')'.repeat(40)}`, 'limit'],
    [`${'if 1{'.repeat(40)}${'}'.repeat(40)}`, 'limit'],
    [`print ${'-'.repeat(40)}1`, 'limit'],
    ['x=1;'.repeat(1000), 'limit'],
  ])('%.30s fails: %s', (program, failure) => {
    // A parenthesis begins no statement.
    expect(run(program)).toBe(program.startsWith('((') ? '!syntax' : `!${failure}`);
  });

  test('a long sum does not exhaust the stack', () => {
    expect(run(`print ${'1+'.repeat(950)}1`)).toBe('951');
  });

  test('steps, variables and output are bounded', () => {
    expect(run('x=1', { steps: 2 })).toBe('');
    expect(run('x=1', { steps: 1 })).toBe('!limit');
    expect(run('a=1;b=2;a=3;print a+b', { cells: 2 })).toBe('5');
    expect(run('a=1;b=2;c=3', { cells: 2 })).toBe('!limit');
    expect(run('repeat 900{print 12345}', { characters: 8 })).toBe('12345 12');
  });
});

describe('nothing of the host can be reached', () => {
  test.each(HOST_NAMES)('%s is a variable like any other', (name) => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    expect(run(`print ${name}`)).toBe('!not-found');
    expect(run(`${name}=5;print ${name}+1`)).toBe(name.length > 16 ? '!limit' : '6');
    for (const reach of [
      `${name}()`,
      `print ${name}(1)`,
      `${name}.x=1`,
      `print ${name}.x`,
      `print ${name}[0]`,
    ])
      expect(run(reach)).toBe('!forbidden');
    expect(run(`print (1).${name}`)).toBe('!forbidden');
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  test('programs do not see each other', () => {
    expect(run('secret=42')).toBe('');
    expect(run('print secret')).toBe('!not-found');
  });
});

test('expressions are worth what integers make of them', () => {
  const number = fc.integer({ min: 0, max: 9999 });
  fc.assert(
    fc.property(number, number, number, (a, b, c) => {
      expect(run(`print ${a}+${b}*${c}-${b}`)).toBe(String(a + b * c - b));
      expect(run(`x=${a};y=${b};print (x-y)*${c}<0`)).toBe(String(Number((a - b) * c < 0)));
      if (b > 0) expect(run(`print ${a}/${b}*${b}+${a}%${b}`)).toBe(String(a));
    }),
  );
});
