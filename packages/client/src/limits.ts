/** The largest bundle any registry may offer, compressed: the archive limit and what gzip adds at worst. */
export const MAX_BLOB_BYTES = 33 * 1024 * 1024;

/** The largest receipt, as `parseReceipt` of @sheaf/bundle has it. */
export const MAX_RECEIPT_BYTES = 256 * 1024;

/** The largest document of log events, as `parseStanding` of @sheaf/bundle has it. */
export const MAX_STANDING_BYTES = 1024 * 1024;

/** The largest README that is shown. */
export const MAX_README_BYTES = 2 * 1024 * 1024;
