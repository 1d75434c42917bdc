import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCli, createMachine, PACKAGE_DIR, type Machine } from './harness.js';

beforeAll(() => {
  buildCli();
});

/** `script` of util-linux gives a command a terminal of its own; others spell its flags differently. */
const script = spawnSync('script', ['--version'], { encoding: 'utf8' });
const canGiveTerminal = script.status === 0 && script.stdout.includes('util-linux');
const isCi = process.env['CI'] !== undefined;
const SHEAF = `"${process.execPath}" "${join(PACKAGE_DIR, 'bin', 'sheaf.js')}"`;

/** Runs a line of shell on a terminal of 80 columns; each key is pressed when its text has appeared. */
async function onTerminal(
  machine: Machine,
  line: string,
  keys: readonly (readonly [when: string, key: string])[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | null; readonly shown: string }> {
  const child = spawn('script', ['-qec', `stty columns 80 rows 24; ${line}`, '/dev/null'], {
    cwd: machine.dir,
    env: { ...machine.env, TERM: 'xterm', LANG: 'C.UTF-8', SHELL: '/bin/sh', ...env },
  });
  let shown = '';
  let seen = 0;
  const left = [...keys];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    const [next] = left;
    if (next === undefined || !shown.slice(seen).includes(next[0])) return;
    seen = shown.length;
    left.shift();
    child.stdin.write(next[1]);
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, shown };
}

const FLOW = `id = "acme/flow"
version = "1.0.0"
[steps.log]
run = 'echo quick'
[steps.deaf]
run = 'trap "" TERM; echo $$ > pid; for i in $(seq 600); do echo "line $i"; sleep 0.1; done'
[steps.end]
needs = ["deaf"]
run = 'true'
`;

function writeFlow(machine: Machine, text: string): void {
  mkdirSync(join(machine.dir, 'flow'));
  writeFileSync(join(machine.dir, 'flow', 'workflow.toml'), text);
}

describe.runIf(canGiveTerminal || isCi)('a run on a terminal', () => {
  it('lists what runs and what is to come; a second Ctrl-C kills what does not end, and leaves nothing behind', async () => {
    const machine = createMachine();
    writeFlow(machine, FLOW);
    const { shown, status } = await onTerminal(machine, `${SHEAF} run ./flow`, [
      ['line 3', '\u0003'],
      ['again to kill', '\u0003'],
    ]);
    expect(status).toBe(130);
    expect(shown).toContain('○ 1 to come: end');
    expect(shown).toMatch(/ {2}│ line 1.*\r?\n.* {2}│ line 2/);
    expect(shown).toContain('stopping 1 step, again to kill');
    expect(shown).toMatch(/help:\S* go on: sheaf resume [a-z0-9]{10}/);
    const pid = readFileSync(join(machine.dir, 'pid'), 'utf8').trim();
    expect(existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '').toBe(
      false,
    );
  }, 60_000);

  it.each([
    ['TERM', 'dumb'],
    ['SHEAF_ACCESSIBLE', '1'],
  ])('redraws nothing with %s=%s: a line for each change', async (name, value) => {
    const machine = createMachine();
    writeFlow(
      machine,
      FLOW.replace('for i in $(seq 600); do echo "line $i"; sleep 0.1; done', 'sleep 0.6; echo over'),
    );
    const { shown, status } = await onTerminal(machine, `${SHEAF} run ./flow --max-parallel 1`, [], {
      [name]: value,
      NO_COLOR: '1',
    });
    expect(status).toBe(0);
    const lines = shown
      .replaceAll(/\d+\.\d s/g, '0.0 s')
      .trimEnd()
      .split('\r\n');
    const begin = lines.findIndex((line) => line.startsWith('unsigned'));
    expect(lines.slice(begin, -1)).toEqual([
      'unsigned: ./flow (your working tree)',
      '● log runs',
      '[log] quick',
      '✓ log 0.0 s',
      '● deaf runs',
      '[deaf] over',
      '✓ deaf 0.0 s',
      '● end runs',
      '✓ end 0.0 s',
    ]);
    expect(lines.at(-1)).toMatch(/^run [a-z0-9]{10} succeeded · 3 steps · 0\.0 s$/);
  });
});
