const MAX_DEPTH = 5;

/**
 * What kind of failure an error of the network or of a library is: the code of its innermost cause that has one, such as
 * `ENOTFOUND`, `SELF_SIGNED_CERT_IN_CHAIN` or `OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED`, for whoever must not see more.
 */
export function kindOfFailure(error: unknown): string {
  let kind = 'no usable answer';
  let each = error;
  for (let depth = 0; depth < MAX_DEPTH && each instanceof Error; depth += 1) {
    const { code } = each as { readonly code?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,59}$/.test(code)) kind = code;
    else if (each.name === 'TimeoutError') kind = 'no answer in time';
    each = each.cause;
  }
  return kind;
}
