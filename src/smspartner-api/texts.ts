import { type Sentence, Worded } from './wire/answer.js';

/**
 * Every sentence of the drop-in API, in French. Those of the page "Envoi unitaire" stand exactly as there, in both of its
 * wordings; the others say what is wrong and how to mend it.
 */

// Section "Code de contrôle" of the page, and its later editions.
export const KEY_REQUIRED = 'La Clé API est requise';
export const NUMBER_REQUIRED = 'Le numéro de téléphone est requis';
export const MESSAGE_ID_REQUIRED = "L'ID du message est requis";
export const MESSAGE_UNKNOWN = 'Message introuvable';
export const KEY_WRONG = 'Clé API incorrecte';
export const NO_CREDIT = 'Manque de crédits';
export const ACCOUNT_DISABLED =
  "Ce compte est désactivé : rien de nouveau n'est accepté. Contactez l'administrateur de la plateforme.";
export const ACCESS_REFUSED =
  "Accès à l'API refusé : cette clé API n'a pas les droits nécessaires. Demandez une clé qui les a.";
export const ADDRESS_REFUSED =
  "Adresse IP non autorisée pour cette clé API. Faites ajouter l'adresse depuis laquelle vous appelez.";
export const TOO_MANY_NUMBERS =
  "La limite d'envoi sur une seule requête est de 500 numéros. Répartissez-les sur plusieurs requêtes.";
export const NO_NUMBER =
  "Aucun numéro de téléphone auquel envoyer. Indiquez-en au moins un, par exemple '+33612345678'.";

// The request itself.
export const MALFORMED_BODY =
  'Le corps de la requête n\'est pas un objet JSON valide (UTF-8). Vérifiez notamment que le caractère " est échappé (\\").';
export const BODY_TOO_LARGE =
  "Le corps de la requête n'est pas valide : il dépasse 2 Mio. Répartissez l'envoi sur plusieurs requêtes.";
export const BROKEN_REQUEST =
  "La requête n'est pas valide : elle est mal formée ou incomplète. Rien n'a été envoyé ; renvoyez-la en entier.";
export const SLOW_REQUEST =
  "La requête n'est pas valide : elle n'est pas arrivée en entier à temps. Rien n'a été envoyé ; renvoyez-la en entier.";
export const UNKNOWN_PATH = "Cette adresse n'existe pas. Vérifiez l'URL appelée, par exemple /v1/send.";
export const wrongMethod = (method: string): string =>
  `Cette méthode HTTP n'est pas acceptée ici. Utilisez ${method} pour cette adresse.`;
export const INTERNAL_FAILURE =
  "Une erreur interne est survenue ; elle est journalisée. Vérifiez l'état du message avant de recommencer, ou " +
  'recommencez avec le même en-tête Idempotency-Key.';
export const UNAVAILABLE =
  'Le service est momentanément indisponible. Recommencez dans un instant, avec le même en-tête Idempotency-Key si ' +
  'vous en aviez donné un.';
export const TOO_MANY_REQUESTS = 'Trop de requêtes en peu de temps. Patientez un instant avant de recommencer.';
export const KEY_USED_BEFORE =
  'Cet en-tête Idempotency-Key a déjà servi pour une autre requête. Utilisez une nouvelle clé pour un nouvel envoi.';

// Fields.
export const INVALID_VALUE = "Cette valeur n'est pas valide.";
export const INVALID_FLAG = "Cette valeur n'est pas valide. Indiquez 1 ou 0.";
export const TEXT_REQUIRED = 'Le message est requis';
export const TEXT_BLANK =
  "Le message est requis : celui-ci n'a que des blancs ou des caractères supprimés lors de l'envoi";
export const TOO_MANY_PARTS =
  'Le message dépasse 10 SMS (1530 caractères, ou 670 en Unicode, mention STOP comprise). Raccourcissez-le ou ' +
  'envoyez-le en plusieurs messages.';
export const ECO_TOO_LONG =
  'Un message de la gamme Low Cost est limité à 160 caractères (70 en Unicode). Raccourcissez-le ou utilisez la gamme 1.';
export const ECO_STOP_REQUIRED =
  'Un SMS commercial de la gamme Low Cost doit contenir la mention NoPub=STOP. Ajoutez-la au message.';
export const UNICODE_NOT_ALLOWED =
  "Le SMS unicode n'est pas activé sur ce compte. Envoyez sans isUnicode, ou demandez son activation à un administrateur.";
export const SENDER_INVALID =
  "L'émetteur doit comporter entre 3 et 11 lettres (sans accent), chiffres ou espaces, dont au moins une lettre.";
