import { describe, expect, it } from 'vitest';
import type { Decision } from '../core/decision.js';
import type { RunRules } from '../core/rules.js';
import { assertResources, holdContainer, holdTimeout, isOfImage, maxTasksOf } from './hold-to-rules.js';

const FROM = '/etc/sheaf/policy.json';
const rules = (rest: Partial<RunRules>): RunRules => ({ from: FROM, ...rest });

describe('an image and the rule that may name it', () => {
  it.each([
    ['ghcr.io/acme', 'ghcr.io/acme/build:1', true],
    ['ghcr.io/acme/', 'ghcr.io/acme/build:1', true],
    ['ghcr.io/acme', 'ghcr.io/acme-evil/build', false],
    ['ghcr.io', 'ghcr.io:5000/evil/build', false],
    ['node', 'node:20', true],
    ['node', 'node@sha256:ab', true],
    ['node:20', 'node:20-alpine', false],
    ['node:20', 'node:20@sha256:ab', true],
    ['sha256:ab', 'anything/at/all@sha256:ab', true],
    ['sha256:ab', 'anything:sha256:ab', false],
    ['node', 'docker.io/library/node:20', false],
  ])('%s and %s: %s', (rule, image, is) => {
    expect(isOfImage(rule, image)).toBe(is);
  });
});

describe('a step that is held to rules', () => {
  it('gets no more time than it may have, and is told when it asked for more', () => {
    const told: Decision[] = [];
    const hold = (timeoutMs?: number): number | undefined =>
      holdTimeout(timeoutMs === undefined ? {} : { timeoutMs }, rules({ timeoutMs: 1000 }), (decision) =>
        told.push(decision),
      ).timeoutMs;
    expect([hold(), hold(500), hold(1000)]).toEqual([1000, 500, 1000]);
    expect(told).toEqual([]);
    expect(hold(2500)).toBe(1000);
    expect(told).toEqual([
      { subject: 'ceiling', result: 'limited', value: 'timeout 1 s, not 2.5 s', by: 'policy', why: FROM },
    ]);
    expect(holdTimeout({ timeoutMs: 7 }, undefined, () => undefined)).toEqual({ timeoutMs: 7 });
  });

  it('is refused more of the machine than it may have', () => {
    const most = rules({ cpus: 2, memoryBytes: 1000 });
    expect(() => {
      assertResources({ cpus: 2, memoryBytes: 1000 }, most);
    }).not.toThrow();
    for (const resources of [{ cpus: 3 }, { memoryBytes: 1001 }]) {
      const act = (): void => {
        assertResources(resources, most);
      };
      expect(act).toThrow(expect.objectContaining({ code: 'policy.denied', hint: `${FROM} says so` }));
    }
  });

  it('never has more processes than a sandbox of anybody', () => {
    expect([maxTasksOf(undefined), maxTasksOf(rules({ processes: 8 }))]).toEqual([2048, 8]);
    expect(maxTasksOf(rules({ processes: 99_999 }))).toBe(2048);
  });

  it('runs containers of named images alone, with what they may have', () => {
    const told: Decision[] = [];
    const tell = (decision: Decision): void => {
      told.push(decision);
    };
    const most = rules({
      images: [['ghcr.io/acme'], ['ghcr.io/acme/a']],
      memoryBytes: 64 * 1024 * 1024,
      processes: 32,
    });
    expect(holdContainer({ image: 'ghcr.io/acme/a', processes: 64 }, most, tell)).toEqual({
      image: 'ghcr.io/acme/a',
      processes: 32,
      memory_mb: 64,
    });
    expect(told.map(({ result, value }) => `${result} ${value}`)).toEqual([
      'allowed ghcr.io/acme/a',
      'limited processes 32, not 64',
    ]);
    expect(() => holdContainer({ image: 'node' }, most, tell)).toThrow(
      expect.objectContaining({ denied: { subject: 'image', value: 'node', by: 'policy', why: FROM } }),
    );
  });
});
