import { afterAll, describe, expect, it } from 'vitest';
import { ActionError } from '../src/actions/action-error.js';
import { SANDBOX_LIMITS } from '../src/sandbox/limits.js';
import { createSandbox, type ScriptRequest } from '../src/sandbox/sandbox.js';
import { startThread } from '../src/sandbox/worker-thread.js';

const sandbox = createSandbox({ threads: 1 });
afterAll(() => sandbox.close());

const run = (script: string, rest: Partial<ScriptRequest> = {}) =>
  sandbox.run({ script, input: {}, seed: 'seed', now: 1_700_000_000_000, ...rest });

/** Long enough for what must fail by itself, on any machine; little memory is soon full. */
const LIMITS = { timeMs: 60_000, memoryBytes: 16 * 1024 * 1024 };

const failure = async (script: string, rest: Partial<ScriptRequest> = {}): Promise<ActionError> => {
  const error: unknown = await run(script, { limits: LIMITS, ...rest }).catch((caught: unknown) => caught);
  if (error instanceof ActionError) return error;
  throw new TypeError(`no ActionError: ${String(error)}`);
};

describe('a script', () => {
  it('gets its input as values and returns outputs', async () => {
    const { outputs } = await run('return { sum: input.a + input.b, all: input.list.map((x) => x * 2) };', {
      input: { a: 1, b: 2, list: [1, 2] },
    });
    expect(outputs).toEqual({ sum: 3, all: [2, 4] });
  });

  it('may wait for promises of its own, and returns nothing where it ends without a value', async () => {
    expect((await run('const x = await Promise.resolve(4); return { x };')).outputs).toEqual({ x: 4 });
    expect((await run('1 + 1')).outputs).toEqual({});
  });

  it('sees the same clock and the same random numbers for the same seed, and no zone of the machine', async () => {
    const script =
      'return { at: Date.now(), random: [Math.random(), Math.random()], zone: new Date().getTimezoneOffset() };';
    const first = (await run(script)).outputs;
    expect(first['at']).toBe(1_700_000_000_000);
    expect(first['zone']).toBe(0);
    expect((await run(script)).outputs).toEqual(first);
    expect((await run(script, { seed: 'other' })).outputs['random']).not.toEqual(first['random']);
  });

  it('finds nothing of the host and nothing of the script before it', async () => {
    await run('globalThis.left = 1; Object.prototype.left = 2;');
    const script = `return {
      found: ['process', 'require', 'fetch', 'setTimeout', 'WebAssembly', 'performance', 'Deno', 'std', 'os', 'left', 'scriptArgs', 'print'].filter((name) => name in globalThis),
      host: (() => { try { return String(Function('return this.constructor.constructor("return typeof process")()')()); } catch (e) { return e.message; } })(),
    };`;
    expect((await run(script)).outputs).toEqual({ found: [], host: 'undefined' });
  });

  it('cannot import', async () => {
    expect((await failure('await import("node:fs");')).code).toBe('script.failed');
  });

  it('writes to the log of its step, also before it fails', async () => {
    const logs: string[] = [];
    await failure('console.log("one", { a: 1 }); throw new TypeError("no");', {
      onLog: (text) => logs.push(text),
    });
    expect(logs).toEqual(['one {"a":1}']);
  });
});

describe('a script that is wrong', () => {
  it.each([
    ['cannot be read', 'return {', 'script.syntax'],
    ['throws', '\nthrow new Error("no")', 'script.failed'],
    ['returns a list', 'return [1]', 'script.output'],
    ['returns text', 'return "x"', 'script.output'],
    ['returns a name that is none', 'return { "a b": 1 }', 'script.output'],
    [
      'returns what is nested too deep',
      'let a = 1; for (let i = 0; i < 40; i++) a = [a]; return { a }',
      'script.output',
    ],
    ['returns what holds itself', 'const a = {}; a.a = a; return a', 'script.failed'],
    ['returns too much', 'return { text: "x".repeat(1200000) }', 'script.output'],
    ['waits for ever', 'await new Promise(() => {})', 'script.pending'],
  ])('is told what is wrong when it %s', async (_, script, code) => {
    expect((await failure(script)).code).toBe(code);
  });

  it('names the line that threw', async () => {
    expect((await failure('const a = 1;\nnull.x;')).message).toMatch(/TypeError.*line 2 of the script/);
  });
});

