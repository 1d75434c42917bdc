import { listDiagnosticRules, readDefinition } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { renderSarif } from './sarif.js';

interface Log {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly Rule[] } };
    readonly results: readonly Result[];
  }[];
}

interface Rule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly help: { readonly text: string; readonly markdown: string };
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly Place[];
  readonly relatedLocations?: readonly (Place & {
    readonly id: number;
    readonly message: { readonly text: string };
  })[];
}

interface Place {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
    readonly region: Readonly<Record<string, number>>;
  };
}

const WRONG = `id = "acme/demo"
version = "1"
[steps.log]
run = "x"
needs = ["lgo"]
`;

function report(file: string): Log {
  const { diagnostics } = readDefinition({ text: WRONG, file });
  return JSON.parse(renderSarif(diagnostics, '1.2.3')) as Log;
}

describe('renderSarif', () => {
  it('gives each result a rule with its help, and a place in a relative file', () => {
    const [run] = report('flows/a b/workflow.toml').runs;
    expect(run?.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['version.invalid', 'error'],
      ['step.need_unknown', 'error'],
    ]);
    for (const { ruleId, ruleIndex, locations, message } of run?.results ?? []) {
      const rule = run?.tool.driver.rules[ruleIndex];
      expect(rule?.id).toBe(ruleId);
      expect(rule?.help.text).toContain('What to do:');
      expect(message.text).toContain('help: ');
      expect(locations[0]?.physicalLocation.artifactLocation).toEqual({
        uri: 'flows/a%20b/workflow.toml',
        uriBaseId: '%SRCROOT%',
      });
    }
    expect(run?.results[1]?.locations[0]?.physicalLocation.region).toEqual({
      startLine: 5,
      startColumn: 10,
      endLine: 5,
      endColumn: 15,
    });
    expect(run?.results[1]?.relatedLocations?.[0]?.message.text).toBe('`log` is defined here');
  });

  it('names a file outside of the folder by its address', () => {
    const [result] = report('/srv/wörk/workflow.toml').runs[0]?.results ?? [];
    expect(result?.locations[0]?.physicalLocation.artifactLocation).toEqual({
      uri: 'file:///srv/w%C3%B6rk/workflow.toml',
    });
  });

  it('has no results for a definition without findings', () => {
    const log = JSON.parse(renderSarif([], '1.2.3')) as Log;
    expect([log.version, log.runs[0]?.results, log.runs[0]?.tool.driver.rules]).toEqual(['2.1.0', [], []]);
  });

  it('finds a sentence and a remedy for every code', () => {
    for (const { code, summary, hint } of listDiagnosticRules()) {
      expect(summary, code).toMatch(/^[A-Z[].*[^.]$/);
      expect(hint, code).not.toBe('');
    }
  });
});
