/** One message of a server, in bytes. */
export const MAX_MESSAGE_BYTES = 8 * 1_048_576;
/** All of one answer over HTTP, which may be many messages. */
export const MAX_STREAM_BYTES = 64 * 1_048_576;
/** Tools of one server that are looked at. */
export const MAX_TOOLS = 2_000;
/** How long a server has to end by itself after its input has. */
export const GOODBYE_MS = 2_000;
