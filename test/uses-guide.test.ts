import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOwnRegistry, type OwnRegistry } from './support/own-registry.js';
import { cleanEnvironment } from './support/registry-environment.js';

/** The guide to using other workflows, line by line in one shell, with what it says that is shown. */
const GUIDE = fileURLToPath(new URL('../docs/guides/use-workflows.md', import.meta.url));
const BUILT = fileURLToPath(new URL('../packages/cli/bin/sheaf.js', import.meta.url));
const MARK = '=== the next block ===';

let own: OwnRegistry;
beforeAll(async () => {
  own = await startOwnRegistry('ana', 'laptop');
  await own.owner.ok(['namespace', 'create', 'me']);
}, 120_000);
afterAll(() => own.close());

interface Block {
  readonly script: string;
  /** Each is part of a line of what the block prints; `…` stands for anything. */
  readonly shown: readonly string[];
}

async function readBlocks(): Promise<readonly Block[]> {
  const text = await readFile(GUIDE, 'utf8');
  const found = text.matchAll(/^```sh\n([^]*?)^```\n(?:\n```text\n([^]*?)^```\n)?/gm);
  return [...found].map(([, script = '', shown = '']) => ({
    script: script.replace(/^(.*\S) +# exit (\d+)$/gm, 'code=0; $1 || code=$?; test "$code" = $2'),
    shown: shown.split('\n').filter((line) => line !== ''),
  }));
}

async function runAll(blocks: readonly Block[], cwd: string): Promise<readonly string[]> {
  const { home } = own.owner;
  const bin = join(home, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'sheaf'), `#!/bin/sh\nexec "${process.execPath}" "${BUILT}" "$@"\n`);
  await chmod(join(bin, 'sheaf'), 0o755);
  const script = ['set -e', ...blocks.map((block) => `${block.script}echo "${MARK}"`)].join('\n');
  const base = cleanEnvironment();
  const child = spawn('bash', ['-c', `exec 2>&1\n${script}`], {
    cwd,
    env: { ...base, HOME: home, SHEAF_PROFILE: 'permissive', PATH: `${bin}:${base['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code, output).toBe(0);
  return output.split(MARK);
}

function patternOf(line: string): RegExp {
  const parts = line.split('…').map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(parts.join('.*'), 'm');
}

test('the guide to using other workflows does what it says', async () => {
  const blocks = await readBlocks();
  expect(blocks.length).toBeGreaterThan(6);
  const cwd = join(own.dir, 'empty');
  await mkdir(cwd);
  const outputs = await runAll(blocks, cwd);
  for (const [at, { shown }] of blocks.entries())
    for (const line of shown) expect(outputs[at]).toMatch(patternOf(line));
}, 120_000);
