import { describe, expect, it } from 'vitest';
import { CliError, describeError } from './errors.js';

describe('describeError', () => {
  it('keeps code, message, hints and evidence of an error of ours', () => {
    const report = describeError(
      new CliError('version.exists', 'it exists', { hint: 'raise it', evidence: ['yours a'] }),
    );
    expect(report).toMatchObject({
      code: 'version.exists',
      message: 'it exists',
      help: ['raise it'],
      evidence: ['yours a'],
    });
  });

  it('names the file that the system could not find', () => {
    const error = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', path: '/x/y' });
    expect(describeError(error)).toMatchObject({
      code: 'file.not_found',
      message: '/x/y: there is no such file or folder',
    });
  });

  it('calls everything else an internal error, on one line', () => {
    expect(describeError(new TypeError('a\nb'))).toMatchObject({ code: 'internal.error', message: 'a' });
    expect(describeError('thrown text')).toMatchObject({ code: 'internal.error', message: 'thrown text' });
    expect(describeError(Object.assign(new Error('x'), { code: 'constructor' })).code).toBe('internal.error');
  });

  it('shows what a registry lists, and the request only when the registry is at fault', () => {
    const problem = {
      status: 422,
      requestId: 'r1',
      errors: [{ code: 'value.type', detail: 'not a text', file: 'workflow.toml', line: 3, column: 4 }],
    };
    const error = (status: number) =>
      Object.assign(new Error('no'), { code: 'definition.invalid', problem: { ...problem, status } });
    expect(describeError(error(422)).evidence).toEqual(['workflow.toml:3:4 value.type not a text']);
    expect(describeError(error(500)).evidence).toEqual([
      'workflow.toml:3:4 value.type not a text',
      'request r1',
    ]);
  });

  it('says the beginning of a long message once, and speaks of what is shown', () => {
    const detail = `must be one of ${'name, '.repeat(100)}last`;
    const refused = (errors: readonly object[]) =>
      describeError(
        Object.assign(new Error(`${detail.slice(0, 499)}…`), {
          code: 'request.invalid',
          hint: 'Correct the fields that `errors` lists.',
          problem: { status: 400, requestId: 'r1', errors },
        }),
      );
    expect(refused([{ code: 'x', detail }])).toMatchObject({
      evidence: [],
      help: ['change what it says and run the command again: its --help tells what each flag takes'],
    });
    expect(refused([{ code: 'x', detail: 'must' }])).toMatchObject({
      evidence: ['x must'],
      help: [expect.stringMatching(/^change what is listed above and run the command again/)],
    });
  });
});
