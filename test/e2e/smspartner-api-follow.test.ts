import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { balanceOf } from '../support/messages.js';
import { escaped, faults, idIn, json, refusal, SmsPartnerClient, xml } from '../support/smspartner-client.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

// Monday 12 January 2026, 11:00 in Paris: open.
const NOW = '2026-01-12T10:00:00Z';
const UNIX = Date.parse(NOW) / 1_000;
const NUMBER = '+33612345678';
const OTHER = '+33612345679';
/** The simulator says of it that it was not delivered. */
const LOST = '+33612340002';

let app: TestApp;
let tenant: TestTenant;
let client: SmsPartnerClient;
/** Of another tenant, to whom all that the first one has is unknown. */
let stranger: SmsPartnerClient;

beforeEach(async () => {
  app = await appAt(NOW);
  tenant = await app.tenant({ name: 'Boutique' });
  client = new SmsPartnerClient(app.url, tenant.key);
  stranger = new SmsPartnerClient(app.url, (await app.tenant({ name: 'Autre' })).key);
});
afterEach(() => app.close());

const UNKNOWN = refusal(4, 'Message introuvable');
const NUMBER_MISSING = refusal(2, 'Le numéro de téléphone est requis');
const ID_MISSING = refusal(3, "L'ID du message est requis");

/** Leaves, and two seconds later the receipts come. */
async function settled(): Promise<void> {
  await app.tick();
  app.clock.advance({ seconds: 2 });
  await app.tick();
}

const statusOf = (messageId: string | number, phoneNumber = NUMBER) =>
  client.get('/v1/message-status', { messageId, phoneNumber });

describe('message-status', () => {
  test('from waiting to delivered, or not', async () => {
    const id = await client.accepted({ phoneNumbers: `${NUMBER},${LOST}` });
    const told = (number: string, date: string, statut: string): string =>
      `{"success":true,"code":200,"number":"${number}","messageId":"${id}","stopSms":false,"date":"${date}",` +
      `"statut":"${statut}","cost":0.045,"countryCode":"FR","currency":"EUR"}`;
    expect(await statusOf(id)).toEqual(json(200, told(NUMBER, '2026-01-12 11:00:00', 'Waiting')));
    await settled();
    expect(await statusOf(id)).toEqual(json(200, told(NUMBER, '2026-01-12 11:00:02', 'Delivered')));
    expect((await statusOf(id, '0612340002')).body).toBe(told('0612340002', '2026-01-12 11:00:02', 'Not delivered'));
    await client.post('/v1/stop-sms/add', { phoneNumber: NUMBER });
    expect((await statusOf(id)).body).toContain('"stopSms":true');
  });

  test('in XML', async () => {
    const id = await client.accepted();
    expect(await client.get('/v1/message-status', { messageId: id, phoneNumber: NUMBER, _format: 'xml' })).toEqual(
      xml(
        200,
        `<entry>true</entry><entry>200</entry><entry><![CDATA[${NUMBER}]]></entry><entry><![CDATA[${id}]]></entry>` +
          '<entry>false</entry><entry><![CDATA[2026-01-12 11:00:00]]></entry><entry><![CDATA[Waiting]]></entry>' +
          '<entry>0.045</entry><entry><![CDATA[FR]]></entry><entry><![CDATA[EUR]]></entry>',
      ),
    );
  });

  test('what is missing, what is unknown, what is of another tenant', async () => {
    const id = await client.accepted();
    expect(await client.get('/v1/message-status', { messageId: id })).toEqual(NUMBER_MISSING);
    expect(await client.get('/v1/message-status', { phoneNumber: NUMBER })).toEqual(ID_MISSING);
    for (const unknown of [id + 1, 0, -1, 2 ** 31, 2 ** 60, '1e3', "1' or '1'='1", 'abc'])
      expect(await statusOf(unknown)).toEqual(UNKNOWN);
    for (const number of [OTHER, '922264', 'abc']) expect(await statusOf(id, number)).toEqual(UNKNOWN);
    expect(await stranger.get('/v1/message-status', { messageId: id, phoneNumber: NUMBER })).toEqual(UNKNOWN);
  });
});

