import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatDiagnostic, readDefinition, readSetting, type SourceText } from './index.js';

const BASE = `id = "acme/demo"
version = "1.0.0"
tags = ["one", "two"]

[permissions]
exec = ["git", "curl"]
network = ["example.com"]

[steps.log]
run = "git log"
env = { A = "1", B = "2" }
timeout = "1m"

[steps.tell]
needs = ["log"]
run = "curl https://example.com/"
`;

function lay(...overlays: readonly SourceText[]) {
  return readDefinition({ text: BASE, file: 'workflow.toml' }, { overlays });
}

function set(...settings: readonly string[]) {
  return lay(
    ...settings.map((setting) => {
      const source = readSetting(setting, '--set');
      if (source === undefined) throw new Error(`no setting: ${setting}`);
      return source;
    }),
  );
}

const toml = (text: string): SourceText => ({ text, file: 'workflow.ci.toml' });

describe('overlays', () => {
  it('merge tables and replace everything else', () => {
    const { definition } = lay(toml('tags = ["three"]\n[steps.log]\nenv.B = "3"\nenv.C = "4"\n'));
    expect(definition?.tags).toEqual(['three']);
    expect(definition?.steps['log']).toMatchObject({
      env: { A: '1', B: '3', C: '4' },
      timeoutMs: 60_000,
      work: { kind: 'shell', run: 'git log' },
    });
  });

  it('are laid over each other in their order', () => {
    const { definition } = lay(toml('version = "2.0.0"'), { text: 'version: 3.0.0', file: 'w.yaml' });
    expect(definition?.version).toBe('3.0.0');
  });

  it('take away what they list, and what is null in YAML', () => {
    const removed = lay(toml('remove = ["steps.tell", "steps.log.env.A"]')).definition;
    expect(Object.keys(removed?.steps ?? {})).toEqual(['log']);
    expect(removed?.steps['log']?.env).toEqual({ B: '2' });
    const nulled = lay({ text: 'steps:\n  tell: null\n  log: {timeout: null}\n', file: 'o.yaml' }).definition;
    expect(Object.keys(nulled?.steps ?? {})).toEqual(['log']);
    expect(nulled?.steps['log']?.timeoutMs).toBeUndefined();
  });

  it.each([
    ['a value of its own', '[steps.log]\ntimeout = "soon"\n', 'workflow.ci.toml:2:11 timeout.invalid'],
    ['a step of its own', '[steps.new]\nru = "x"\n', 'workflow.ci.toml:1:8 key.missing'],
    ['what it cannot remove', 'remove = ["steps.tel"]\n', 'workflow.ci.toml:1:11 overlay.remove'],
    ['what is no path', 'remove = ["steps..tell"]\n', 'workflow.ci.toml:1:11 overlay.remove'],
    ['what it is written in', 'steps = {\n', 'workflow.ci.toml:2:1 syntax.toml'],
    ['what it broke in the file', 'remove = ["steps.log"]\n', 'workflow.toml:15:10 step.need_unknown'],
    ['what was wrong after its change', '[permissions]\nexec = ["git"]\n', 'workflow.toml:16:8 warning'],
  ])('are blamed in their own place for %s', (_what, text, place) => {
    const shown = lay(toml(text)).diagnostics.map(formatDiagnostic).join('\n');
    expect(shown).toContain(place);
  });

  it('tell of a place in another text in words', () => {
    const { diagnostics } = lay(toml('[steps.more]\nrun = "true"\nneeds = ["lgo"]\n'));
    expect(diagnostics[0]).toMatchObject({
      code: 'step.need_unknown',
      file: 'workflow.ci.toml',
      note: '`log` is defined here: workflow.toml:9:8',
    });
  });

  it('that are no table are refused', () => {
    const { definition, diagnostics } = lay({ text: '- a\n', file: 'o.yaml' });
    expect(definition).toBeUndefined();
    expect(diagnostics).toMatchObject([{ code: 'value.type', file: 'o.yaml', line: 1 }]);
  });

  it('that are too large are refused before they are read', () => {
    const { diagnostics } = lay(toml('x'.repeat(1_048_577)));
    expect(diagnostics).toMatchObject([{ code: 'syntax.too_large', file: 'workflow.ci.toml' }]);
  });
});

describe('settings', () => {
  it('are values of TOML where they can be read as such, and text where they cannot', () => {
    const { definition } = set(
      'steps.log.timeout=5m',
      'steps.log.env.A = "quoted"',
      'steps.log.env.N=3',
      'version=2.0.0-rc.1',
      'steps.log.retry={ attempts = 2 }',
      'tags=["a", "b"]',
      'steps.log.run=echo "a = b" # no comment',
    );
    expect(definition).toMatchObject({ version: '2.0.0-rc.1', tags: ['a', 'b'] });
    expect(definition?.steps['log']).toMatchObject({
      timeoutMs: 300_000,
      env: { A: 'quoted', N: '3' },
      retry: { attempts: 2 },
      work: { run: 'echo "a = b" # no comment' },
    });
  });

  it('of null take away', () => {
    expect(Object.keys(set('steps.tell=null').definition?.steps ?? {})).toEqual(['log']);
  });

  it('are pointed into', () => {
    const { diagnostics } = set('steps.log.timeout=soon');
    expect(diagnostics[0]).toMatchObject({ code: 'timeout.invalid', file: '--set', line: 1, column: 21 });
  });

  it.each(['', '=', '=x', 'steps', 'steps..x=1', 'a b=1', 'x'.repeat(70_000) + '=1'])(
    'without a path are none: %j',
    (setting) => {
      expect(readSetting(setting, '--set')).toBeUndefined();
    },
  );

  it('hold any text without becoming anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const source = readSetting(`name=text ${value}`, '--set');
        const { definition, diagnostics } = lay(source ?? toml(''));
        // What a name may not hold is told; what it may hold is kept, but for spaces around it.
        if (definition === undefined) expect(diagnostics[0]?.pointer).toBe('/name');
        else expect(definition.name).toBe(`text ${value}`.trim());
      }),
    );
  });
});
