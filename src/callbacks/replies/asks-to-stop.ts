import {
  ABOUT_THE_WORD,
  denies,
  isBeside,
  isObject,
  isStop,
  isStopVerb,
  LEAVING,
  makesContrary,
  makesOtherStop,
  NO_MORE,
  plainOf,
  wordsIn,
} from './stop-words.js';

/** A STOP stands at the beginning of what somebody writes, if not alone. */
const LONGEST_READ = 1_000;
const SHORT = 20;
const VERY_SHORT = 5;
const BREAK = /[.,;:!?\n\r]+/;

/**
 * Whether an answer asks for no more commercial SMS. The law (L34-5 CPCE) wants a STOP honoured however it is written, and one
 * that is not heard costs more than one heard by mistake, which a tenant can lift. So, in this order:
 *
 * 1. A question about the word itself ("stop c'est quoi ?") asks for nothing.
 * 2. What means nothing else (désabonner, désinscrire, unsubscribe, "ne plus recevoir") opts out wherever it stands, unless
 *    it is denied ("ne me désabonnez pas").
 * 3. A text of up to 20 words that begins with STOP opts out, whatever follows: "Stop j'en ai marre".
 * 4. So does a sentence, or what stands between commas, of nothing but a word for stop and what people say along with it:
 *    "svp stop", "Non, stop !", "Arrêt pub merci"; and one that begins with such a verb and names SMS: "Cessez vos maudits SMS".
 * 5. So does a text of up to 5 words that ends with STOP: "mettez moi stop"; but not "non stop", "au stop".
 *
 * Case, accents, punctuation, quotes, emoji, doubled letters and letters set apart make no difference.
 */
export function asksToStop(text: string): boolean {
  const plain = plainOf(text.slice(0, LONGEST_READ));
  const words = wordsIn(plain);
  const spoken = words.join(' ');
  if (ABOUT_THE_WORD.test(spoken)) return false;
  if (NO_MORE.test(spoken) || wantsToLeave(spoken)) return true;
  if (beginsWithStop(words) || endsWithStop(words)) return true;
  return plain.split(BREAK).some(part => isNothingButStop(wordsIn(part)));
}

function wantsToLeave(spoken: string): boolean {
  const found = LEAVING.exec(spoken);
  if (found === null) return false;
  const before = wordsIn(spoken.slice(0, found.index)).slice(-4);
  const [after = ''] = wordsIn(spoken.slice(found.index + found[0].length));
  return !before.some(word => denies(word)) && after !== 'pas';
}

function beginsWithStop([first = '', second, ...others]: readonly string[]): boolean {
  return isStop(first) && others.length + 2 <= SHORT && !makesOtherStop(undefined, second);
}

function endsWithStop(words: readonly string[]): boolean {
  const before = words.slice(0, -1);
  if (words.length > VERY_SHORT || !isStop(words.at(-1) ?? '')) return false;
  return !before.some(word => denies(word)) && !makesOtherStop(before.at(-1), undefined);
}

function isNothingButStop(words: readonly string[]): boolean {
  const [first = ''] = words;
  const rest = words.filter(word => !isStop(word) && !isStopVerb(word));
  if (rest.length === words.length || denies(first)) return false;
  const saysStop = words.some(word => isStop(word));
  if (!saysStop && rest.some(word => makesContrary(word))) return false;
  return rest.every(word => isBeside(word)) || (isStopVerb(first) && words.length <= SHORT && rest.some(isObject));
}