const pairOf = (messageId: unknown, phoneNumber: string) => ({ phoneNumber, messageId });
const notFound = (messageId: number, phoneNumber: string): string =>
  `{"success":false,"code":4,"phoneNumber":"${phoneNumber}","messageId":${messageId},"status":"${escaped('Numéro introuvable')}"}`;
const found = (messageId: number, phoneNumber: string, status: string): string =>
  `{"success":true,"code":200,"phoneNumber":"${phoneNumber}","messageId":${messageId},"status":"${status}",` +
  `"date":"${UNIX + 2}","stopSms":"0","isSpam":"0"}`;

describe('multi-status', () => {
  test.each(['SMSStatut_List', 'SMSStatus_List'])('known and unknown together, under %s', async key => {
    const id = await client.accepted({ phoneNumbers: `${NUMBER},${LOST}` });
    await settled();
    const list = [pairOf(id, NUMBER), pairOf(id, OTHER), pairOf(String(id), '0612340002'), pairOf(id + 1, NUMBER)];
    const entries = [
      found(id, NUMBER, 'Delivered'),
      notFound(id, OTHER),
      found(id, '0612340002', 'Not delivered'),
      notFound(id + 1, NUMBER),
    ];
    expect(await client.post('/v1/multi-status', { [key]: list })).toEqual(
      json(200, `{"success":true,"code":200,"StatutResponse_List":[${entries.join(',')}]}`),
    );
    expect((await stranger.post('/v1/multi-status', { [key]: [pairOf(id, NUMBER)] })).body).toBe(
      `{"success":true,"code":200,"StatutResponse_List":[${notFound(id, NUMBER)}]}`,
    );
  });

  test('500 at most, one at least, and entries that are none', async () => {
    const list = Array.from({ length: 501 }, () => pairOf(1, NUMBER));
    const TOO_MANY =
      "La limite d'envoi sur une seule requête est de 500 numéros. Répartissez-les sur plusieurs requêtes.";
    expect(await client.post('/v1/multi-status', { SMSStatut_List: list })).toEqual(refusal(50, TOO_MANY));
    const most = await client.post('/v1/multi-status', { SMSStatut_List: list.slice(0, 500) });
    expect(most.body.split(notFound(1, NUMBER))).toHaveLength(501);
    const required = faults([
      [
        'children[SMSStatut_List].data',
        'La liste est requise : indiquez au moins une entrée avec phoneNumber et messageId.',
      ],
    ]);
    for (const none of [undefined, null, [], {}, 'a'])
      expect(await client.post('/v1/multi-status', { SMSStatut_List: none })).toEqual(required);
    const odd = await client.post('/v1/multi-status', { SMSStatut_List: [null, 1, 'a', [], { phoneNumber: {} }] });
    expect([odd.status, odd.body.match(/"success":false,"code":4/g)?.length]).toEqual([200, 5]);
  });
});

const entryOf = (number: string, status: string, at: number): string =>
  `{"phoneNumber":"${number}","status":"${status}","stopSMS":false,"date":"${at}"}`;

const pageOf = (current: number, recipients: readonly string[]): string =>
  `{"success":true,"code":200,"currentPage":${current},"total":501,"StatutResponse_List":[${recipients
    .map(number => entryOf(number, 'Waiting', UNIX))
    .join(',')}]}`;

