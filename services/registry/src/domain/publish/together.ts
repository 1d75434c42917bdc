import { RegistryError, type ProblemDetailItem } from '../error.js';
import type { Claim } from './verify-upload.js';

const MAX_ERRORS = 200;

/**
 * Does the same for each upload of a publish, one after the other. When some fail, all reasons are told at once: none of them
 * is published.
 *
 * @throws the error of the upload when there is one; for several a RegistryError with the code of the first that failed
 */
export async function forEachUpload<I extends { readonly claim: Claim }, T>(
  items: readonly I[],
  work: (item: I) => Promise<T> | T,
): Promise<readonly T[]> {
  const done: T[] = [];
  const failed: { readonly claim: Claim; readonly error: RegistryError }[] = [];
  for (const item of items) {
    try {
      done.push(await work(item));
    } catch (error) {
      if (items.length === 1 || !(error instanceof RegistryError) || isUnavailable(error)) throw error;
      failed.push({ claim: item.claim, error });
    }
  }
  const [first] = failed;
  if (first === undefined) return done;
  throw new RegistryError(
    first.error.code,
    `0 of ${items.length} published: ${nameOf(first.claim)}: ${first.error.message}`,
    { errors: failed.flatMap(describe).slice(0, MAX_ERRORS), cause: first.error },
  );
}

/** What says nothing of the upload. */
function isUnavailable({ code }: RegistryError): boolean {
  return code.startsWith('service.') || code.startsWith('log.');
}

function describe({ claim, error }: { readonly claim: Claim; readonly error: RegistryError }) {
  const items: readonly ProblemDetailItem[] = error.options.errors ?? [
    { code: error.code, detail: error.message },
  ];
  return items.map((item) => ({ ...item, detail: `${nameOf(claim)}: ${item.detail}` }));
}

export function nameOf({ namespace, name, version }: Claim): string {
  return `${namespace}/${name} ${version}`;
}
