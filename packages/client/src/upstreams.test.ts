import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientError, isClientError } from './errors.js';
import { parseReference } from './reference.js';
import { thrown } from './testing/failure.js';
import { createUpstreams, qualify, type Upstream } from './upstreams.js';

type Has = 'has' | 'lacks' | 'down';

function upstream(name: string, has: Has, asked: string[] = []): Upstream {
  return {
    name,
    client: {
      url: `https://${name}.example`,
      getWorkflow: (id) => {
        asked.push(`${name} ${id}`);
        if (has === 'has') return Promise.resolve({});
        const code = has === 'lacks' ? 'workflow.not_found' : 'network.unreachable';
        return Promise.reject(new ClientError(code, `${name} fails`, { hint: 'try again' }));
      },
    },
  };
}

const REFERENCE = parseReference('acme/deploy@^1');

describe('a list of upstreams', () => {
  it('asks nobody when the reference names one, or there is only one', async () => {
    const asked: string[] = [];
    const list = [upstream('corp', 'down', asked), upstream('tools', 'down', asked)];
    const found = await createUpstreams(list).locate(parseReference('tools:acme/deploy'));
    expect(found.name).toBe('tools');
    expect((await createUpstreams(list.slice(0, 1)).locate(REFERENCE)).name).toBe('corp');
    expect(asked).toEqual([]);
  });

  it('says which names it knows when it does not know one', async () => {
    const list = [upstream('corp', 'has'), upstream('https://a.example', 'has')];
    const error = await thrown(
      () => createUpstreams(list).locate(parseReference('crop:acme/deploy')),
      'reference.registry_unknown',
    );
    expect(error.hint).toBe('known: corp');
  });

  it('lists every registry that has what is not qualified', async () => {
    const list = [upstream('corp', 'has'), upstream('down', 'down'), upstream('tools', 'has')];
    const error = await thrown(() => createUpstreams(list).locate(REFERENCE), 'reference.registry_ambiguous');
    expect(error.hint).toBe('say which: corp:acme/deploy@^1 or tools:acme/deploy@^1');
  });

  it('does not take the one that answers for the only one that has it', async () => {
    const list = [upstream('corp', 'has'), upstream('tools', 'down')];
    const error = await thrown(() => createUpstreams(list).locate(REFERENCE), 'network.unreachable');
    expect(error).toMatchObject({
      message: 'tools fails',
      hint: 'try again; it may have acme/deploy, so no other is taken for it; if you mean another: corp:acme/deploy@^1',
    });
  });

  it('names all that were asked when none has it', async () => {
    const list = [upstream('corp', 'lacks'), upstream('tools', 'lacks')];
    const error = await thrown(() => createUpstreams(list).locate(REFERENCE), 'workflow.not_found');
    expect(error.message).toBe('none of corp, tools has acme/deploy');
  });

  it('finds the same whatever the order, and only what exactly one has', async () => {
    const outcome = async (list: readonly Upstream[]) => {
      try {
        return (await createUpstreams(list).locate(REFERENCE)).name;
      } catch (error) {
        return isClientError(error) ? error.code : error;
      }
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<Has>('has', 'lacks', 'down'), { minLength: 2, maxLength: 5 }),
        async (states) => {
          const list = states.map((has, i) => upstream(`r${i}`, has));
          const having = list.filter((_, i) => states[i] === 'has');
          const expected =
            having.length > 1
              ? 'reference.registry_ambiguous'
              : states.includes('down')
                ? 'network.unreachable'
                : (having[0]?.name ?? 'workflow.not_found');
          expect(await outcome(list)).toBe(expected);
          expect(await outcome([...list].reverse())).toBe(expected);
        },
      ),
    );
  });
});

describe('an upstream that hides from strangers', () => {
  const hiding = (name: string, has: Has, mayHide = true): Upstream => ({
    ...upstream(name, has),
    mayHide: () => Promise.resolve(mayHide),
  });

  it('makes the only one that has it no proof, unless that is taken all the same', async () => {
    const list = [hiding('pub', 'has'), hiding('corp', 'lacks'), hiding('known', 'lacks', false)];
    const error = await thrown(() => createUpstreams(list).locate(REFERENCE), 'reference.registry_unsure');
    expect(error.message).toContain('only pub shows acme/deploy, and corp was asked without signing in');
    expect(error.hint).toBe('say which: pub:acme/deploy@^1 or corp:acme/deploy@^1');
    const told: string[][] = [];
    const takeOnly = (found: Upstream, others: readonly Upstream[]) => {
      told.push([found.name, ...others.map(({ name }) => name)]);
      return true;
    };
    expect((await createUpstreams(list).locate(REFERENCE, { takeOnly })).name).toBe('pub');
    expect(told).toEqual([['pub', 'corp']]);
  });

  it('is not asked about where it does not matter', async () => {
    const never = (name: string, has: Has): Upstream => ({
      ...upstream(name, has),
      mayHide: () => Promise.reject(new Error('asked')),
    });
    const known = hiding('corp', 'lacks', false);
    expect((await createUpstreams([never('pub', 'has'), known]).locate(REFERENCE)).name).toBe('pub');
    for (const [list, code] of [
      [[never('a', 'lacks'), never('b', 'lacks')], 'workflow.not_found'],
      [[never('a', 'has'), never('b', 'has')], 'reference.registry_ambiguous'],
      [[never('a', 'has'), never('b', 'down')], 'network.unreachable'],
    ] as const)
      await thrown(() => createUpstreams(list).locate(REFERENCE), code);
  });
});

it('refuses two registries of one name, of which the order would choose', () => {
  const list = [upstream('corp', 'has'), upstream('tools', 'has'), upstream('corp', 'lacks')];
  expect(() => createUpstreams(list)).toThrow(new RangeError('two registries are called "corp"'));
});

it('an address qualifies nothing, and is told beside the reference', () => {
  expect(qualify('https://a.example', REFERENCE)).toBe('acme/deploy@^1 of https://a.example');
});