describe('bulk-status and bulk-status-by-tag', () => {
  test('every recipient of a message', async () => {
    const id = await client.accepted({ phoneNumbers: `${NUMBER},${LOST}` });
    await settled();
    const entries = [entryOf(NUMBER, 'Delivered', UNIX + 2), entryOf(LOST, 'Not delivered', UNIX + 2)];
    expect(await client.get('/v1/bulk-status', { messageId: id })).toEqual(
      json(200, `{"success":true,"code":200,"message_id":"${id}","StatutResponse_List":[${entries.join(',')}]}`),
    );
    expect(await client.get('/v1/bulk-status')).toEqual(ID_MISSING);
    expect(await client.get('/v1/bulk-status', { messageId: id + 1 })).toEqual(UNKNOWN);
    expect(await stranger.get('/v1/bulk-status', { messageId: id })).toEqual(UNKNOWN);
  });

  test('every recipient of a tag, 500 a page', async () => {
    const numbers = Array.from({ length: 500 }, (_, index) => `+33612345${String(index).padStart(3, '0')}`);
    await client.accepted({ phoneNumbers: numbers.join(','), tag: 'juin' });
    await client.accepted({ phoneNumbers: '+33698765432', tag: 'juin' });
    await client.accepted({ phoneNumbers: '+33698765431', tag: 'mai' });
    const page = async (number: number | string) =>
      (await client.get('/v1/bulk-status-by-tag', { tag: 'juin', page: number })).body;
    const first = await page(1);
    expect(first).toBe(pageOf(1, numbers));
    expect(await page(2)).toBe(pageOf(2, ['+33698765432']));
    expect(await page(3)).toBe(pageOf(3, []));
    for (const none of ['', 0, 'x']) expect(await page(none)).toBe(first);
  });

  test('a tag that is missing, that no message has, or that is of another tenant', async () => {
    await client.accepted({ tag: 'juin' });
    const byTag = '/v1/bulk-status-by-tag';
    expect(await client.get(byTag)).toEqual(faults([['children[tag].data', 'Le tag est requis']]));
    for (const tag of ['mai', 'JUIN', 'a b', 'x'.repeat(100)])
      expect(await client.get(byTag, { tag })).toEqual(UNKNOWN);
    expect(await stranger.get(byTag, { tag: 'juin' })).toEqual(UNKNOWN);
  });
});

const credits = (sms: number, eco: number, toSend: number, balance: string): string =>
  '{"success":true,"code":200,"user":{"username":"Boutique","firstname":"","lastname":""},' +
  `"credits":{"creditSms":${sms},"creditSmsECO":${eco},"creditHlr":0,"toSend":${toSend},"solde":"${balance}",` +
  `"currency":"EUR","balance":"${balance}"}}`;

test('me: what one has left, and what it is good for', async () => {
  expect(await client.get('/v1/me')).toEqual(json(200, credits(2222, 2631, 0, '100.000')));
  await client.accepted({ phoneNumbers: `${NUMBER},${OTHER}`, message: 'a'.repeat(200) });
  expect((await client.get('/v1/me')).body).toBe(credits(2218, 2626, 2, '99.820'));
  await settled();
  expect((await client.get('/v1/me')).body).toBe(credits(2218, 2626, 0, '99.820'));
  expect((await client.get('/v1/me', { _format: 'xml' })).body).toBe(
    xml(
      200,
      '<entry>true</entry><entry>200</entry><entry><username><![CDATA[Boutique]]></username>' +
        '<firstname><![CDATA[]]></firstname><lastname><![CDATA[]]></lastname></entry>' +
        '<entry><entry>2218</entry><entry>2626</entry><entry>0</entry><entry>0</entry>' +
        '<entry><![CDATA[99.820]]></entry><entry><![CDATA[EUR]]></entry><entry><![CDATA[99.820]]></entry></entry>',
    ).body,
  );
});

const cancel = (messageId: number | string) => client.get('/v1/message-cancel', { messageId });

