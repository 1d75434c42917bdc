import { expect, test } from 'vitest';
import { RegistryError } from '../domain/error.js';
import { ObjectStoreError } from '../objects/port.js';
import { toProblem } from './problem.js';

const coded = (code: string) => Object.assign(new Error('secret detail of the driver'), { code });

test.each([
  ['a refused connection', coded('ECONNREFUSED'), 503, 'service.database_down'],
  ['a server that shuts down', coded('57P01'), 503, 'service.database_down'],
  ['a server without free connections', coded('53300'), 503, 'service.database_down'],
  ['a connection that ended', new Error('Connection terminated unexpectedly'), 503, 'service.database_down'],
  [
    'a store that does not work',
    new ObjectStoreError('object.unavailable', 'secret path'),
    503,
    'service.storage_down',
  ],
  ['a constraint that we did not expect', coded('23505'), 500, 'internal.error'],
  ['anything else', new TypeError('secret'), 500, 'internal.error'],
  ['no error at all', 'secret', 500, 'internal.error'],
])('%s becomes a problem that tells nothing internal', (_what, error, status, code) => {
  const problem = toProblem(error, 'request-1');
  expect(problem).toMatchObject({ status, code, requestId: 'request-1' });
  expect(JSON.stringify(problem)).not.toContain('secret');
});

test('an error of ours keeps its code, its line and its findings', () => {
  const errors = [{ code: 'step.unknown', detail: 'no step', line: 3, column: 1, file: 'workflow.toml' }];
  const problem = toProblem(
    new RegistryError('definition.invalid', 'the definition has errors', { errors }),
    'r',
  );
  expect(problem).toMatchObject({ status: 422, detail: 'the definition has errors', errors });
});
