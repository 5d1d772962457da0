import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinReasons, ReasonCleaner } from '../../../src/providers/smspartner/clean-reason.js';

const SECRETS = { texts: ['Bonjour Marie,\nvotre rendez-vous est confirmé'], apiKey: 'abcdef0123456789' };

const cleanReason = (message: string, secrets = SECRETS): string => new ReasonCleaner(secrets).clean(message);

test.each([
  ['Le message est requis', 'Le message est requis'],
  ["Ce numéro n'est pas valide (922264)", "Ce numéro n'est pas valide"],
  ['Le 06 12.34-56/78 est refusé', 'Le est refusé'],
  ['160 caractères, 10 parties', '160 caractères, 10 parties'],
  ['Refusé : "Bonjour Marie, votre rendez-vous"', 'Refusé : "…"'],
  ['Clé abcdef01… incorrecte', 'Clé …… incorrecte'],
  ['Jeton Zx9_aaaaBBBBccccDDDDeeee inconnu', 'Jeton … inconnu'],
  ['ligne\r\n\tsuivante', 'ligne suivante'],
])('%j becomes %j', (message, clean) => {
  expect(cleanReason(message)).toBe(clean);
});

test('whatever stands around them, four digits in a row do not pass', () => {
  const digits = fc.array(fc.constantFrom('1', '2', '9', ' ', '(', ')', '-', 'a', 'é', '…', '\n', '٣'), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(digits, pieces => {
      expect(cleanReason(pieces.join(''))).not.toMatch(/\p{Nd}(?:[^\p{L}\p{Nd}]{0,2}\p{Nd}){3}/u);
    }),
  );
});

test('a text echoed anywhere does not pass', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, maxLength: 200 }), fc.string({ maxLength: 20 }), (text, around) => {
      const clean = cleanReason(`${around}${text}${around}`, { texts: ['Un autre texte', text, ''], apiKey: '' });
      expect(text.trim().length >= 4 && clean.includes(text)).toBe(false);
    }),
  );
});

test('of many texts none passes, long or short, nor two of them in a row', () => {
  const long = Array.from(
    { length: 500 },
    (_, index) => `Bonjour client ${'abcdefghij'.charAt(index % 10)}${index}, à demain`,
  );
  const cleaner = new ReasonCleaner({ texts: [...long, 'Salut', 'Oui'], apiKey: 'abcdef0123456789' });
  expect(cleaner.clean(`Refusé : ${long[7]}`)).toBe('Refusé : …');
  expect(cleaner.clean(`Refusé : «${long[499]}${long[3]}»`)).toBe('Refusé : «…»');
  expect(cleaner.clean('Le texte Salut est trop court')).toBe('Le texte … est trop court');
  // Three letters are in any word.
  expect(cleaner.clean('Oui, bonjour')).toBe('Oui, bonjour');
});

const word = (index: number): string => `${index * 7919}`.padStart(10, 'abcdefghij');

test('500 texts of the greatest length and as many sentences are cleaned in a moment', () => {
  const texts = Array.from({ length: 500 }, (_, text) =>
    Array.from({ length: 153 }, (_unused, index) => word(text * 153 + index)).join(''),
  );
  const started = performance.now();
  const cleaner = new ReasonCleaner({ texts, apiKey: 'abcdef0123456789' });
  for (const text of texts) expect(cleaner.clean(`Refusé : ${text.slice(100, 200)}`)).toBe('Refusé : …');
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('reasons are joined, each once, and stay short', () => {
  expect(joinReasons(['a', '', 'b', 'a'])).toBe('a; b');
  expect(joinReasons(Array.from({ length: 200 }, (_, index) => `reason ${index}`)).length).toBeLessThanOrEqual(300);
});
