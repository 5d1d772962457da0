import { expect, test } from 'vitest';
import { answerAccepted } from '../../../src/smspartner-api/sending/accepted-answers.js';
import { refusal } from '../../../src/smspartner-api/wire/answer.js';
import * as texts from '../../../src/smspartner-api/texts.js';
import { writeJson } from '../../../src/smspartner-api/wire/write-json.js';
import { refused, xml } from './asked.js';

const ACCEPTED = {
  message: { number: 307, currency: 'EUR' },
  cost: '0.0380',
  smsCount: 1,
  scheduledFor: null,
  heldUntil: null,
};

/** The bodies of the page "Envoi unitaire", whole; only the line breaks between the parts are taken out. */
const PAGE = {
  acceptedJson: `{"success":true,"code":200,"message_id":307,"nb_sms":1,"cost":0.038,"currency":"EUR"}`,
  acceptedXml:
    "<?xml version='1.0' encoding='UTF-8'?><result><entry>true</entry><entry>200</entry><entry>306</entry>" +
    '<entry>1</entry><entry>0.038</entry><entry><![CDATA[EUR]]></entry></result>',
  errorsJson:
    String.raw`{"success":false,"code":9,"errors":[` +
    String.raw`{"elementId":"children[message].data","message":"Le message est requis"},` +
    String.raw`{"elementId":"children[phoneNumbers].data","message":"Ce numero de telephone n'est pas valide (922264)"},` +
    String.raw`{"elementId":"children[sender].data","message":"L'emetteur ne peut pas etre plus long que 11 caracteres"},` +
    String.raw`{"elementId":"children[scheduledDeliveryDate].data","message":"La date (21/11/2014 \u00e0 :) est anterieure a la date actuelle."},` +
    String.raw`{"elementId":"children[minute].data","message":"La minute est requise"},` +
    String.raw`{"elementId":"children[time].data","message":"L'heure est requise"}]}`,
  errorsXml:
    "<?xml version='1.0' encoding='UTF-8'?><result><entry>false</entry><entry>9</entry><entry>" +
    '<entry><entry>children[message].data</entry><entry>Le message est requis</entry></entry>' +
    "<entry><entry>children[phoneNumbers].data</entry><entry>Ce numéro de téléphone n'est pas valide (922264)</entry></entry>" +
    "<entry><entry>children[sender].data</entry><entry>L'émetteur ne peut pas être plus long que 11 caractères</entry></entry>" +
    '<entry><entry>children[scheduledDeliveryDate].data</entry><entry>La date (21/11/2014 à :) est anterieure à la date ' +
    "actuelle. Si vous souhaitez l'envoyer maintenant vous devez sélectionner [Envoi immédiat]</entry></entry>" +
    '<entry><entry>children[minute].data</entry><entry>La minute est requise</entry></entry>' +
    "<entry><entry>children[time].data</entry><entry>L'heure est requise</entry></entry></entry></result>",
};

test('the success of the page, in JSON and in XML', () => {
  expect(writeJson(answerAccepted(ACCEPTED).body)).toBe(PAGE.acceptedJson);
  expect(xml(answerAccepted({ ...ACCEPTED, message: { ...ACCEPTED.message, number: 306 } }))).toBe(PAGE.acceptedXml);
});

test('a scheduled one says when, and one held by quiet hours until when, in Paris time and in this order', () => {
  const scheduledFor = new Date('2018-08-18T18:00:00Z');
  expect(writeJson(answerAccepted({ ...ACCEPTED, scheduledFor }).body)).toBe(
    PAGE.acceptedJson.replace('}', ',"scheduledDeliveryDate":"2018-08-18 20:00:00"}'),
  );
  expect(
    writeJson(answerAccepted({ ...ACCEPTED, scheduledFor, heldUntil: new Date('2018-08-20T06:00:00Z') }).body),
  ).toBe(
    PAGE.acceptedJson.replace(
      '}',
      ',"scheduledDeliveryDate":"2018-08-18 20:00:00","pausedUntil":"2018-08-20 08:00:00"}',
    ),
  );
});

test('the errors of the page: everything wrong with one request, in JSON and in XML', () => {
  const answer = refused({ phoneNumbers: '922264', sender: 'monentreprise', scheduledDeliveryDate: '21/11/2014' });
  expect(answer.status).toBe(400);
  expect(writeJson(answer.body)).toBe(PAGE.errorsJson);
  expect(xml(answer)).toBe(PAGE.errorsXml);
});

test.each([
  [1, texts.KEY_REQUIRED, String.raw`La Cl\u00e9 API est requise`],
  [2, texts.NUMBER_REQUIRED, String.raw`Le num\u00e9ro de t\u00e9l\u00e9phone est requis`],
  [10, texts.KEY_WRONG, String.raw`Cl\u00e9 API incorrecte`],
  [11, texts.NO_CREDIT, String.raw`Manque de cr\u00e9dits`],
])('code %i of the page', (code, text, written) => {
  const { body } = refusal(code, text);
  expect(writeJson(body)).toBe(`{"success":false,"code":${code},"message":"${written}"}`);
  expect(xml({ body })).toBe(
    `<?xml version='1.0' encoding='UTF-8'?><result><entry>false</entry><entry>${code}</entry><entry>${text}</entry></result>`,
  );
});
