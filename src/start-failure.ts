import { scrub } from './kernel/logging/scrub.js';

/** What is wrong with the environment, a line each. */
export class BadConfiguration extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** A database that could not be used, by the variable that names it; null: the embedded one. */
export class DatabaseFailure extends Error {
  constructor(
    readonly variable: string | null,
    override readonly cause: unknown,
  ) {
    super('the database could not be used');
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

const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST']);

/** One clear line for each thing that kept Relais from starting; no stack, no secret. */
export function startFailure(error: unknown): string {
  if (error instanceof BadConfiguration)
    return error.problems.map(problem => `Relais cannot start: ${problem}`).join('\n');
  return `Relais cannot start: ${reasonOf(error)}`;
}

/** One sentence of an error, without stack or secret. */
export function reasonOf(error: unknown): string {
  if (error instanceof DatabaseFailure) return databaseReason(firstOf(error.cause), error.variable);
  const first = firstOf(error);
  if (!(first instanceof Error)) return scrub(String(first));
  const code = codeOf(first);
  const port = 'port' in first ? String(first.port) : '';
  if (code === 'EADDRINUSE') return `port ${port} is in use; stop what listens there, or set PORT`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'HOST is no address of this machine';
  if (code === 'EACCES' && port !== '') return `port ${port} may not be used by this user; set PORT to one above 1023`;
  if (FORBIDDEN.has(code) && 'path' in first) {
    return `${String(first.path)} cannot be written by this user; set RELAIS_DATA_DIR to a folder that can`;
  }
  return sentenceOf(first);
}

/** By the codes of Node and PostgreSQL; https://www.postgresql.org/docs/18/errcodes-appendix.html */
function databaseReason(error: unknown, variable: string | null): string {
  if (!(error instanceof Error)) return scrub(String(error));
  const code = codeOf(error);
  const database = variable === null ? 'the embedded database' : `the database of ${variable}`;
  if (REACHING.has(code) || /timeout exceeded when trying to connect|Connection terminated/.test(error.message)) {
    return `${database} cannot be reached (${code || 'time-out'}); is it running, and is the address right?`;
  }
  if (code === '28P01') return `${database} refuses the user or the password in it`;
  if (code === '28000') return `${database} refuses the user in it, or wants TLS (then add ?sslmode=require)`;
  if (code === '3D000') return `${database} does not exist on its server; create it, or mend the name`;
  if (code === '57P03') return `${database} is starting or stopping; try again shortly`;
  if (code === '53300') return `${database} has no connection left; raise max_connections or lower DATABASE_POOL_SIZE`;
  return error.message.startsWith('DATABASE_') ? sentenceOf(error) : `${database}: ${sentenceOf(error)}`;
}

/** Several addresses tried are several errors; the first says enough. */
const firstOf = (error: unknown): unknown => (error instanceof AggregateError ? firstOf(error.errors[0]) : error);

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

const sentenceOf = (error: Error): string => scrub(error.message.split('\n')[0] || error.name);
