/** Whose identity tokens a rule takes: an issuer, and what its claims must be. */
export interface OidcRule {
  readonly issuer: string;
  /** Exact, or with `*` for any run of characters. */
  readonly claims: readonly (readonly [claim: string, pattern: string])[];
  /** Whoever's job it is: the claims need not name anybody. Without it one has to, by what is never given to another. */
  readonly anyJob?: true;
}