export const SENDER_NOT_ALLOWED =
  "Cet émetteur n'est pas autorisé pour ce compte. Utilisez un émetteur autorisé ou demandez à un administrateur.";
export const TAG_INVALID =
  'Le tag doit comporter entre 1 et 20 caractères, sans espace et en minuscules, par exemple promo-juin.';
export const TAG_REQUIRED = 'Le tag est requis';
export const GAMME_INVALID = 'La gamme doit être 1 (Premium) ou 2 (Low Cost).';
export const URL_INVALID =
  "Cette adresse n'est pas acceptée. Indiquez une URL http ou https complète et joignable depuis Internet, sans " +
  'identifiants, par exemple https://www.exemple.fr/dlr.';
export const CATEGORY_REFUSED =
  "Ce compte ne permet pas d'envoyer des SMS de la catégorie de cette clé API. Demandez à un administrateur.";
export const IDEMPOTENCY_KEY_INVALID =
  "L'en-tête Idempotency-Key doit comporter entre 1 et 255 caractères ASCII imprimables.";
export const LIST_REQUIRED = 'La liste est requise : indiquez au moins une entrée avec phoneNumber et messageId.';
export const DATE_INVALID =
  "La date n'est pas valide. Indiquez un jour existant au format dd/mm/YYYY, par exemple 21/10/2030.";
export const DATE_TOO_FAR = 'La date est trop lointaine : elle doit être dans les 366 jours à venir.';
export const MINUTE_REQUIRED = 'La minute est requise';
export const HOUR_REQUIRED = "L'heure est requise";
export const MINUTE_INVALID =
  "La minute n'est pas valide. Indiquez un nombre de 0 à 55, par intervalle de cinq minutes.";
export const HOUR_INVALID =
  "L'heure n'est pas valide. Indiquez un nombre entier de 0 à 24 (24 : minuit à la fin du jour, minute 0).";

export const SENDER_TOO_LONG = new Worded(
  "L'emetteur ne peut pas etre plus long que 11 caracteres",
  "L'émetteur ne peut pas être plus long que 11 caractères",
);

/** `moment`: "21/11/2014 à 09:05", or "21/11/2014 à :" where no time was given. */
export const datePast = (moment: string): Sentence =>
  new Worded(
    `La date (${moment}) est anterieure a la date actuelle.`,
    `La date (${moment}) est anterieure à la date actuelle. Si vous souhaitez l'envoyer maintenant vous devez ` +
      'sélectionner [Envoi immédiat]',
  );

export const numberInvalid = (asGiven: string): Sentence =>
  new Worded(
    `Ce numero de telephone n'est pas valide (${asGiven})`,
    `Ce numéro de téléphone n'est pas valide (${asGiven})`,
  );
export const numberIsNoMobile = (asGiven: string): string =>
  `Ce numéro n'est pas celui d'un mobile et ne peut pas recevoir de SMS (${asGiven}). Indiquez un numéro de mobile.`;
export const numberHasNoPrice = (asGiven: string): string =>
  `Aucun tarif n'est prévu pour ce numéro dans cette gamme (${asGiven}). Retirez-le ou demandez à un administrateur.`;
export const numberOptedOut = (asGiven: string): string =>
  `Ce numéro est inscrit sur la liste STOP et ne reçoit plus vos SMS commerciaux (${asGiven}).`;

/** `named`: "Ж" (U+0416), … */
export const charactersInvalid = (named: string): string =>
  `Le message contient des caractères qu'aucun SMS ne peut transporter : ${named}. Supprimez-les.`;
export const charactersBeyondGsm = (named: string): string =>
  `Le message contient des caractères hors de l'alphabet SMS : ${named}. Supprimez-les ou remplacez-les, ou envoyez en ` +
  'Unicode (isUnicode : 1) si votre compte le permet.';

// Cancelling and following.
export const CANCELLED = "L'envoi du SMS a été annulé.";
export const CANCELLED_BEFORE = "L'envoi du SMS a déjà été annulé";
export const CANCELLED_TOO_LATE = "Vous ne pouvez pas annuler l'envoi d'un SMS moins de 5 minutes avant son envoi";
export const SENT_ALREADY = 'Vous ne pouvez pas annuler un SMS déjà envoyé';
export const NUMBER_UNKNOWN = 'Numéro introuvable';

// The STOP list.
export const STOP_NUMBER_INVALID = 'Le numéro de téléphone est invalide';
export const STOP_ALREADY_THERE = 'Ce numéro de téléphone est déjà sur la liste STOP';
export const STOP_ID_REQUIRED = "L'ID du numéro STOP est requis";
export const STOP_UNKNOWN = 'Numéro STOP introuvable';