describe('message-cancel', () => {
  const CANCELLED = json(200, `{"success":true,"code":200,"message":"${escaped("L'envoi du SMS a été annulé.")}"}`);
  const BEFORE = refusal(5, "L'envoi du SMS a déjà été annulé");
  const TOO_LATE = refusal(6, "Vous ne pouvez pas annuler l'envoi d'un SMS moins de 5 minutes avant son envoi");
  const SENT = refusal(7, 'Vous ne pouvez pas annuler un SMS déjà envoyé');
  /** Noon in Paris. */
  const AT_NOON = { scheduledDeliveryDate: '12/01/2026', time: 12, minute: 0 };

  test('5:01 before it leaves: cancelled, paid back, never sent; and then it was already', async () => {
    const id = await client.accepted(AT_NOON);
    expect(await balanceOf(tenant.gql)).toBe('99.9550');
    app.clock.set('2026-01-12T10:54:59Z');
    expect(await cancel(id)).toEqual(CANCELLED);
    expect(await cancel(id)).toEqual(BEFORE);
    expect(await balanceOf(tenant.gql)).toBe('100.0000');
    app.clock.set('2026-01-12T11:00:00Z');
    await app.tick();
    expect(app.simulator.accepted).toEqual([]);
  });

  test('4:59 before it leaves: too late; once it has left: sent', async () => {
    const id = await client.accepted(AT_NOON);
    app.clock.set('2026-01-12T10:55:01Z');
    expect(await cancel(id)).toEqual(TOO_LATE);
    app.clock.set('2026-01-12T11:00:00Z');
    await settled();
    expect(await cancel(id)).toEqual(SENT);
    expect(app.simulator.accepted).toHaveLength(1);
  });

  test('what is paused until Monday, and what bulk-send took, may be cancelled too', async () => {
    const paused = await client.accepted({ scheduledDeliveryDate: '18/01/2026', time: 10, minute: 0 });
    const bulk = await client.post('/v1/bulk-send', { SMSList: [{ phoneNumber: NUMBER, message: 'Un' }], ...AT_NOON });
    expect(await cancel(paused)).toEqual(CANCELLED);
    expect(await cancel(idIn(bulk))).toEqual(CANCELLED);
    expect(await cancel(idIn(bulk))).toEqual(BEFORE);
    expect(await balanceOf(tenant.gql)).toBe('100.0000');
  });

  test('no id, no such id, the id of another tenant', async () => {
    const id = await client.accepted(AT_NOON);
    expect(await client.get('/v1/message-cancel')).toEqual(ID_MISSING);
    expect(await client.get('/v1/message-cancel', { messageId: '' })).toEqual(ID_MISSING);
    for (const unknown of [id + 1, 'abc', 2 ** 40]) expect(await cancel(unknown)).toEqual(UNKNOWN);
    expect(await stranger.get('/v1/message-cancel', { messageId: id })).toEqual(UNKNOWN);
    expect(await cancel(id)).toEqual(CANCELLED);
  });
});

const place = (index: number, name: string) => `children[SMSList].children[${index}].children[${name}].data`;

describe('bulk-send', () => {
  const LIST = [
    { phoneNumber: '0612345678', message: 'Un' },
    { phoneNumber: OTHER, message: 'b'.repeat(161) },
  ];

  test('a text of its own for each number; who said STOP is told apart', async () => {
    await client.post('/v1/stop-sms/add', { phoneNumber: LOST });
    const SMSList = [...LIST, { phoneNumber: LOST, message: 'Trois' }];
    const answer = await client.post('/v1/bulk-send', { SMSList, sender: 'Boutique' });
    expect(answer).toEqual(
      json(
        200,
        `{"success":true,"code":200,"message_id":${idIn(answer)},"currency":"EUR","cost":0.135,"nbSMS":3,"SMSResponse_List":[` +
          `{"success":true,"code":200,"nbSms":1,"cost":0.045,"phoneNumber":"${NUMBER}"},` +
          `{"success":true,"code":200,"nbSms":2,"cost":0.09,"phoneNumber":"${OTHER}"},` +
          `{"success":false,"code":14,"nbSms":0,"cost":0,"phoneNumber":"${LOST}"}]}`,
      ),
    );
    await settled();
    const left = app.simulator.accepted.map(({ sms }) => `${sms.recipients.join()} ${sms.sender}: ${sms.text}`);
    expect(left.toSorted()).toEqual([`${NUMBER} Boutique: Un`, `${OTHER} Boutique: ${'b'.repeat(161)}`]);
    const status = await client.get('/v1/bulk-status', { messageId: idIn(answer) });
    expect(status.body.match(/"status":"[^"]+"/g)).toEqual([
      '"status":"Delivered"',
      '"status":"Delivered"',
      '"status":"Not delivered"',
    ]);
    expect(await balanceOf(tenant.gql)).toBe('99.8650');
  });

  test('what is wrong with entries is told by entry, and nothing leaves', async () => {
    const SMSList = [...LIST, { phoneNumber: '922264', message: '' }, { message: 'a' }];
    expect(await client.post('/v1/bulk-send', { SMSList, sender: 'monentreprise' })).toEqual(
      faults(
        [
          [place(2, 'message'), 'Le message est requis (922264)'],
          [place(2, 'phoneNumber'), "Ce numero de telephone n'est pas valide (922264)"],
          [place(3, 'phoneNumber'), 'Le numéro de téléphone est requis'],
          ['children[sender].data', "L'emetteur ne peut pas etre plus long que 11 caracteres"],
        ],
        'error',
      ),
    );
    await app.tick();
    expect(app.simulator.accepted).toEqual([]);
  });

  test('more than 500, none at all, and the same Idempotency-Key twice', async () => {
    const many = Array.from({ length: 501 }, (_, index) => ({ phoneNumber: 33_600_000_000 + index, message: 'a' }));
    const TOO_MANY =
      "La limite d'envoi sur une seule requête est de 500 numéros. Répartissez-les sur plusieurs requêtes.";
    const valid = many.map(({ phoneNumber, message }) => ({ phoneNumber: `+${phoneNumber}`, message }));
    expect(await client.post('/v1/bulk-send', { SMSList: valid })).toEqual(refusal(50, TOO_MANY));
    const NOBODY = "Aucun numéro de téléphone auquel envoyer. Indiquez-en au moins un, par exemple '+33612345678'.";
    for (const none of [undefined, null, [], ''])
      expect(await client.post('/v1/bulk-send', { SMSList: none })).toEqual(refusal(55, NOBODY));
    const header = { 'idempotency-key': 'bulk-1' };
    const first = await client.post('/v1/bulk-send', { SMSList: LIST }, header);
    expect(await client.post('/v1/bulk-send', { SMSList: LIST }, header)).toEqual(first);
    expect(await balanceOf(tenant.gql)).toBe('99.8650');
  });
});

