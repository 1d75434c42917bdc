import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { buildCli, createMachine, PACKAGE_DIR, type Machine } from './harness.js';

beforeAll(() => {
  buildCli();
});

const FLOW = `id = "acme/flow"
version = "1.0.0"
[permissions]
exec = ["sh"]
secrets = ["TOKEN"]
[steps.lines]
run = 'cat CHANGES | wc -l && test "$TOKEN" = hidden && echo $TOKEN >&2 && touch ../left'
shell = "sh"
env = { TOKEN = "\${{ params.token }}" }
[steps.twice]
script = "return { n: Number(input.n) * 2 };"
with = { n = "\${{ steps.lines.outputs.stdout }}" }
[parameters.token]
type = "secret"
default = "TOKEN"
[outputs]
n = "\${{ steps.twice.outputs.n }}"
`;
const TESTS = `[[test]]
name = "doubles what a command has counted"
mocks.lines.real = true
files.CHANGES = "one\\ntwo\\n"
secrets.TOKEN = "hidden"
expect.outputs.n = 4

[[test]]
name = "doubles what it is told"
mocks.lines.stdout = "20"
[test.expect]
outputs.n = 42
`;

function createFlow(tests: Readonly<Record<string, string>>): Machine {
  const machine = createMachine();
  mkdirSync(join(machine.dir, 'flow'));
  for (const [name, text] of Object.entries({ 'workflow.toml': FLOW, ...tests })) {
    writeFileSync(join(machine.dir, 'flow', name), text);
  }
  return machine;
}

it('runs tests, shows each difference where it is expected, and leaves nothing behind', () => {
  const machine = createFlow({ 'workflow.test.toml': TESTS });
  const before = listLeft();
  const { status, stdout, stderr } = machine.run(['test', 'flow', '--junit', 'tests.xml']);
  expect(stdout).toBe(
    'flow/workflow.test.toml\n  ok    doubles what a command has counted\n  FAIL  doubles what it is told\n',
  );
  expect(status).toBe(8);
  expect(stderr).toContain(
    'error[test.expected]: outputs.n is 40, not 42\n   --> flow/workflow.test.toml:12:13\n    12 | outputs.n = 42\n       |             ^^ doubles what it is told\n',
  );
  expect(stderr.trimEnd().split('\n').slice(-2)).toEqual([
    'error[test.failed]: 1 of 2 tests failed',
    "  help: run one alone: sheaf test flow/workflow.test.toml --filter 'doubles what it is told'",
  ]);
  const junit = readFileSync(join(machine.dir, 'tests.xml'), 'utf8');
  expect(junit).toContain('<testsuites name="sheaf test" tests="2" failures="1"');
  expect(junit).toContain('message="outputs.n is 40, not 42">flow/workflow.test.toml:12:13</failure>');
  expect(listLeft()).toEqual(before);
  expect(existsSync(join(machine.dir, 'left'))).toBe(false);
});

it('runs no test of a file that is wrong, nor one whose name is not asked for', () => {
  const wrong = createFlow({
    'a.test.toml': TESTS,
    'b.test.yaml': 'test:\n  - name: a\n    mocks: { lnes: {} }\n',
  });
  const refused = wrong.run(['test', 'flow']);
  expect([refused.status, refused.stdout]).toEqual([7, '']);
  expect(refused.stderr).toContain(
    'error[step.unknown]: no step is called `lnes`\n   --> flow/b.test.yaml:3:14\n',
  );
  const { status, stdout } = wrong.run(['test', 'flow/a.test.toml', '--filter', 'COMMAND', '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'sheaf.test/1',
    passed: 1,
    failed: 0,
    files: [
      { workflow: 'acme/flow', tests: [{ name: 'doubles what a command has counted', durationMs: 0 }] },
    ],
    uncovered: [],
  });
  const checked = wrong.run(['validate', 'flow']);
  expect([checked.status, checked.stdout]).toEqual([
    7,
    'valid acme/flow 1.0.0 · 2 steps\nvalid flow/a.test.toml · 2 tests\n',
  ]);
  expect(checked.stderr).toContain(
    'error[test.invalid]: 1 of 3 files has errors\n  flow/b.test.yaml  1 error',
  );
  const none = wrong.run(['test', 'flow/a.test.toml', '--filter', 'nothing']);
  expect([none.status, none.stderr]).toEqual([4, expect.stringContaining('error[test.not_found]')]);
});

it('passes the tests of the examples', () => {
  const examples = join(PACKAGE_DIR, '..', '..', 'examples');
  const { status, stdout, stderr } = createMachine().run(['test', examples]);
  expect(stderr).toBe('');
  expect([status, stdout]).toEqual([0, expect.stringMatching(/\n\d+ tests passed\n$/)]);
});

/** Folders of tests that were not removed. */
function listLeft(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => /^sheaf-test-[0-9a-f]{24}$/.test(name));
}
