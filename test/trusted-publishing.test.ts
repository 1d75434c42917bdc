import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCiIssuer, type CiIssuer, type Claims } from './support/ci-issuer.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson, type CliResult, type Person } from './support/sheaf.js';

/** A CI job publishes without a stored secret, and other machines verify and run what it published. */
let dir: string;
let issuer: CiIssuer;
let registry: RegistryProcess;
let owner: Person;
/** A trust.toml that says nothing but the log's key. */
let pinned: string;
beforeAll(async () => {
  dir = await makeTempDir();
  issuer = await startCiIssuer();
  registry = await startRegistryProcess({
    dataDir: join(dir, 'data'),
    env: { SHEAF_TRUSTED_ISSUERS: `${issuer.url} github` },
  });
  owner = await createPerson(join(dir, 'owner'));
  await owner.ok(['login', registry.url, '--with-token', '--yes'], { input: `${registry.ownerToken}\n` });
  const wellKnown = await fetch(`${registry.url}/.well-known/sheaf-registry`);
  const { origin, logs } = (await wellKnown.json()) as { origin: string; logs: { key: string }[] };
  pinned = join(dir, 'pinned.toml');
  const policy = `version = 1\n\n[[registry]]\norigin = "${origin}"\nlog_key = "${logs[0]?.key ?? ''}"\n`;
  await writeFile(pinned, policy, { mode: 0o600 });
}, 120_000);
afterAll(async () => {
  await registry.stop();
  await issuer.close();
  await removeDir(dir);
});

async function sourceOf(version: string, id = 'octo/hello'): Promise<string> {
  const folder = join(dir, 'sources', id.replace('/', '-'), version);
  await mkdir(folder, { recursive: true });
  const definition = `id = "${id}"\nversion = "${version}"\n\n[steps.say]\nrun = "echo hello from ${version}"\n`;
  await writeFile(join(folder, 'workflow.toml'), definition);
  return folder;
}

let jobs = 0;

/** A job on a machine that was never used before: nobody there can compare the log's key, so its repository names it. */
async function publishFromCi(
  version: string,
  claims: Claims = {},
): Promise<CliResult & { readonly home: string }> {
  const job = await createJob(claims);
  const result = await job.sheaf(['publish', await sourceOf(version), '--yes', '--json']);
  return { ...result, home: job.home };
}

/** The same for several folders. */
async function publishAll(folders: readonly string[]): Promise<CliResult> {
  return (await createJob({})).sheaf(['publish', ...folders, '--yes', '--json']);
}

function createJob(claims: Claims): Promise<Person> {
  jobs += 1;
  return createPerson(join(dir, `job ${jobs}`), {
    ...issuer.jobEnvironment(claims),
    SHEAF_REGISTRY: registry.url,
    SHEAF_TRUST_POLICY: pinned,
  });
}

async function machine(name: string, policy: string): Promise<Person> {
  const file = join(dir, `${name}.toml`);
  await writeFile(file, `version = 1\n${policy}`, { mode: 0o600 });
  return createPerson(join(dir, name), { SHEAF_REGISTRY: registry.url, SHEAF_TRUST_POLICY: file });
}

const allowing = (oidc: string) =>
  `mode = "allowlist"\n\n[[publisher]]\nnamespace = "octo"\noidc = { issuer = "${issuer.url}", ${oidc} }\n`;

test('before anybody trusts it, a job publishes nothing', async () => {
  const refused = await publishFromCi('1.0.0');
  expect(refused.code, refused.stderr).toBe(5);
  expect(refused.stderr + refused.stdout).toContain('oidc.no_publisher');
});

test('what a publisher lacks is named by its flags', async () => {
  const add = ['namespace', 'publisher', 'add', 'octo', '--issuer', 'github', '--owner-id', '583231'];
  const { code, stderr } = await owner.sheaf(add);
  expect([code, stderr]).toEqual([2, expect.stringContaining('error[publisher.refused]')]);
  expect(stderr).toContain('--repository-id is repository_id');
  expect(stderr).toContain('--workflow is workflow_path');
  expect((await owner.sheaf(['namespace', 'publisher', 'remove', 'octo'])).stderr).toContain('needs the ID');
});

