import { listDiagnosticRules, type DiagnosticRule } from '@sheaf/workflow';
import type { Log, PhysicalLocation, ReportingDescriptor, Result } from 'sarif';
import { jsonWithoutCommands } from '../frame/ci.js';
import type { ShownDiagnostic } from './diagnostics.js';

type Place = Pick<ShownDiagnostic, 'line' | 'column' | 'endLine' | 'endColumn'>;

/**
 * Findings as a SARIF 2.1.0 log (OASIS, 2020), as code scanning takes it: every rule with its help, paths relative to the root of the
 * source, columns in UTF-16 units.
 *
 * @param version of this tool
 */
export function renderSarif(diagnostics: readonly ShownDiagnostic[], version: string): string {
  const used = new Set(diagnostics.map(({ code }) => code));
  const rules = listDiagnosticRules().filter(({ code }) => used.has(code));
  const index = new Map<string, number>(rules.map(({ code }, at) => [code, at]));
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'sheaf', semanticVersion: version, rules: rules.map(describeRule) } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((diagnostic) => describeResult(diagnostic, index)),
      },
    ],
  };
  return jsonWithoutCommands(log, 2);
}

function describeRule({ code, summary, hint }: DiagnosticRule): ReportingDescriptor {
  return {
    id: code,
    shortDescription: { text: `${summary}.` },
    fullDescription: { text: `${summary}.` },
    help: { text: `${summary}. What to do: ${hint}.`, markdown: `${summary}.\n\n**What to do:** ${hint}.` },
    properties: { tags: ['workflow', code.slice(0, code.indexOf('.'))] },
  };
}

function describeResult(diagnostic: ShownDiagnostic, index: ReadonlyMap<string, number>): Result {
  const { code, severity, message, hint, note, label, file, related = [] } = diagnostic;
  const ruleIndex = index.get(code);
  const text = [message, label, note, `help: ${hint}`].filter((part) => part !== undefined).join('\n');
  return {
    ruleId: code,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: severity,
    message: { text },
    locations: [{ physicalLocation: placeIn(file, diagnostic) }],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((place, id) => ({
            id,
            physicalLocation: placeIn(file, place),
            message: { text: place.label },
          })),
        }),
  };
}

function placeIn(file: string, { line, column, endLine, endColumn }: Place): PhysicalLocation {
  return {
    artifactLocation: isAbsolute(file) ? { uri: uriOf(file) } : { uri: uriOf(file), uriBaseId: '%SRCROOT%' },
    region: {
      startLine: line,
      startColumn: column,
      ...(endLine === undefined ? {} : { endLine }),
      ...(endColumn === undefined ? {} : { endColumn }),
    },
  };
}

/** A relative reference (RFC 3986): a first segment with a colon would be read as a scheme. */
function uriOf(file: string): string {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return isAbsolute(file) ? `file://${path}` : path;
}

function isAbsolute(file: string): boolean {
  return file.startsWith('/');
}
