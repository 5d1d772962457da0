import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { codesOf, composed, problemsOf, SENDABLE, WORDING } from './examples.js';

const COMMERCIAL = { category: 'COMMERCIAL' } as const;
const ECO = { category: 'COMMERCIAL', route: 'ECO' } as const;

test('a commercial PREMIUM text always gets the mention', () => {
  for (const stopMention of [false, true]) {
    expect(composed('Soldes', { ...COMMERCIAL, stopMention })).toMatchObject({
      bareText: 'Soldes',
      sentText: 'Soldes STOP au 36180',
      appendStop: true,
      replaced: [],
    });
  }
});

test('a transactional PREMIUM text gets it where asked for', () => {
  expect(composed('Code 1234')).toMatchObject({ sentText: 'Code 1234', appendStop: false });
  expect(composed('Code 1234', { stopMention: true })).toMatchObject({
    bareText: 'Code 1234',
    sentText: 'Code 1234 STOP au 36180',
    appendStop: true,
  });
});

test.each([
  'STOP 36180',
  'STOP au 36180',
  'stop au 36 180',
  'Stop SMS au 36034',
  'STOP SMS: 36111',
  'STOP SMS : 36111.',
  'STOP par SMS au 36111',
  'STOP=36111',
  'STOP: 36111',
  'STOP36111',
  'NoPub=STOP',
  'Promo STOPSMS 36180',
  'Stop pub: 36063',
  'STOP au 36180 (gratuit)',
  'nopub=stop',
  'STOP au 36180.',
  '(STOP au 36180)',
  'STOP au 36180 !\n',
])('a text that ends with %j gets none', mention => {
  for (const unicode of [false, true]) {
    const text = composed(`Soldes -50%. ${mention}`, { ...COMMERCIAL, unicode });
    expect(text.appendStop).toBe(false);
    expect(text.sentText).toBe(text.bareText);
  }
});

test('a mention is found in the text as replaced, in GSM, and with its narrow blanks in Unicode', () => {
  expect(composed('Soldes «STOP\u00A0au\u202F36180»', COMMERCIAL).sentText).toBe('Soldes "STOP au 36180"');
  expect(composed('Soldes STOP\u00A0au\u202F36180', { ...COMMERCIAL, unicode: true }).appendStop).toBe(false);
  expect(composed('Soldes ~STOP au [36180]', COMMERCIAL).appendStop).toBe(true);
});

test.each([
  'arrêt au prochain stop',
  'STOP the car 12 times',
  'STOP',
  'STOP au 36180, puis entrez',
  'NoPub=STOP et bienvenue',
  'nonstop 36180',
  'stop 3618',
  'stop 361800',
  'stop 75011',
  'appelez le 36180',
])('a text that merely says %j gets the mention', text => {
  expect(composed(text, COMMERCIAL).appendStop).toBe(true);
});

test('the configured wording itself is a mention, whatever it says', () => {
  const options = { ...COMMERCIAL, stopWording: 'Désinscription (relais.example/stop?)' };
  expect(composed('Soldes', options).sentText).toBe('Soldes Désinscription (relais.example/stop?)');
  expect(composed('Soldes désinscription (RELAIS.example/stop', options).appendStop).toBe(false);
  expect(composed('Soldes désinscription (relaisXexample/stop', options).appendStop).toBe(true);
});

test('the wording is replaced like the text, and this is not reported as the tenant’s', () => {
  const options = { ...COMMERCIAL, stopWording: ' Arrêt : répondez STOP ' };
  expect(composed('Soldes', options)).toMatchObject({ sentText: 'Soldes Arret : répondez STOP', replaced: [] });
  expect(composed('Soldes Arrêt : répondez STOP', options).appendStop).toBe(false);
  expect(composed('Soldes', { ...options, unicode: true }).sentText).toBe('Soldes Arrêt : répondez STOP');
});

test('a wording that says nothing, or that GSM cannot carry, is a fault of the configuration', () => {
  expect(() => composed('Soldes', { ...COMMERCIAL, stopWording: ' ' })).toThrow('wording is empty');
  expect(() => composed('Soldes', { ...COMMERCIAL, stopWording: '...' })).toThrow('wording is empty');
  expect(() => composed('Soldes', { ...COMMERCIAL, stopWording: 'СТОП' })).toThrow('outside GSM');
});

