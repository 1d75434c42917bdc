import { describe, expect, it } from 'vitest';
import { PLAIN } from '../terminal/style.js';
import { renderError } from './error.js';
import { comparePermissions, listPermissions } from './permissions.js';
import { renderOutputs } from './run.js';

describe('renderError', () => {
  it('says code and message, then the evidence, then the help', () => {
    const report = { code: 'a.b', message: 'm\u001b', evidence: ['yours 1'], help: ['do x', 'or y'] };
    expect(renderError(report, PLAIN)).toBe('error[a.b]: m\\u{1b}\n  yours 1\n  help: do x\n  help: or y');
  });
});

describe('permissions', () => {
  const none = { network: [], exec: [], read: [], write: [], secrets: [] };
  it('lists what is asked for', () => {
    expect(listPermissions({ ...none, exec: ['git', 'bash'], read: ['.'] })).toEqual([
      'exec git, bash',
      'read .',
    ]);
  });

  it('tells what is new and what is gone', () => {
    expect(
      comparePermissions({ ...none, exec: ['git'] }, { ...none, exec: ['curl'], network: ['x.example'] }),
    ).toEqual(['+ network x.example', '+ exec curl', '- exec git']);
  });
});

describe('renderOutputs', () => {
  it('prints a single output as it is, for programs', () => {
    expect(renderOutputs({ text: 'a\u001b[31m\nb' }, { columns: undefined })).toBe('a\u001b[31m\nb');
  });

  it('does not let an output steer a terminal', () => {
    expect(renderOutputs({ text: 'a\u001b[2Jb' }, { columns: 80 })).toBe('a\\u{1b}[2Jb');
  });

  it('names several, and indents those of several lines', () => {
    expect(renderOutputs({ n: 3, text: 'a\n\nb' }, { columns: undefined })).toBe('n: 3\ntext:\n  a\n\n  b');
  });
});