test('the STOP list: added, listed, refused commercial SMS, deleted, reached again', async () => {
  const list = async (partner = client) => (await partner.get('/v1/stop-sms/list')).body;
  expect(await list()).toBe('{"success":true,"code":200,"nbData":0,"data":[]}');
  const waiting = await client.accepted({ scheduledDeliveryDate: '12/01/2026', time: 12, minute: 0 });
  const added = await client.post('/v1/stop-sms/add', { phoneNumber: '0612345678' });
  const id = /^\{"success":true,"code":200,"stopId":(\d+)\}$/.exec(added.body)?.[1] ?? '';
  expect(await list()).toBe(
    `{"success":true,"code":200,"nbData":1,"data":[{"id":${id},"phoneNumber":"${NUMBER}","createdAt":"2026-01-12 11:00:00"}]}`,
  );
  const again = await client.post('/v1/stop-sms/add', { phoneNumber: NUMBER });
  expect(again).toEqual(refusal(15, 'Ce numéro de téléphone est déjà sur la liste STOP'));
  expect((await client.send()).body).toMatch(/^\{"success":false,"code":14,/);
  // What was accepted before does not go either.
  app.clock.set('2026-01-12T11:00:00Z');
  await settled();
  expect(app.simulator.accepted).toEqual([]);
  const status = await client.get('/v1/message-status', { messageId: waiting, phoneNumber: NUMBER });
  expect(status.body).toMatch(/"stopSms":true.*"statut":"Not delivered","cost":0,/);

  const UNKNOWN_STOP = refusal(4, 'Numéro STOP introuvable');
  expect(await list(stranger)).toContain('"nbData":0');
  expect(await stranger.get('/v1/stop-sms/delete', { id })).toEqual(UNKNOWN_STOP);
  expect(await client.get('/v1/stop-sms/delete', { id })).toEqual(json(200, '{"success":true,"code":200}'));
  expect(await client.get('/v1/stop-sms/delete', { id })).toEqual(UNKNOWN_STOP);
  expect(await client.get('/v1/stop-sms/delete')).toEqual(refusal(3, "L'ID du numéro STOP est requis"));
  expect(await client.post('/v1/stop-sms/add')).toEqual(NUMBER_MISSING);
  expect(await client.post('/v1/stop-sms/add', { phoneNumber: '922264' })).toEqual(
    refusal(9, 'Le numéro de téléphone est invalide'),
  );
  await client.accepted();
  await app.tick();
  expect(app.simulator.accepted).toHaveLength(1);
});
