import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { VERBS } from '../packages/cli/src/verbs.js';
import { removeDir, startRegistryProcess, type RegistryProcess } from './support/registry-process.js';
import { lastRun, show, type Somebody } from './support/shown.js';

let dir: string;
let registry: RegistryProcess;
let ana: Somebody;

beforeAll(async () => {
  // Of the same length everywhere, because lines are broken by it, and without a space, which breaks them.
  dir = await mkdtemp('/tmp/sheaf-');
  registry = await startRegistryProcess({ dataDir: join(dir, 'data') });
  const home = join(dir, 'ana');
  mkdirSync(home);
  ana = { home, env: {} };
});

afterAll(async () => {
  await registry.stop();
  await removeDir(dir);
});

const flow = (version: string, network: string) => `id = "acme/release-notes"
version = "${version}"
description = "Write release notes from the git log"
license = "MIT"
tags = ["git", "release"]

[permissions]
network = [${network}]
exec = ["git", "bash"]

[parameters.since]
type = "string"
default = "v0"
description = "first tag"

[steps.log]
run = "echo from $SINCE"
env = { SINCE = "\${{ params.since }}" }

[steps.notes]
needs = ["log"]
run = "echo notes; echo done"

[outputs]
text = "\${{ steps.notes.outputs.stdout }}"
`;

/** Each as it is typed; what is written before it, and where it is typed. */
const SCENES: readonly [name: string, line: string, options?: Scene][] = [
  ['whoami-stranger', 'whoami'],
  ['login', 'login URL --with-token --yes', { input: () => `${registry.ownerToken}\n` }],
  ['whoami', 'whoami'],
  ['registry-add', 'registry add corp URL --default'],
  ['registry-list', 'registry list'],
  ['key-list-none', 'key list'],
  ['key-generate', 'key generate --name laptop --no-passphrase'],
  ['key-list', 'key list'],
  ['init', 'init my-flow'],
  ['validate', 'validate my-flow'],
  [
    'validate-wrong',
    'validate broken',
    { files: { 'broken/workflow.toml': flow('1.0', '').replace('params.since', 'params.sine') } },
  ],
  [
    'pack',
    'pack flow',
    {
      files: {
        'flow/workflow.toml': flow('1.0.0', ''),
        'flow/README.md': '# Release notes\n\nFrom the git log.\n',
      },
    },
  ],
  ['publish-dry-run', 'publish flow --dry-run --yes'],
  ['publish', 'publish flow --yes'],
  ['publish-again', 'publish flow --yes'],
  ['publish-other-bytes', 'publish flow --yes', { files: { 'flow/README.md': '# Other\n' } }],
  [
    'publish-next',
    'publish flow --yes',
    { files: { 'flow/workflow.toml': flow('1.1.0', '"api.github.com"') } },
  ],
  ['key-list-namespace', 'key list --namespace acme'],
  ['search', 'search notes'],
  ['search-near', 'search relase-notes'],
  ['search-none', 'search zymurgy --tag git'],
  ['search-facets', 'search notes --facets'],
  ['info', 'info acme/release-notes'],
  ['info-older', 'info acme/release-notes@1.0.0'],
  ['info-readme', 'info acme/release-notes --readme'],
  ['info-missing', 'info acme/relase-notes'],
  ['diff-stranger', 'diff acme/release-notes@1.0.0 acme/release-notes@1.1.0'],
  ['fetch', 'fetch acme/release-notes@1.0.0 --yes'],
  ['verify', 'verify acme/release-notes --yes'],
  ['diff', 'diff acme/release-notes@1.0.0 acme/release-notes@1.1.0'],
  ['plan', 'plan acme/release-notes --yes'],
  ['graph', 'graph flow'],
  ['run-not-agreed', 'run acme/release-notes'],
  ['run', 'run acme/release-notes --yes'],
  ['status', 'status'],
  ['status-run', 'status RUN'],
  ['logs', 'logs RUN'],
  ['logs-missing', 'logs aaaaaaaaaa'],
  ['cancel-ended', 'cancel RUN'],
  ['resume-ended', 'resume RUN'],
  ['rerun', 'rerun RUN --from notes'],
  ['workspace-show', 'workspace show RUN'],
  [
    'add',
    'add acme/release-notes@^1.0 --as notes --yes',
    { cwd: 'project', files: { 'project/sheaf.toml': '' } },
  ],
  ['run-nothing', 'run', { cwd: 'project' }],
  ['info-named', 'info notes', { cwd: 'project' }],
  ['lock', 'lock', { cwd: 'project' }],
  ['outdated', 'outdated', { cwd: 'project' }],
  ['upgrade', 'upgrade --yes', { cwd: 'project' }],
  ['channel-set', 'channel set acme/release-notes@1.0.0 stable --yes'],
  ['channel-list', 'channel list acme/release-notes'],
  [
    'deprecate',
    'deprecate acme/release-notes@1.1.0 --reason old --replacement acme/release-notes@1.0.0 --yes',
  ],
  ['info-deprecated', 'info acme/release-notes@1.1.0'],
  ['yank', 'yank acme/release-notes@1.1.0 --reason leaks --yes'],
  ['info-yanked', 'info acme/release-notes@1.1.0'],
  ['search-yanked', 'search notes --state yanked'],
  ['outdated-yanked', 'outdated', { cwd: 'project' }],
  ['unyank', 'unyank acme/release-notes@1.1.0 --yes'],
  ['undeprecate', 'undeprecate acme/release-notes@1.1.0 --yes'],
  ['quarantine', 'quarantine acme/release-notes@1.0.0 --reason stolen --yes'],
  ['info-quarantined', 'info acme/release-notes@1.0.0'],
  ['verify-quarantined', 'verify acme/release-notes@1.0.0'],
  ['unquarantine', 'unquarantine acme/release-notes@1.0.0 --yes'],
  ['remove', 'remove notes', { cwd: 'project' }],
  ['token-create', 'token create --name ci --scope publish --namespace acme --expires 30d'],
  ['token-list', 'token list'],
  ['namespace-create', 'namespace create kitchen'],
  ['namespace-members', 'namespace members acme'],
  ['namespace-policy', 'namespace policy acme'],
  ['invitations', 'invitations'],
  ['stage-list', 'stage list'],
  ['webhook-list', 'webhook list --namespace acme'],
  ['trust-list', 'trust list'],
  ['audit', 'audit --namespace acme'],
  ['audit-log', 'audit-log'],
  ['cache-list', 'cache list'],
  ['cache-verify', 'cache verify'],
  ['cache-clean', 'cache clean'],
  ['workspace-list', 'workspace list'],
  ['registry-remove', 'registry remove corp'],
  ['logout', 'logout'],
  ['not-signed-in', 'token list'],
  ['unknown-flag', 'search --tga x'],
];

