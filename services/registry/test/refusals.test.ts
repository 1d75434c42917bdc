import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { RegistryError } from '../src/domain/error.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { call } from './support/upload.js';

let registry: TestRegistry;
afterEach(() => registry.close());

test('what is refused because of too much work is a line of the log without a stack', async () => {
  const lines: Record<string, unknown>[] = [];
  registry = await startTestRegistry({
    log: pino({ level: 'warn' }, { write: (line) => void lines.push(JSON.parse(line) as never) }),
    searches: {
      run: () => Promise.reject(new RegistryError('service.busy', 'too many searches are in progress')),
    },
  });
  expect((await call(registry, '/v1/workflows?q=deploy')).status).toBe(503);
  expect(lines).toMatchObject([
    { level: 40, 'error.code': 'service.busy', detail: 'too many searches are in progress' },
  ]);
  expect(JSON.stringify(lines)).not.toContain('stack');
});
