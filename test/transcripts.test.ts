import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadCommands } from '../packages/cli/test/load-commands.js';
import { removeDir, startRegistryProcess, type RegistryProcess } from './support/registry-process.js';
import { lastNamed, lastRun, show, type Somebody } from './support/shown.js';

let dir: string;
let registry: RegistryProcess;
let ana: Somebody;
const receiver = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(204).end());
});

beforeAll(async () => {
  // Of the same length everywhere, because lines are broken by it, and without a space, which breaks them.
  dir = await mkdtemp('/tmp/sheaf-');
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const env = { SHEAF_WEBHOOK_ALLOW: '127.0.0.0/8' };
  registry = await startRegistryProcess({ dataDir: join(dir, 'data'), env });
  const home = join(dir, 'ana');
  mkdirSync(home);
  ana = { home, env: {} };
});

afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
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

const FLOW_TESTS = `[[test]]
name = "gives the notes"
mocks.log.stdout = "from v0"
mocks.notes.stdout = "notes"

[test.expect]
outputs = { text = "notes" }

[[test]]
name = "gives other notes"
mocks.log.stdout = "from v0"
mocks.notes.stdout = "notes"

[test.expect]
outputs = { text = "others" }
`;

/** No keyring of this machine, but a passphrase for the vault. */
const VAULT = { DBUS_SESSION_BUS_ADDRESS: '', SHEAF_VAULT_PASSPHRASE: 'correct horse' };

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
  ['test-none', 'test flow'],
  [
    'test',
    'test tested',
    { files: { 'tested/workflow.toml': flow('1.0.0', ''), 'tested/workflow.test.toml': FLOW_TESTS } },
  ],
  // Without a sandbox, which not every machine has.
  ['run-not-agreed', 'run acme/release-notes --profile permissive'],
  ['run', 'run acme/release-notes --yes --profile permissive'],
  ['status', 'status'],
  ['status-run', 'status RUN'],
  ['logs', 'logs RUN'],
  ['logs-missing', 'logs aaaaaaaaaa'],
  ['cancel-ended', 'cancel RUN'],
  ['resume-ended', 'resume RUN'],
  ['artifacts-none', 'artifacts RUN'],
  ['event-send-ended', 'event send RUN http'],
  ['rerun', 'rerun RUN --from notes'],
  ['workspace-show', 'workspace show RUN'],
  ['workspace-shell-missing', 'workspace shell aaaaaaaaaa'],
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
  ['tools', 'tools'],
  ['tools-one', 'tools core.template'],
  ['tools-missing', 'tools core.templat'],
  ['cache-list', 'cache list'],
  ['cache-verify', 'cache verify'],
  ['cache-clean', 'cache clean'],
  ['workspace-list', 'workspace list'],
  ['workspace-clean', 'workspace clean --all'],
  ['key-generate-second', 'key generate --name desktop --no-passphrase'],
  ['key-export', 'key export desktop'],
  ['key-register', 'key register acme --key desktop --endorse laptop --yes'],
  [
    'publish-stage',
    'publish flow --stage --key laptop --yes',
    { files: { 'flow/workflow.toml': flow('1.2.0', '') } },
  ],
  ['stage-approve', 'stage approve STAGE --key desktop --yes'],
  [
    'publish-stage-next',
    'publish flow --stage --key laptop --yes',
    { files: { 'flow/workflow.toml': flow('1.3.0', '') } },
  ],
  ['stage-reject', 'stage reject STAGE --yes'],
  ['key-generate-third', 'key generate --name laptop-2027 --no-passphrase'],
  ['key-rotate', 'key rotate acme --from laptop --to laptop-2027 --yes'],
  ['trust-add', 'trust add acme --key KEY'],
  ['trust-remove', 'trust remove acme'],
  ['trust-forget', 'trust forget URL'],
  ['key-list-revoked', 'key list'],
  ['key-generate-fourth', 'key generate --name spare --no-passphrase'],
  ['key-register-fourth', 'key register acme --key spare --endorse desktop --yes'],
  ['key-revoke', 'key revoke acme spare --reason superseded --confirm acme --yes'],
  ['namespace-policy-file', 'namespace policy acme --threshold 2 --key desktop --event policy.json --yes'],
  ['key-sign', 'key sign policy.json --key laptop-2027 --yes'],
  ['key-submit', 'key submit policy.json --yes'],
  ['namespace-list', 'namespace list'],
  ['namespace-show', 'namespace show acme'],
  ['namespace-publisher', 'namespace publisher list acme'],
  ['namespace-transfer', 'namespace transfer kitchen ben --yes'],
  ['webhook-create', 'webhook create HOOKS --namespace acme'],
  ['channel-set-other', 'channel set acme/release-notes@1.0.0 beta --yes'],
  ['channel-remove', 'channel remove acme/release-notes beta --yes'],
  [
    'webhook-deliveries',
    'webhook deliveries HOOK',
    { until: /^(?!.*"state":"pending").*"topic":"channel.removed".*"topic":"channel.moved"/ },
  ],
  ['webhook-redeliver', 'webhook redeliver HOOK DELIVERY'],
  ['webhook-change', 'webhook change HOOK --topic release.yanked --yes'],
  ['webhook-secret', 'webhook secret HOOK'],
  ['webhook-remove', 'webhook remove HOOK --yes'],
  ['token-revoke', 'token revoke TOKEN --yes'],
  ['secret-list-none', 'secret list'],
  [
    'secret-set-locked',
    'secret set GITHUB_TOKEN',
    { input: () => 'hunter22\n', env: { DBUS_SESSION_BUS_ADDRESS: '' } },
  ],
  ['secret-set', 'secret set GITHUB_TOKEN', { input: () => 'hunter22\n', env: VAULT }],
  [
    'secret-set-for',
    'secret set DEPLOY_KEY --for acme/release-notes',
    { input: () => 'two\nlines\n', env: VAULT },
  ],
  ['secret-set-name', 'secret set hunter22!', { env: VAULT }],
  ['secret-list', 'secret list'],
  ['secret-remove-other', 'secret remove DEPLOY_KEY', { env: VAULT }],
  ['secret-remove', 'secret remove DEPLOY_KEY --for acme/release-notes', { env: VAULT }],
  ['registry-remove', 'registry remove corp'],
  ['logout', 'logout'],
  ['not-signed-in', 'token list'],
  ['unknown-flag', 'search --tga x'],
];

