import { describe, expect, expectTypeOf, it } from 'vitest';

import { defineWorkflow, readDefinition, WorkflowError, type ParameterValues } from '../index.js';

const NOTES = {
  id: 'acme/notes',
  version: '1.0.0',
  parameters: {
    since: { type: 'string', default: 'v0' },
    count: { type: 'integer', default: 3, minimum: 1 },
    mode: { type: 'enum', values: ['short', 'long'], default: 'short' },
  },
  actions: { say: { inputs: { text: { type: 'string' } }, run: 'echo "$INPUT_TEXT"' } },
  steps: {
    log: { run: 'echo "$SINCE"', env: { SINCE: '${{ params.since }}', COUNT: '${{ params.count + 1 }}' } },
    checks: {
      parallel: true,
      needs: ['log'],
      steps: {
        lint: { run: 'true', env: { LOG: '${{ steps.log.outputs.stdout }}' } },
        test: { run: 'true', needs: ['lint'] },
      },
    },
    say: {
      uses: 'say',
      with: { text: '${{ steps.checks.outputs.lint.stdout }}' },
      when: "${{ params.mode == 'long' }}",
    },
    each: {
      foreach: "${{ steps.log.outputs.stdout.split('\\n') }}",
      as: 'line',
      do: { one: { run: 'true', env: { LINE: '${{ line }}' } } },
    },
  },
  outputs: { text: '${{ steps.log.outputs.stdout }}' },
  catch: [{ run: 'true' }],
} as const;

describe('defineWorkflow', () => {
  it('gives the model that the same file gives', () => {
    const { definition, toml, warnings } = defineWorkflow(NOTES);
    expect(readDefinition({ text: toml, file: 'workflow.toml' }).definition).toEqual(definition);
    expect(Object.keys(definition.steps)).toEqual(['log', 'checks', 'say', 'each']);
    expect(definition.steps['checks']?.work).toMatchObject({ kind: 'block' });
    expect(warnings).toEqual([]);
  });

  it('refuses what only a check can see, with all of it', () => {
    expect(() => defineWorkflow({ id: 'acme/x', version: 'one', steps: { A: { run: 'true' } } })).toThrow(
      expect.objectContaining({
        code: 'definition.invalid',
        hint: expect.stringMatching(/version\.invalid[^]*name\.invalid/) as string,
      }) as WorkflowError,
    );
  });

  it('knows the types of parameters', () => {
    expectTypeOf<ParameterValues<typeof NOTES>>().toEqualTypeOf<{
      readonly since?: string;
      readonly count?: number;
      readonly mode?: 'short' | 'long';
    }>();
  });

  it('does not compile with a reference to what there is not', () => {
    const step = { run: 'true' } as const;
    const of = (make: () => unknown) => {
      try {
        make();
      } catch (error) {
        return error instanceof WorkflowError ? error.code : error;
      }
      return 'valid';
    };
    const all = [
      () =>
        defineWorkflow({
          id: 'a/b',
          version: '1.0.0',
          // @ts-expect-error: no step beside it is called lgo
          steps: { log: step, b: { run: 'true', needs: ['lgo'] } },
        }),
      () =>
        defineWorkflow({
          id: 'a/b',
          version: '1.0.0',
          // @ts-expect-error: no step is called lgo
          steps: { log: step, b: { run: 'true', env: { A: '${{ steps.lgo.outputs.stdout }}' } } },
        }),
      () =>
        defineWorkflow({
          id: 'a/b',
          version: '1.0.0',
          parameters: { since: { type: 'string' } },
          // @ts-expect-error: no parameter is called snce
          steps: { log: { run: 'true', when: "${{ params.snce == 'x' }}" } },
        }),
      () =>
        defineWorkflow({
          id: 'a/b',
          version: '1.0.0',
          steps: { log: step },
          // @ts-expect-error: no step is called lag
          outputs: { text: 'the log: ${{ steps.lag.outputs.stdout }}' },
        }),
      () =>
        defineWorkflow({
          id: 'a/b',
          version: '1.0.0',
          // @ts-expect-error: the default of an integer is a number
          parameters: { count: { type: 'integer', default: 'three' } },
          steps: { log: { run: 'echo "$PARAM_COUNT"' } },
        }),
      () =>
        defineWorkflow({
          id: 'a/b',
          version: '1.0.0',
          actions: { say: { inputs: { text: { type: 'string' } }, run: 'echo "$INPUT_TEXT"' } },
          // @ts-expect-error: say takes no txt
          steps: { log: { uses: 'say', with: { txt: 'x' } } },
        }),
      () =>
        defineWorkflow({
          id: 'a/b',
          version: '1.0.0',
          // @ts-expect-error: a timeout has a unit
          steps: { log: { run: 'true', timeout: '5 minutes' } },
        }),
    ];
    // What the compiler refuses, the check refuses too.
    expect(all.map(of)).toEqual(all.map(() => 'definition.invalid'));
  });
});
