import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkBundleStatement,
  gunzipTar,
  parseEnvelope,
  parseKeyEvent,
  parsePublishStatement,
  PAYLOAD_TYPE_KEY_EVENT,
  PAYLOAD_TYPE_STATEMENT,
  publicKeyFromSpki,
  readBundle,
  verifyEnvelope,
} from '../src/index.js';
import { sampleFiles } from '../src/testing/world.js';

const page = readFileSync(new URL('../../../docs/FORMAT.md', import.meta.url), 'utf8');
const vectors = new URL('../vectors/v1/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'sheaf-by-hand-'));
const tree = join(folder, 'tree');
const at = (name: string): string => join(tree, name);

/** The shell blocks below a heading, in order. */
function recipes(heading: string): readonly string[] {
  const section = page.slice(page.indexOf(heading)).split(/\n## |\n### /)[0] ?? '';
  return [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, script]) => script ?? '');
}

/** The network is a folder here: what would be sent is in the files that the recipes made. */
const NO_CURL = 'curl() { :; }\n';
const env = { ...process.env, URL: 'http://localhost', ORIGIN: 'wf.example.com', TOKEN: 'none' };
function run(script: string): string {
  return execFileSync('bash', ['-euo', 'pipefail', '-c', NO_CURL + script], {
    cwd: tree,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const isCi = process.env['CI'] !== undefined;
const hasTools = ['openssl version', 'jq --version', 'tar --version', 'sha256sum --version'].every(
  (command) => {
    const [program = '', argument = ''] = command.split(' ');
    return spawnSync(program, [argument], { stdio: 'ignore' }).status === 0;
  },
);
if (!hasTools && !isCi) console.warn('SKIPPED: the recipes need bash, openssl, jq, GNU tar and sha256sum');

beforeAll(() => {
  mkdirSync(tree);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.runIf(hasTools || isCi)('the recipes of docs/FORMAT.md', () => {
  const [register = '', publish = '', verify = ''] = recipes('## 14. By hand');
  const [pack = ''] = recipes('### 2.7 By hand');

  it('sign a key event that is accepted here', () => {
    run(register);
    const key = publicKeyFromSpki(readFileSync(at('key.der')).toString('base64'));
    const envelope = parseEnvelope(readFileSync(at('event.dsse.json')));
    const { payload } = verifyEnvelope(envelope, PAYLOAD_TYPE_KEY_EVENT, [key], 1);
    expect(parseKeyEvent(payload)).toMatchObject({ type: 'key.add', namespace: 'acme' });
    expect(envelope.signatures[0]?.keyid).toBe(key.id);
  });

  it('pack, sign and compress what is accepted here', async () => {
    rmSync(tree, { recursive: true });
    mkdirSync(tree);
    for (const { path, bytes, executable } of sampleFiles()) {
      mkdirSync(join(at(path), '..'), { recursive: true });
      writeFileSync(
        at(path),
        path === 'workflow.toml' ? Buffer.from(bytes).toString().replace('1.4.2', '1.0.0') : bytes,
      );
      chmodSync(at(path), executable ? 0o755 : 0o644);
    }
    // The archive is made of the folder alone; everything else is made beside it afterwards.
    run(pack);
    for (const name of ['bundle.tar', 'list']) copyFileSync(join(folder, name), at(name));
    run(`${register}\n${publish}`);
    const key = publicKeyFromSpki(readFileSync(at('key.der')).toString('base64'));
    const envelope = parseEnvelope(readFileSync(at('envelope.json')));
    const { payload } = verifyEnvelope(envelope, PAYLOAD_TYPE_STATEMENT, [key], 1);
    const tar = readFileSync(at('bundle.tar'));
    const bundle = readBundle(await gunzipTar(readFileSync(at('bundle.tar.gz')), tar.length));
    expect(() => {
      checkBundleStatement(bundle, parsePublishStatement(payload));
    }).not.toThrow();
  });

  it('verify the golden release', () => {
    for (const name of ['receipt.json', 'bundle.tar.gz']) copyFileSync(new URL(name, vectors), at(name));
    const output = run(verify);
    const leaf = JSON.parse(readFileSync(at('leaf.json'), 'utf8')) as {
      tar: { sha256: string };
      keyids: readonly string[];
      envelope: string;
    };
    const leaves = JSON.parse(readFileSync(at('receipt.json'), 'utf8')) as { checkpoint: string };
    for (const expected of [
      leaf.tar.sha256,
      leaf.keyids[0] ?? '?',
      leaf.envelope,
      leaves.checkpoint.trim(),
    ]) {
      expect(output).toContain(expected);
    }
    expect(output).toContain('Signature Verified Successfully');
  });
});