describe('a script that means harm', () => {
  it.each([
    ['loops for ever', 'for (;;);', 'script.timeout'],
    [
      'loops in jobs for ever',
      'const again = () => Promise.resolve().then(again); await again();',
      'script.timeout',
    ],
    ['calls itself for ever', 'const f = () => f() + 1; return { x: f() };', 'script.failed'],
    [
      'calls itself in native code',
      'const a = []; a[0] = a; a.toString = () => [].concat(a).map(String).join(); return { x: String(a) };',
      'script.failed',
    ],
    ['fills the memory', 'const a = []; for (;;) a.push(new Array(10000).fill(1));', 'script.memory'],
    ['doubles a text', 'let s = "x"; for (;;) s += s;', 'script.memory'],
    [
      'matches with a regular expression that explodes',
      'return { x: /(a+)+$/.test("a".repeat(40) + "b") };',
      'script.timeout',
    ],
    [
      'searches in native code, which looks at no clock',
      'const s = "a".repeat(5e6); return { x: s.indexOf("a".repeat(1e6) + "b") };',
      'script.timeout',
    ],
    [
      'multiplies numbers in native code',
      'const b = 3n ** 100000n; let n = 0n; for (;;) n = b * b;',
      'script.timeout',
    ],
  ])('is stopped when it %s', async (_, script, code) => {
    const limits = code === 'script.timeout' ? { timeMs: 150 } : LIMITS;
    expect((await failure(script, { limits })).code).toBe(code);
    expect((await run('return { alive: true };')).outputs).toEqual({ alive: true });
  });

  it('can forge no more than its own result', async () => {
    const { outputs } = await run(
      'return JSON.parse(\'{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}\');',
    );
    expect(Object.getPrototypeOf(outputs)).toBeNull();
    expect(Object.keys(outputs)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['JSON.stringify', 'JSON.stringify = () => "evil"; return { a: 1 };'],
    [
      'the prototypes',
      'Array.prototype.map = Array.prototype.join = Function.prototype.call = () => "evil"; console.log("x"); return { a: 1 };',
    ],
  ])('changes nothing for the host when it replaces %s', async (_, script) => {
    expect((await run(script)).outputs).toEqual({ a: 1 });
  });

  it('cannot make the host read a result that is no JSON of a result', async () => {
    const script = 'Promise.prototype.then = function () { return this; }; return { a: 1 };';
    expect((await failure(script)).code).toBe('script.pending');
  });
});

describe('the sandbox', () => {
  it('stops a script at once when it is told to, and serves the next', async () => {
    const control = new AbortController();
    const stopped = failure('for (;;);', { signal: control.signal, limits: { timeMs: 60_000 } });
    setTimeout(() => {
      control.abort();
    }, 50);
    expect((await stopped).code).toBe('action.cancelled');
    expect((await run('return { alive: true };')).outputs).toEqual({ alive: true });
  });

  it('serves many at once on few threads, in turn', async () => {
    const two = createSandbox({ threads: 2 });
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        two.run({ script: 'return { n: input.n };', input: { n }, seed: 's', now: 0 }),
      ),
    );
    await two.close();
    expect(results.map((result) => result.outputs['n'])).toEqual(Array.from({ length: 8 }, (_, n) => n));
  });

  it('runs a script in the thread that was started for it beforehand', async () => {
    const expecting = createSandbox({ threads: 1 });
    try {
      expecting.expect();
      expecting.expect();
      const { outputs } = await expecting.run({
        script: 'return { n: input.n + 1 }',
        input: { n: 1 },
        seed: 's',
        now: 0,
      });
      expect(outputs).toEqual({ n: 2 });
    } finally {
      await expecting.close();
    }
  });

  it('says at once that a thread has ended before it was asked', async () => {
    const thread = startThread(64);
    await thread.end();
    const task = { ...SANDBOX_LIMITS, prelude: '', script: '', input: '', seed: 1n, now: 0, outputLength: 1 };
    await expect(thread.perform(task)).rejects.toThrow('the thread ended');
  });

  it('refuses a script and an input that are too large', async () => {
    expect((await failure('x'.repeat(1_048_577))).code).toBe('action.input');
    expect((await failure('1', { input: { text: 'x'.repeat(1_048_577) } })).code).toBe('action.input');
  });
});