interface Scene {
  readonly input?: () => string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** It is asked again until its document says so. */
  readonly until?: RegExp;
}

/** What stands in a line for what a command before it has named. */
const WORDS: Readonly<Record<string, () => string>> = {
  URL: () => registry.url,
  HOOKS: () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`,
  RUN: lastRun,
  STAGE: () => lastNamed(/"stage":\{"id":"([0-9a-f]{32})"/),
  KEY: () => lastNamed(/"schema":"sheaf.key-list\/1".*?"id":"([0-9a-f]{64})"/),
  HOOK: () => lastNamed(/"(wh_[0-9a-f]{24})"/),
  DELIVERY: () => lastNamed(/"(msg_[0-9a-f]{32})"/),
  TOKEN: () => lastNamed(/"schema":"sheaf.token-create\/1".*?"id":"([0-9a-f]{16})"/),
};

it.each(SCENES.map(([name, line, scene = {}]) => ({ name, line, scene })))('shows $name', async (one) => {
  const { name, line, scene } = one;
  const { input, env, cwd, files = {}, until } = scene;
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(ana.home, path, '..'), { recursive: true });
    writeFileSync(join(ana.home, path), text);
  }
  const argv = line.split(' ').map((word) => WORDS[word]?.() ?? word);
  const shown = await show(ana, argv, {
    cwd: join(ana.home, cwd ?? '.'),
    ...(input === undefined ? {} : { input: input() }),
    ...(env === undefined ? {} : { env }),
    ...(until === undefined ? {} : { until }),
  });
  await expect(shown).toMatchFileSnapshot(`golden/transcripts/${name}.txt`);
});

/** What these print is of this machine, or a file of its own: where a test looks at it. The list may only become shorter. */
const ELSEWHERE: Readonly<Record<string, readonly [file: string, words: string]>> = {
  completion: ['packages/cli/test/completion.test.ts', "'completion', "],
  doctor: ['test/json-documents.test.ts', "'doctor', '--json'"],
  help: ['packages/cli/test/cli.test.ts', "'help'"],
  'policy show': ['packages/cli/test/policy.test.ts', 'is shown and verified with who signed it'],
  'policy sign': ['packages/cli/test/policy.test.ts', 'is not signed while it has an error'],
  'policy verify': ['packages/cli/test/policy.test.ts', 'is shown and verified with who signed it'],
  schema: ['test/json-documents.test.ts', "['schema']"],
};

it('shows every command', async () => {
  const commands = await loadCommands();
  const isShown = (name: string): boolean => SCENES.some(([, line]) => `${line} `.startsWith(`${name} `));
  expect(commands.flatMap(({ name }) => (isShown(name) ? [] : [name])).sort()).toEqual(
    Object.keys(ELSEWHERE),
  );
  for (const [name, [file, words]] of Object.entries(ELSEWHERE)) {
    const text = readFileSync(join(import.meta.dirname, '..', file), 'utf8');
    expect([name, text.includes(words)]).toEqual([name, true]);
  }
});
