import type { Diagnostic } from '@sheaf/workflow';
import { defineCommand, omit } from '../frame/command.js';
import { renderDiagnostics } from '../output/diagnostics.js';
import { renderError } from '../output/error.js';
import { plural } from '../terminal/text.js';
import { readSource } from '../workflow/source.js';

interface Validated {
  readonly valid: boolean;
  readonly file: string;
  readonly id?: string;
  readonly version?: string;
  readonly steps?: number;
  readonly errors: number;
  readonly warnings: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
}

export const command = defineCommand<Validated>({
  name: 'validate',
  about: 'Check a definition and the files it names; say what is wrong and where.',
  positionals: { names: ['PATH'], required: 0 },
  flags: [],
  examples: ['sheaf validate', 'sheaf validate ci/workflow.yaml --json'],
  exitCodes: [0, 4, 7],
  run: async (context, input) => {
    const source = await readSource(input.positionals[0] ?? '.', context.cwd);
    const { definition, diagnostics } = source;
    const errors = diagnostics.filter((each) => each.severity === 'error').length;
    const data: Validated = {
      valid: definition !== undefined,
      file: source.shownFile,
      ...(definition === undefined
        ? {}
        : { id: definition.id, version: definition.version, steps: Object.keys(definition.steps).length }),
      errors,
      warnings: diagnostics.length - errors,
      diagnostics,
      sources: new Map([[source.shownFile, source.text]]),
    };
    return { data, exitCode: definition === undefined ? 7 : 0 };
  },
  toJson: (data) => omit(data, 'sources'),
  render: (data, { style, talkStyle }) => {
    const found = renderDiagnostics(data.diagnostics, talkStyle, data.sources);
    const warnings = data.warnings === 0 ? '' : ` · ${plural(data.warnings, 'warning')}`;
    if (data.id === undefined) {
      const report = {
        code: 'definition.invalid',
        message: `${data.file} has ${plural(data.errors, 'error')}${warnings}`,
        evidence: [],
        help: [],
      };
      return { talk: `${found}\n${renderError(report, talkStyle)}` };
    }
    return {
      talk: found,
      answer: `${style.green('valid')} ${data.id} ${data.version ?? ''} · ${plural(data.steps ?? 0, 'step')}${warnings}`,
    };
  },
});