test('one blank stands before the mention, none where the text ends with one', () => {
  expect(composed('Soldes ', COMMERCIAL).sentText).toBe('Soldes STOP au 36180');
  expect(composed('Soldes\n', COMMERCIAL).sentText).toBe('Soldes\nSTOP au 36180');
  expect(composed('Soldes:br:', COMMERCIAL).sentText).toBe('Soldes\r\nSTOP au 36180');
  expect(composed('Soldes\u00A0', { ...COMMERCIAL, unicode: true }).sentText).toBe('Soldes\u00A0STOP au 36180');
});

test('the mention counts in the parts, and may begin a part of its own', () => {
  const mention = WORDING.length + 1;
  expect(composed('a'.repeat(160 - mention), COMMERCIAL).parts).toBe(1);
  expect(composed('a'.repeat(161 - mention), COMMERCIAL)).toMatchObject({ parts: 2 });
  expect(composed('a'.repeat(153), COMMERCIAL).segments).toEqual(['a'.repeat(153), ` ${WORDING}`]);
  expect(composed('Ж'.repeat(70 - mention), { ...COMMERCIAL, unicode: true }).parts).toBe(1);
  expect(composed('Ж'.repeat(71 - mention), { ...COMMERCIAL, unicode: true }).parts).toBe(2);
  expect(codesOf('a'.repeat(1530 - mention), COMMERCIAL)).toEqual([]);
  expect(codesOf('a'.repeat(1531 - mention), COMMERCIAL)).toEqual(['TOO_MANY_PARTS']);
});

const wordings = fc.constantFrom(WORDING, 'STOP 36034', 'Répondez STOP.', '(stop: 38038)', '-Arrêt=NON-', 'a+b');
const bodies = fc.string({
  unit: fc.constantFrom(...SENDABLE, 'ê', '~', ':', '\t', 'STOP 36180', WORDING),
  minLength: 1,
});

test('composing what was sent never doubles the mention', () => {
  fc.assert(
    fc.property(bodies, wordings, fc.boolean(), (body, stopWording, unicode) => {
      const options = { ...COMMERCIAL, stopWording, unicode };
      const { sentText } = composed(`x${body}`, options);
      expect(composed(sentText, options)).toMatchObject({ sentText, appendStop: false });
    }),
  );
});

test('the bare text begins the sent text, and is all of it where nothing is appended', () => {
  fc.assert(
    fc.property(bodies, wordings, fc.boolean(), (body, stopWording, stopMention) => {
      const text = composed(`x${body}`, { stopWording, stopMention });
      expect(text.segments.join('')).toBe(text.sentText);
      expect(text.parts).toBe(text.segments.length);
      expect(text.sentText.startsWith(text.bareText)).toBe(true);
      expect(text.sentText.length > text.bareText.length).toBe(text.appendStop);
    }),
  );
});

test('a commercial ECO text must contain NoPub=STOP itself', () => {
  const [problem, ...others] = problemsOf('Soldes', ECO);
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ field: 'text', code: 'ECO_STOP_REQUIRED' });
  expect(problem?.message).toContain('Add NoPub=STOP to the text, or use the PREMIUM route');
  expect(codesOf('Soldes STOP 36180', ECO)).toEqual(['ECO_STOP_REQUIRED']);
  expect(codesOf('Code 1234', { route: 'ECO' })).toEqual([]);
});

test.each(['NoPub=STOP Soldes', 'Soldes (NoPub=STOP).', 'Soldes No~Pub=STOP!'])('%j satisfies ECO', text => {
  expect(composed(text, ECO)).toMatchObject({ appendStop: false, parts: 1 });
});

test.each(['Soldes nopub=stop', 'Soldes xNoPub=STOP', 'Soldes NoPub=STOPS'])(
  '%j does not: the provider looks to the letter',
  text => {
    expect(codesOf(text, ECO)).toEqual(['ECO_STOP_REQUIRED']);
  },
);

test('nothing is appended on ECO, and asking for it is refused', () => {
  const [problem, ...others] = problemsOf('Code 1234', { route: 'ECO', stopMention: true });
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ field: 'stopMention', code: 'STOP_MENTION_NOT_FOR_ECO' });
  expect(codesOf('NoPub=STOP', { ...ECO, stopMention: true })).toEqual(['STOP_MENTION_NOT_FOR_ECO']);
});
