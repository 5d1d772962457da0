import { scrub } from './kernel/logging/scrub.js';

/** What is wrong with the environment, a line each. */
export class BadConfiguration extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

const REACHING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
]);

/** One clear line for each thing that kept Relais from starting; no stack, no secret. */
export function startFailure(error: unknown): string {
  if (error instanceof BadConfiguration)
    return error.problems.map(problem => `Relais cannot start: ${problem}`).join('\n');
  return `Relais cannot start: ${reasonOf(error)}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return scrub(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'EADDRINUSE') return `port ${portOf(error)} is in use; stop what listens there, or set PORT`;
  if (code === 'EACCES' && portOf(error) !== '')
    return `port ${portOf(error)} may not be used by this user; set PORT to one above 1023`;
  if (REACHING.has(code) || /timeout exceeded when trying to connect|Connection terminated/.test(error.message)) {
    return `the database of DATABASE_URL cannot be reached (${code || 'time-out'}); is it running, and is the address right?`;
  }
  return scrub(error.message.split('\n')[0] ?? error.name);
}

const portOf = (error: Error): string => ('port' in error ? String(error.port) : '');
