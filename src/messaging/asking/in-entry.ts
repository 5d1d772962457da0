import type { Problem } from '../messaging.errors.js';

/** Where a problem of an entry stands in the whole: ["messages", "3", "to"]. */
export const inEntry = (index: number, { path, code, message }: Problem): Problem => ({
  path: ['messages', String(index), path[0] === 'to' ? 'to' : path.join('.')],
  code,
  message,
});