test('a job creates the namespace that waits for it, and publishes with a key that nobody stores', async () => {
  const ids = ['--repository-id', '1296269', '--owner-id', '583231', '--workflow', 'release.yml'];
  const added = await owner.ok([
    ...['namespace', 'publisher', 'add', 'octo', '--issuer', 'github'],
    ...[...ids, '--ref', 'refs/tags/v*', '--only', 'hello'],
  ]);
  expect(added.stdout).toContain('repository_id=1296269');
  const published = await publishFromCi('1.0.0');
  expect(published.code, published.stderr).toBe(0);
  expect(JSON.parse(published.stdout)).toMatchObject({
    status: 'published',
    id: 'octo/hello',
    version: '1.0.0',
  });
  expect(published.stderr).toContain('this job may publish octo/hello');
  const kept = await readdir(published.home, { recursive: true });
  expect(kept.filter((name) => /key|token|credential/i.test(name))).toEqual([]);
  const again = await publishFromCi('1.0.0');
  expect(again.code, again.stderr).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ status: 'unchanged', warnings: [] });
  const listed = await owner.ok(['namespace', 'publisher', 'list', 'octo']);
  expect(listed.stdout).toContain('last used');
  expect((await owner.ok(['info', 'octo/hello'])).stdout).toContain('octo/hello 1.0.0');
});

test('another machine verifies and runs it by a rule for the repository, and not by one for another', async () => {
  const consumer = await machine('consumer', allowing('repository_id = "1296269", ref = "refs/tags/v*"'));
  const ran = await consumer.ok(['run', 'octo/hello', '--yes']);
  expect(ran.stdout + ran.stderr).toContain('hello from 1.0.0');
  const verified = await consumer.ok(['verify', 'octo/hello@1.0.0', '--offline']);
  expect(verified.stdout + verified.stderr).toContain('octo/hello, repository_id 1296269');

  const ruled = await machine('ruled', 'mode = "allowlist"\n');
  expect((await ruled.sheaf(['fetch', 'octo/hello', '--yes'])).code).toBe(3);
  const add = ['trust', 'add', 'octo', '--issuer', issuer.url, '--claim', 'repository_id=1296269'];
  expect((await ruled.ok(add)).stdout).toContain('repository_id 1296269');
  expect((await ruled.ok(['trust', 'list'])).stdout).toContain(
    `a job of ${issuer.url} with repository_id 1296269`,
  );
  await ruled.ok(['fetch', 'octo/hello', '--yes']);
  expect((await ruled.ok(['trust', 'remove', 'octo', '--jobs'])).stdout).toContain('no rule is left');
  expect((await ruled.sheaf(['verify', 'octo/hello', '--yes'])).code).toBe(3);

  const other = await machine('other', allowing('repository_id = "7"'));
  const refused = await other.sheaf(['run', 'octo/hello', '--yes']);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('publisher.not_allowed');
  expect(refused.stdout).not.toContain('hello from');
});

test('a registry that names an audience of somebody else gets no token for that', async () => {
  const greedy = await startRegistryProcess({
    dataDir: join(dir, 'greedy'),
    env: { SHEAF_TRUSTED_ISSUERS: `${issuer.url} github sts.amazonaws.com` },
  });
  try {
    const { origin, logs } = (await (await fetch(`${greedy.url}/.well-known/sheaf-registry`)).json()) as {
      origin: string;
      logs: { key: string }[];
    };
    const trust = join(dir, 'greedy.toml');
    const policy = `version = 1\n\n[[registry]]\norigin = "${origin}"\nlog_key = "${logs[0]?.key ?? ''}"\n`;
    await writeFile(trust, policy, { mode: 0o600 });
    const job = await createPerson(join(dir, 'job of greedy'), {
      ...issuer.jobEnvironment(),
      SHEAF_REGISTRY: greedy.url,
      SHEAF_TRUST_POLICY: trust,
    });
    const publish = ['publish', await sourceOf('1.0.0'), '--yes', '--json'];
    expect((await job.sheaf(publish)).stdout).toContain('oidc.audience');
    expect(audience(issuer.given.at(-1) ?? '')).toBe(`sheaf:${origin}`);
    const agreed = await job.sheaf(publish, { env: { SHEAF_ID_TOKEN_AUDIENCE: 'sts.amazonaws.com' } });
    expect(agreed.stdout).toContain('oidc.no_publisher');
  } finally {
    await greedy.stop();
  }
});

