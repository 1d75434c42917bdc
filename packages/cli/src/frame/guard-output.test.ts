import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openOutput } from '../terminal/stream.js';
import { betweenMarks, guardTalk } from './guard-output.js';

describe('in the log of a job', () => {
  it('an answer is altered in nothing, and what looks like a command stands between marks', () => {
    expect(betweenMarks('three commits\n')).toBe('three commits\n');
    for (const text of ['::error::x\n', 'a ##[add-mask]x\n', 'a\n  ::notice::x\n']) {
      const [, begin, inner, end] =
        /^::stop-commands::([0-9a-f]{32})\n([^]*)::([0-9a-f]{32})::\n$/.exec(betweenMarks(text)) ?? [];
      expect([begin, inner]).toEqual([end, text]);
    }
    expect(betweenMarks('::x::')).not.toBe(betweenMarks('::x::'));
  });

  it.each([
    ['github', 'error: a ## [warning]b\n: :error::c\n'],
    ['gitlab', 'error: a ##[warning]b\n::error::c\n'],
    ['teamcity', 'error: a ## [warning]b\n::error::c\n'],
    ['azure', 'error: a ## [warning]b\n::error::c\n'],
    [undefined, 'error: a ##[warning]b\n::error::c\n'],
  ] as const)('what is said is no command on %s', (ci, shown) => {
    const written = new PassThrough();
    guardTalk(openOutput(written, {}), ci).write('error: a ##[warning]b\n::error::c\n');
    expect(String(written.read())).toBe(shown);
  });
});
