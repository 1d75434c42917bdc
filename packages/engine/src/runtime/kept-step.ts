/** The mark of processes that belong to no single step of a run; no step can have this id. */
export const KEPT_STEP = '.kept';