test('the next job, with another key, is no change of signer; another repository gets no key', async () => {
  const first = await machine('first use', '');
  await first.ok(['fetch', 'octo/hello@1.0.0', '--yes']);
  const next = await publishFromCi('1.1.0', { ref: 'refs/tags/v1.1.0' });
  expect(next.code, next.stderr).toBe(0);
  const fetched = await first.ok(['fetch', 'octo/hello@1.1.0', '--yes']);
  expect(fetched.stdout + fetched.stderr).toContain('1.1.0');

  for (const [claims, code] of [
    [{ repository_id: '7' }, 'oidc.identity_mismatch'],
    [{ ref: 'refs/heads/main' }, 'oidc.claims_mismatch'],
    [{ workflow_ref: 'octo/hello/.github/workflows/test.yml@refs/tags/v2' }, 'oidc.claims_mismatch'],
  ] as const) {
    const refused = await publishFromCi('2.0.0', claims);
    expect([refused.code, refused.stderr.includes(code) || refused.stdout.includes(code)]).toEqual([5, true]);
  }
});

test('a job publishes several workflows of a namespace together, with one key', async () => {
  const folders = await Promise.all(['build', 'deploy'].map((name) => sourceOf('3.0.0', `octo/${name}`)));
  const bound = await publishAll(folders);
  expect(bound.code, bound.stderr).toBe(5);
  expect(bound.stderr).toContain('oidc.one_workflow');
  expect(bound.stderr).toContain('octo/hello alone');
  const ids = ['--repository-id', '1296269', '--owner-id', '583231', '--workflow', 'release.yml'];
  await owner.ok([
    ...['namespace', 'publisher', 'add', 'octo', '--issuer', 'github'],
    ...[...ids, '--ref', 'refs/tags/v*'],
  ]);
  const exchanges = issuer.given.length;
  const published = await publishAll(folders);
  expect(published.code, published.stderr).toBe(0);
  expect(JSON.parse(published.stdout)).toMatchObject({
    status: 'published',
    versions: [{ id: 'octo/build' }, { id: 'octo/deploy' }],
  });
  expect(issuer.given.length).toBe(exchanges + 1);
  const consumer = await machine('of several', allowing('repository_id = "1296269"'));
  expect((await consumer.ok(['verify', 'octo/deploy@3.0.0', '--yes'])).stdout).toContain('verified');

  const [build = ''] = folders;
  const apart = await publishAll([build, await sourceOf('3.0.0', 'other/deploy')]);
  expect(apart.code, apart.stderr).toBe(5);
  expect(apart.stderr).toContain('oidc.several_namespaces');
});

test('a token that was seen on its way gets no second key, and a token in a file or variable works as well', async () => {
  const [seen = ''] = issuer.given.slice(-1);
  const thief = await createPerson(join(dir, 'thief'), {
    SHEAF_REGISTRY: registry.url,
    SHEAF_TRUST_POLICY: pinned,
    CI: 'true',
  });
  const file = join(dir, 'seen.jwt');
  const used = issuer.tokenFor(audience(seen), { ref: 'refs/tags/v1.2.0' });
  await writeFile(file, `${used}\n`);
  const published = await thief.sheaf([
    'publish',
    await sourceOf('1.2.0'),
    '--yes',
    '--oidc-token-file',
    file,
  ]);
  expect(published.code, published.stderr).toBe(0);
  const replayed = await thief.sheaf(['publish', await sourceOf('6.6.6'), '--yes'], {
    env: { SHEAF_ID_TOKEN: used },
  });
  expect(replayed.code).toBe(5);
  expect(replayed.stderr).toContain('oidc.replayed');
});

test('a monitor reads the whole log and finds nothing wrong', async () => {
  const monitor = await machine('monitor', '');
  const audited = await monitor.ok(['audit-log', '--yes']);
  expect(audited.stdout).toContain('key.ephemeral');
  expect(audited.stdout).toContain('repository_id=1296269');
});

function audience(token: string): string {
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    aud: string;
  };
  return payload.aud;
}
