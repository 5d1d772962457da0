/** Of a document, over HTTP and sockets. Far above the largest honest one; recipients travel as variables or within the body limit. */
export const MAX_TOKENS = 50_000;
