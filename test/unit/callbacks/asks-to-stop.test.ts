import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asksToStop } from '../../../src/callbacks/replies/asks-to-stop.js';

const STOPS = [
  'STOP',
  'stop',
  'stop.',
  'Stop!',
  'STOP!!!!',
  ' stop ',
  'STOP\n',
  '"STOP"',
  '« Stop »',
  '“stop”',
  "'stop'",
  '(STOP)',
  'STOP ?',
  'Stop 🙏',
  'STOP 🛑🛑',
  '🛑',
  'STOP✋',
  'S T O P',
  'S.T.O.P.',
  's-t-o-p',
  'ST0P',
  'STOOOOP',
  'stoppp',
  'sttop',
  'sotp',
  'STOP',
  'Stop\u200b',
  'STOP SMS',
  'STOPSMS',
  'stop pub',
  'StopPub',
  'stop 36180',
  'stop36180',
  'STOP au 36180',
  'Stop merci',
  'stop svp',
  'stop s’il vous plaît',
  'svp stop',
  'merci STOP',
  'Bonjour, stop',
  'Bonjour stop merci',
  'Non, stop !',
  'Non merci stop',
  'No thanks, stop',
  'Non. Stop.',
  'Pas intéressé, stop',
  'pas interesse. STOP',
  'Je ne suis pas intéressée\nSTOP',
  'stop stop stop',
  'Stop à vos messages',
  'STOP à la pub !',
  "Stop j'en ai marre",
  'STOP pas intéressé',
  'STOP pourquoi je reçois ça ?',
  'Stop je ne veux plus recevoir vos SMS, ça suffit maintenant, vous êtes pénibles',
  'STOP je n’ai jamais rien commandé chez vous et je me demande où vous avez trouvé mon numéro de téléphone. Répondez. STOP',
  'je veux stop',
  'mettez moi stop',
  'Arret',
  'ARRÊT',
  'arrêt',
  'ARRE\u0302T',
  'arrêt pub',
  'Arrêt SMS merci',
  'Arrêtez',
  'arretez svp',
  'Arrêter',
  'Arrêtez vos SMS',
  "Arrêtez de m'envoyer des messages",
  'arretez de me harceler',
  'Cessez vos maudits SMS',
  'stoppez',
  'Stopper',
  'stopper les pubs svp',
  'DESABONNER',
  'désabonnement',
  'Désabonnez-moi',
  'desabo',
  'Je souhaite me désabonner',
  'Comment se désabonner ?',
  'DÉSINSCRIRE',
  'desinscription',
  'désinscrivez moi de votre liste',
  'desinscrir',
  'UNSUBSCRIBE',
  'unsub',
  'opt out',
  'OPT-OUT',
  'optout',
  'STOPALL',
  'stop all',
  'QUIT',
  'please stop',
  'Stop texting me',
  'remove me from your list',
  'no more texts',
  'take me off',
  'Je ne veux plus recevoir de SMS',
  'je veux plus recevoir vos pubs',
  'Ne plus me contacter',
  "Merci de ne plus m'envoyer de messages",
  'Ne m’envoyez plus rien',
  "n'envoyez plus",
  'Plus de pub svp',
  'Retirez-moi de votre liste',
  'supprimez mon numéro',
];

const OTHERS = [
  '',
  ' ',
  '...',
  '👍',
  'Oui',
  'OK merci',
  'Non',
  'non merci',
  'ne vous arrêtez pas',
  'Ne vous arretez pas !',
  "n'arrêtez pas",
  'arrêtez pas',
  'Arrêtez jamais',
  'surtout ne vous arrêtez pas, continuez',
  'non stop',
  'non-stop',
  'NON STOP 24h/24',
  'Ouvert non-stop ?',
  'tout non stop',
  "stop c'est quoi ?",
  'Stop quoi ?',
  'STOP ça veut dire quoi',
  "C'est quoi STOP ?",
  'Que veut dire STOP ?',
  'what does STOP mean?',
  'stop ou encore ?',
  'pas stop',
  'jamais stop',
  "don't stop",
  "Please don't stop",
  "can't stop",
  'ne dites pas stop',
  'je fais du stop',
  'en auto-stop',
  'tournez au stop',
  'stop motion',
  'bus stop',
  'Arrêt maladie',
  'arrêt de travail jusqu’au 12',
  "Je suis à l'arrêt de bus devant la gare",
  'Ma commande est arrêtée où ?',
  'Le bus ne marque pas le stop devant chez vous le dimanche matin',
  'Ne me désabonnez pas',
  'je ne veux pas me désabonner',
  "Don't unsubscribe me",
  'Je désire recevoir vos offres',
  'Je confirme mon rendez-vous de demain',
  'top !',
  'stp rappelez-moi',
  'Stopover in Paris?',
  'Christophe',
  'Estoppel',
];

describe('a text asks to stop', () => {
  test.each(STOPS)('%j', text => {
    expect(asksToStop(text)).toBe(true);
  });
});

describe('a text asks for something else', () => {
  test.each(OTHERS)('%j', text => {
    expect(asksToStop(text)).toBe(false);
  });
});

const decoration = fc.stringMatching(/^[ \t\n.,;:!"'()«»“”…*_👍🙏😡-]{0,6}$/u);
const inAnyCase = (word: string) =>
  fc
    .array(fc.boolean(), { minLength: word.length, maxLength: word.length })
    .map(large => [...word].map((letter, at) => (large[at] === true ? letter.toUpperCase() : letter)).join(''));

describe('whatever is written round it', () => {
  test('a STOP in any case, with any punctuation, quotes, emoji and accents as two characters, is one', () => {
    const words = fc.constantFrom('stop', 'arrêt', 'arrêtez', 'désabonner', 'désinscription', 'unsubscribe');
    fc.assert(
      fc.property(words.chain(inAnyCase), decoration, decoration, fc.boolean(), (word, before, after, apart) => {
        const text = `${before}${word}${after}`;
        expect(asksToStop(apart ? text.normalize('NFD') : text)).toBe(true);
      }),
    );
  });

  test('every letter may be doubled', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 4, maxLength: 4 }), ([s, t, o, p]) => {
        expect(asksToStop('s'.repeat(s ?? 1) + 't'.repeat(t ?? 1) + 'o'.repeat(o ?? 1) + 'p'.repeat(p ?? 1))).toBe(
          true,
        );
      }),
    );
  });

  test('"ne … arrêtez pas" is none, whatever is denied with it', () => {
    const middle = fc.constantFrom('vous', 'nous', 'surtout', 'vous en prie', '');
    const verb = fc.constantFrom('arrêtez', 'arretez', 'arrêtons', 'arrêter', 'stoppez');
    const tail = fc.constantFrom('', ' !', ' svp', ' merci', ' maintenant');
    fc.assert(
      fc.property(middle, verb, tail, (vous, arretez, svp) => {
        expect(asksToStop(`ne ${vous} ${arretez} pas${svp}`)).toBe(false);
      }),
    );
  });

  test('a text without any such word asks for nothing, and none is read for long', () => {
    const word = fc.stringMatching(/^[abcdefgijklmnu]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), words => {
        fc.pre(!words.some(one => /abo|inscri|unsub/.test(one)));
        expect(asksToStop(words.join(' '))).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), text => typeof asksToStop(text) === 'boolean'),
    );
    for (const unit of ['s ', 's.', 'stop quoi ', 'ne plus ', 'plus etre ', 'desabo ', '🛑'])
      expect(asksToStop(unit.repeat(50_000))).toEqual(expect.any(Boolean));
  });
});
