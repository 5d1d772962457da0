import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanReason, joinReasons } from '../../../src/providers/smspartner/clean-reason.js';

const SECRETS = { text: 'Bonjour Marie,\nvotre rendez-vous est confirmé', apiKey: 'abcdef0123456789' };

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
  expect(cleanReason(message, SECRETS)).toBe(clean);
});

test('whatever stands around them, four digits in a row do not pass', () => {
  const digits = fc.array(fc.constantFrom('1', '2', '9', ' ', '(', ')', '-', 'a', 'é', '…', '\n', '٣'), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(digits, pieces => {
      expect(cleanReason(pieces.join(''), SECRETS)).not.toMatch(/\p{Nd}(?:[^\p{L}\p{Nd}]{0,2}\p{Nd}){3}/u);
    }),
  );
});

test('a text echoed anywhere does not pass', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, maxLength: 200 }), fc.string({ maxLength: 20 }), (text, around) => {
      const clean = cleanReason(`${around}${text}${around}`, { text, apiKey: '' });
      expect(text.trim().length >= 4 && clean.includes(text)).toBe(false);
    }),
  );
});

test('reasons are joined, each once, and stay short', () => {
  expect(joinReasons(['a', '', 'b', 'a'])).toBe('a; b');
  expect(joinReasons(Array.from({ length: 200 }, (_, index) => `reason ${index}`)).length).toBeLessThanOrEqual(300);
});