interface Scene {
  readonly input?: () => string;
  readonly cwd?: string;
  readonly files?: Readonly<Record<string, string>>;
}

it.each(SCENES.map(([name, line, scene = {}]) => ({ name, line, scene })))('shows $name', async (one) => {
  const { name, line, scene } = one;
  const { input, cwd, files = {} } = scene;
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(ana.home, path, '..'), { recursive: true });
    writeFileSync(join(ana.home, path), text);
  }
  const argv = line
    .split(' ')
    .map((word) => (word === 'URL' ? registry.url : word === 'RUN' ? lastRun() : word));
  const shown = await show(ana, argv, {
    cwd: join(ana.home, cwd ?? '.'),
    ...(input === undefined ? {} : { input: input() }),
  });
  await expect(shown).toMatchFileSnapshot(`golden/transcripts/${name}.txt`);
});

/** What these print is of this machine, or a file of its own that other tests look at. */
const ELSEWHERE = ['doctor', 'schema', 'completion', 'help'];

it('shows every verb', () => {
  const shown = new Set(SCENES.map(([, line]) => line.split(' ', 1)[0]));
  const verbs = VERBS.map(({ name }) => name);
  expect(verbs.filter((name) => !shown.has(name))).toEqual(verbs.filter((name) => ELSEWHERE.includes(name)));
});
