import type { Diagnostic } from '@sheaf/workflow';
import { CliError, describeError, type ErrorReport } from '../frame/errors.js';
import { exitCodeOf } from '../frame/exit-codes.js';

/** Lines of evidence that are shown of each. */
const MAX_EVIDENCE = 4;
const MAX_HELP = 8;

/** What stands in the way of publishing several workflows together, gathered so that all of it is told at once. */
export interface Obstacles {
  /** Does a part of the work on one of them; undefined when that failed for a reason of its own. */
  readonly attempt: <T>(name: string, work: () => Promise<T>) => Promise<T | undefined>;
  /** @throws CliError the only code there is, or `publish.refused` with all of them */
  readonly assertNone: () => void;
}

/** @param count of all workflows that were to be published */
export function collectObstacles(count: number): Obstacles {
  const found: { readonly name: string; readonly report: ErrorReport }[] = [];
  return {
    attempt: async (name, work) => {
      try {
        return await work();
      } catch (error) {
        const report = describeError(error);
        // What is wrong with the machine, the network or the account is wrong for all of them.
        if (report.code === 'internal.error' || [6, 130].includes(exitCodeOf(report))) throw error;
        found.push({ name, report });
        return undefined;
      }
    },
    assertNone: () => {
      const [first] = found;
      if (first === undefined) return;
      const isOne = found.every(({ report }) => report.code === first.report.code);
      const diagnostics = found.flatMap(({ report }): readonly Diagnostic[] => report.diagnostics);
      throw new CliError(
        isOne ? first.report.code : 'publish.refused',
        `0 of ${count} published: ${found.length} of them would be refused`,
        {
          evidence: found.flatMap(({ name, report }) => [
            `${name}  ${report.code}: ${withoutName(report.message, name)}`,
            ...report.evidence.slice(0, MAX_EVIDENCE).map((line) => `  ${line}`),
          ]),
          hint: [...new Set(found.flatMap(({ report }) => report.help))].slice(0, MAX_HELP),
          diagnostics,
          sources: new Map(found.flatMap(({ report }) => [...report.sources])),
          data: { refused: found.map(({ name, report: { code, message } }) => ({ name, code, message })) },
        },
      );
    },
  };
}

/** A message that begins with what it is about says it twice in a list. */
function withoutName(message: string, name: string): string {
  return message.startsWith(`${name} `) ? message.slice(name.length + 1) : message;
}
