import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

let source: Promise<string> | undefined;

/** Serious and critical findings of axe, each as a line; empty for a page that everybody can use. */
export async function auditPage(page: Page, options: RunOptions = {}): Promise<readonly string[]> {
  source ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // Evaluated, as the policy of the page refuses any script that is put into it.
  await page.evaluate(await source);
  const results = await page.evaluate(
    (given) => (globalThis as unknown as { axe: AxeRunner }).axe.run(document, given),
    { resultTypes: ['violations'], ...options } satisfies RunOptions,
  );
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${String(target)} ${failureSummary ?? ''}`),
    );
}

interface AxeRunner {
  run(context: Document, options: RunOptions): Promise<AxeResults>;
}
