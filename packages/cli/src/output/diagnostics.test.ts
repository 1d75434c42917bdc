import { readDefinition } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { printableLines } from '../terminal/escape.js';
import { COLOURED, PLAIN } from '../terminal/style.js';
import { widthOf } from '../terminal/text.js';
import { renderDiagnostics, type ShownDiagnostic } from './diagnostics.js';

const diagnostic = (more: Partial<ShownDiagnostic> = {}): ShownDiagnostic => ({
  severity: 'error',
  code: 'key.unknown',
  message: 'no such key',
  file: 'w.toml',
  line: 2,
  column: 3,
  endLine: 2,
  endColumn: 6,
  hint: 'remove it',
  ...more,
});

const show = (text: string, more: Partial<ShownDiagnostic> = {}, columns?: number) =>
  renderDiagnostics([diagnostic(more)], PLAIN, new Map([['w.toml', text]]), columns).split('\n');

/** All findings about a definition, as `validate` shows them. */
function check(text: string, columns?: number): string {
  const { diagnostics } = readDefinition({ text, file: 'workflow.toml' });
  return renderDiagnostics(diagnostics, PLAIN, new Map([['workflow.toml', text]]), columns);
}

const HEAD = 'id = "acme/notes"\nversion = "1.0.0"\n';

describe('renderDiagnostics', () => {
  it('shows what is wrong, what was meant, and where that is', () => {
    const text = `${HEAD}[steps.log]\nrun = "git log"\n\n[steps.tell]\nrun = "tell"\nenv = { LINES = "\${{ steps.lgo.outputs.stdout }}" }\n`;
    expect(check(text)).toBe(
      [
        'error[step.unknown]: no step is called `lgo`',
        '   --> workflow.toml:8:28',
        '     3 | [steps.log]',
        '       |        --- `log` is defined here',
        '   ...',
        '     8 | env = { LINES = "${{ steps.lgo.outputs.stdout }}" }',
        '       |                            ^^^ not a step of this workflow',
        '    help: a step with a similar name exists: `log`',
      ].join('\n'),
    );
  });

  it('shows the whole way of a cycle', () => {
    const step = (id: string, need: string) => `[steps.${id}]\nrun = "x"\nneeds = ["${need}"]\n`;
    const text = `${HEAD}${step('a', 'c')}${step('b', 'a')}${step('c', 'b')}`;
    expect(check(text).split('\n').slice(2, -1)).toEqual([
      '     5 | needs = ["c"]',
      '       |          ^^^ `a` needs `c`',
      '   ...',
      '     8 | needs = ["a"]',
      '       |          --- `b` needs `a`',
      '   ...',
      '    11 | needs = ["b"]',
      '       |          --- `c` needs `b`',
    ]);
  });

  it('tells one mistake once', () => {
    const uses = ['A', 'B', 'C'].map((name) => `${name} = "\${{ steps.lgo.outputs.stdout }}"`).join(', ');
    const text = `${HEAD}[steps.log]\nrun = "x"\n[steps.b]\nrun = "x"\nneeds = ["lgo"]\nenv = { ${uses} }\n`;
    expect(check(text).match(/^error/gm)).toHaveLength(1);
    expect(check(text).match(/--- and here/g)).toHaveLength(3);
  });

  it('marks the place in its line, also behind tabs and wide characters', () => {
    expect(show('first\n\t日foo = 1\nlast').slice(2, 4)).toEqual([
      '     2 |   日foo = 1',
      '       |     ^^^',
    ]);
  });

  it('does not show the carriage return of a line', () => {
    expect(show('a\r\nb foo\r\n', { endColumn: 9 }).slice(2, 4)).toEqual([
      '     2 | b foo',
      '       |   ^^^',
    ]);
  });

  it('marks the first and the last line of what stands on several', () => {
    const lines = show('a\nrun = """\n  one\n  two"""\n', {
      column: 7,
      endLine: 4,
      endColumn: 9,
      label: 'too long',
    });
    expect(lines.slice(2, -1)).toEqual([
      '     2 | run = """',
      '       |       ^^^',
      '   ...',
      '     4 |   two"""',
      '       |   ^^^^^^ too long',
    ]);
  });

  it('cuts a long line around the place, and fits a terminal', () => {
    const text = `a\n${'x'.repeat(500)}${'日'.repeat(10)}${'y'.repeat(500)}`;
    const lines = show(
      text,
      { column: 501, endColumn: 511, label: 'a label that is long enough to go below' },
      60,
    );
    expect(lines[2]).toMatch(/^ {5}2 \| …x+日{10}y+…$/);
    expect(lines[3]?.indexOf('^')).toBe(lines[2]?.indexOf('日'));
    expect(lines[3]).toMatch(/\^{20}$/);
    expect(lines[4]).toContain('| ');
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(60);
  });

  it('hangs long texts below each other on a terminal', () => {
    const lines = show('a\nb foo', { hint: 'word '.repeat(30).trim(), note: 'because of it' }, 40).slice(4);
    expect(lines[0]).toBe('    note: because of it');
    expect(lines[1]).toMatch(/^ {4}help: word/);
    expect(lines[2]).toMatch(/^ {10}word/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('says where the other places are when the file is not at hand', () => {
    const related = [{ line: 1, column: 4, endLine: 1, endColumn: 5, label: '`a` is defined here' }];
    expect(renderDiagnostics([diagnostic({ related })], PLAIN)).toBe(
      'error[key.unknown]: no such key\n   --> w.toml:2:3\n    note: `a` is defined here, 1:4\n    help: remove it',
    );
  });

  it('counts what is alike beyond twenty', () => {
    const text = renderDiagnostics(
      Array.from({ length: 23 }, () => diagnostic()),
      PLAIN,
    );
    expect(text).toContain('… and 3 more key.unknown');
    expect(text.match(/w\.toml:2:3/g)).toHaveLength(20);
  });

  it('prints no control character of the file', () => {
    expect(show('a\nb\u001b[2J\u202ec').join('\n')).toContain('\\u{1b}[2J\\u{202e}c');
    const shown = show('a\nb', { message: 'm\u001b', label: 'l\u009b', note: 'n\u202e' }).join('\n');
    expect(shown).toBe(printableLines(shown));
  });

  it('says with words what it says with colours', () => {
    const coloured = renderDiagnostics([diagnostic()], COLOURED, new Map([['w.toml', 'a\nb foo']]));
    const escape = String.fromCharCode(0x1b);
    const plain = coloured.split(escape).map((part, i) => (i === 0 ? part : part.replace(/^\[\d+m/, '')));
    expect(plain.join('').split('\n')).toEqual(show('a\nb foo'));
  });
});
