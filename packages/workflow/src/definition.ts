import type { Diagnostic } from './diagnostics.js';
import type { WorkflowDefinition } from './model.js';

export function readDefinition(
  source: { readonly text: string; readonly file: string },
  bundle?: { readonly files: readonly string[] },
): { readonly definition?: WorkflowDefinition; readonly diagnostics: readonly Diagnostic[] } {
  throw new Error(source.file + String(bundle));
}
