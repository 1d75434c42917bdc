import { BundleError } from '../error.js';

/** The code of the BundleError that a call throws; `nothing` when it returns. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof BundleError) return error.code;
    throw error;
  }
  return 'nothing';
}

/** Like {@link codeOf}, for a promise. */
export async function codeOfAsync(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof BundleError) return error.code;
    throw error;
  }
  return 'nothing';
}
