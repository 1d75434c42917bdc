/**
 * How much a run is held to what its workflow declares. `secure`: processes run in a sandbox, actions are checked. `permissive`:
 * actions are checked, processes may do what the user may. `disabled`: nothing is checked.
 */
export const PROFILES = ['secure', 'permissive', 'disabled'] as const;

/** One of {@link PROFILES}. */
export type Profile = (typeof PROFILES)[number];
