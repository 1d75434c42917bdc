import type { Problem } from '@sheaf/client/contract';
import { expect, test } from 'vitest';
import type { Operation } from '../http/operation.js';
import { problemsOf } from './problems.js';
import { reportUndeclared, UNDECLARED } from './undeclared.js';

const SHOW: Operation = {
  id: 'show',
  summary: 'Show it',
  tag: 'things',
  access: 'readable',
  responses: { 200: { description: 'It' } },
  problems: ['workflow.not_found'],
};

function report(operationId: string | undefined) {
  const lines: unknown[] = [];
  const log = { error: (...line: unknown[]) => void lines.push(line) };
  const told = reportUndeclared(log, [{ method: 'get', operation: SHOW }]);
  const answer = (code: string) => {
    told(operationId, { code, requestId: 'r' } as Problem);
  };
  return { answer, lines };
}

test('a problem that the operation declares, or that any of its kind may answer, is not told', () => {
  const { answer, lines } = report('show');
  for (const code of problemsOf('get', SHOW)) answer(code);
  expect(lines).toEqual([]);
});

test('one that it does not declare is told, and once', () => {
  const { answer, lines } = report('show');
  answer('version.exists');
  answer('version.exists');
  expect(lines).toEqual([
    [{ operation: 'show', 'error.code': 'version.exists', 'request.id': 'r' }, UNDECLARED],
  ]);
});

test('what no operation answers is not told', () => {
  const { answer, lines } = report(undefined);
  answer('route.not_found');
  expect(lines).toEqual([]);
});

test('an operation that looks at its caller may answer that the account is suspended', () => {
  expect(problemsOf('get', SHOW)).toContain('auth.suspended');
  expect(problemsOf('get', { ...SHOW, access: 'public' })).not.toContain('auth.suspended');
});

test('whatever changes something, or needs an account, may answer that this is a mirror', () => {
  expect(problemsOf('put', SHOW)).toContain('registry.mirror');
  expect(problemsOf('get', { ...SHOW, access: 'signed-in' })).toContain('registry.mirror');
  expect(problemsOf('get', SHOW)).not.toContain('registry.mirror');
});
