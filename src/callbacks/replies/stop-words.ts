/** Small letters without accents, a sign for stop as the word, letters set apart ("S.T.O.P") put together. */
export function plainOf(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase()
    .replaceAll('🛑', ' stop ')
    .replaceAll(/\bnon?[ ,]+(merci|thanks?)\b/g, '$1')
    .replaceAll(/(?<![\p{L}\d])s[^\p{L}\d\n]{1,3}t[^\p{L}\d\n]{1,3}o[^\p{L}\d\n]{1,3}p(?![\p{L}\d])/gu, 'stop')
    .replaceAll(/(?<![\p{L}\d])st0p(?![\p{L}\d])/gu, 'stop');
}

/** Letters doubled by a heavy thumb, or for emphasis, count once: "stoooop" as "stop", and so "arreter" as "areter". */
export const wordsIn = (plain: string): string[] =>
  (plain.match(/\p{L}+|\d+/gu) ?? []).map(word => word.replaceAll(/(\p{L})\1+/gu, '$1'));

/** Words as they are written, in the form that `wordsIn` gives them. */
const listOf = (words: string): ReadonlySet<string> => new Set(wordsIn(words));

const STOP = listOf('stop stops sotp stpo quit');
const STOP_VERBS = listOf(
  'arret arrets arrete arretes arretez arreter arretons stoppe stoppes stoppez stopper cesse cessez cesser',
);

/** What people say along with a STOP, and turns it into nothing else. */
const BESIDE = listOf(`
  a ai all and au aux avec beaucoup bonjour bonsoir bjr ca ce ces cette cher cordialement d de demande definitif
  definitivement des desormais dire dis du et fini here hello immediatement important it j je jamais l la le les liste m ma
  madame maintenant mas me merci moi mon monsieur mr mme my now numero of ok on oui pas plait please plus pour
  s salut sending sil slt sur svp sit te thanks the to tous tout toute toutes urgent va veuillez veux vite voudrais vos votre
  vous yes stp si`);

/** What is to stop. */
const OBJECTS = listOf(`
  code commercial commerciale commerciales commerciaux communication communications contact contacter demarchage ecrire ecrivez
  envoi envoie envoient envois envoyer envoyez harcelement harceler harcelez info infos information informations mail mails
  marketing message messages newsletter newsletters notification notifications promo promos promotion promotions prospection pub
  publicite publicites pubs recevoir relance relances rappels sms sollicitation sollicitations spam spammer spams texter texto
  textos text texts`);

/** Glued to what comes beside it as well: "stoppub" is one p short by then. */
export const isStop = (word: string): boolean =>
  STOP.has(word) || (word.startsWith('stop') && (isBeside(word.slice(4)) || isBeside(word.slice(3))));
export const isStopVerb = (word: string): boolean => STOP_VERBS.has(word);
export const isObject = (word: string): boolean => OBJECTS.has(word);
export const isBeside = (word: string): boolean => BESIDE.has(word) || OBJECTS.has(word) || /^\d+$/.test(word);

const NEGATIONS = listOf('ne n pas non no not dont don never jamais sans cant can aucun aucune');
export const denies = (word: string): boolean => NEGATIONS.has(word);

/** Of a verb they make the contrary: "arrêtez pas". */
const CONTRARIES = listOf('pas jamais plus');
export const makesContrary = (word: string): boolean => CONTRARIES.has(word);

/** Before a STOP they make another thing of it: the road sign, hitch-hiking, a bus stop. */
const BEFORE_OTHER_STOPS = listOf('un le du au ce auto bus full pit short one next first last door');
const AFTER_OTHER_STOPS = listOf('ou or and motion over loss');
export const makesOtherStop = (before: string | undefined, after: string | undefined): boolean =>
  BEFORE_OTHER_STOPS.has(before ?? '') || AFTER_OTHER_STOPS.has(after ?? '');

/** "stop c'est quoi ?", "que veut dire STOP ?": over words with single blanks between. */
export const ABOUT_THE_WORD =
  /\bstop (?:\d+ )?(?:c est |cest |ca |sa )?(?:quoi|veut dire|signifie|sert|means?)\b|\b(?:quoi|dire|signifie|sert|what is|what does|what s|whats)(?: \w+){0,3} stop\b/;

/** Means nothing else, in any of its forms. */
export const LEAVING = /\b(?:de[sz]?abon\w*|de[sz]?abo|de[sz]inscri\w*|desincri\w*|unsub\w*|opt ?out)\b/;

/** Asks for no more, and says so by itself. */
export const NO_MORE = new RegExp(
  [
    String.raw`\bne (?:veu\w+ |souhait\w+ |desir\w+ )?plus (?:rien |jamais |etre |me |m )*(?:recevoir|contacte\w*|solicite\w*|derange\w*|envoye\w*|ecri\w*)\b`,
    String.raw`\bveux plus (?:rien |jamais |etre )*(?:recevoir|contacte\w*|solicite\w*|derange\w*|de vos|vos)\b`,
    String.raw`\bn(?:e m|e nous)? ?(?:envoye[rz]?|ecrive[rz]|contacte[rz]|solicite[rz]) (?:plus|jamais)\b`,
    String.raw`\b(?:enleve|retire|suprime|eface|radie)[rz]? (?:moi|nous|mon numero|mes coordone\w*|mon nom)\b`,
    String.raw`^(?:merci |svp |bonjour |je veux )*plus (?:de|d|aucun\w*) (?:vos )?(?:sms|pubs?|publicites?|mesages?|promos?|promotions|textos?|relances?)\b`,
    String.raw`\b(?:remove|delete) me\b|\btake me of\b|\bno more (?:sms|texts?|mesages?)\b|\bstop (?:texting|sending|mesaging|contacting)\b`,
  ].join('|'),
);
