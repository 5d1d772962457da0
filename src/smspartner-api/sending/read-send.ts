import type { Problem, SmsOrder } from '../../messaging/index.js';
import type { Asked } from '../endpoint.js';
import { INVALID, type Read, wordOf } from '../wire/loose-values.js';
import { edgeProblem } from './edge-problems.js';
import { FieldReader } from './field-reader.js';
import { orderInput } from './order-input.js';
import { readOptions } from './read-options.js';

/** "La limite d'envoi sur une seule requête est de 500 numéros." */
export const MOST_NUMBERS = 500;

export interface ReadSend {
  readonly order: SmsOrder;
  readonly moment: string;
  readonly problems: readonly Problem[];
}

/** POST /v1/send (page "Envoi unitaire", "Paramètres") as an order. Whatever cannot be read is among its problems. */
export function readSend(asked: Asked, now: Date): ReadSend {
  const fields = new FieldReader(asked.values);
  const numbers = readNumbers(asked.values['phoneNumbers']);
  const { request, moment, problems: ofOptions } = readOptions(asked, now);
  const text = fields.text('text') ?? '';
  const problems = [...numbers.problems, ...fields.problems, ...ofOptions];
  return {
    order: {
      operation: 'POST /v1/send',
      input: orderInput(asked.values, asked.headers),
      request: { ...request, to: numbers.to, text },
      problems,
    },
    moment,
    problems,
  };
}

/** Missing is told alone, as code 2; commas and nothing else are a list of nobody, code 55. */
export const isNumberMissing = (phoneNumbers: unknown): boolean =>
  Array.isArray(phoneNumbers) ? phoneNumbers.length === 0 : wordOf(phoneNumbers) === null;

/** Separated by commas, with blanks or not; real clients send an array too. */
function readNumbers(given: unknown): { to: readonly string[]; problems: readonly Problem[] } {
  const read: readonly Read<string>[] = Array.isArray(given) ? given.map(wordOf) : [wordOf(given)];
  const to = read.flatMap(part => (typeof part === 'string' ? part.split(',') : []));
  const numbers = to.map(number => number.trim()).filter(number => number !== '');
  if (read.includes(INVALID))
    return { to: numbers.slice(0, MOST_NUMBERS), problems: [edgeProblem(['to'], 'INVALID_VALUE')] };
  if (numbers.length <= MOST_NUMBERS) return { to: numbers, problems: [] };
  return { to: numbers.slice(0, MOST_NUMBERS), problems: [edgeProblem(['to'], 'TOO_MANY_RECIPIENTS')] };
}
