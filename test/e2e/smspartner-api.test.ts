import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { balanceOf, refused, send } from '../support/messages.js';
import { ScriptedProvider } from '../support/scripted-provider.js';
import { escaped, faults, idIn, json, refusal, SmsPartnerClient, xml } from '../support/smspartner-client.js';
import { appAt, type TenantOptions, type TestApp, type TestTenant } from '../support/test-app.js';

// Bodies are compared whole, as text: SMS Partner's XML has no names, so the order of what is in it is the protocol.

let app: TestApp;
beforeAll(async () => {
  // Monday 12 January 2026, 11:00 in Paris: open.
  app = await appAt('2026-01-12T10:00:00Z');
});
afterAll(() => app.close());

const TRANSACTIONAL = { defaultCategory: 'TRANSACTIONAL' } as const;
const COMMERCIAL = { defaultCategory: 'COMMERCIAL' } as const;

const clientOf = ({ key }: { readonly key: string }): SmsPartnerClient => new SmsPartnerClient(app.url, key);
const client = async (options: TenantOptions = TRANSACTIONAL): Promise<SmsPartnerClient> =>
  clientOf(await app.tenant(options));

interface KeyOptions {
  readonly scopes?: readonly string[];
  readonly defaultCategory?: string;
  readonly allowedIps?: readonly string[];
}

async function withKey({ id }: TestTenant, options: KeyOptions): Promise<SmsPartnerClient> {
  const input = { tenantId: id, name: 'another', scopes: ['SEND', 'READ'], ...options };
  const document = `mutation ($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret } }`;
  const issued = await app.admin.run<{ issueApiKey: { secret: string } }>(document, { input });
  return clientOf({ key: issued.issueApiKey.secret });
}

interface Row extends Record<string, unknown> {
  readonly category: string;
  readonly appendStop: boolean;
}

async function stored(number: number): Promise<Row | undefined> {
  const [row] = await app.sql<Row>('select category, append_stop as "appendStop" from messages where number = $1', [
    number,
  ]);
  return row;
}

describe('the bodies of the page "Envoi unitaire"', () => {
  test('a success, in JSON and in XML', async () => {
    const partner = await client();
    // The Low Cost range costs here what it costs on the page.
    const answer = await partner.send({ gamme: 2 });
    expect(answer).toEqual(
      json(200, `{"success":true,"code":200,"message_id":${idIn(answer)},"nb_sms":1,"cost":0.038,"currency":"EUR"}`),
    );
    const other = await partner.send({ gamme: 2, _format: 'xml' });
    expect(idIn(other)).not.toBe(idIn(answer));
    expect(other).toEqual(
      xml(
        200,
        `<entry>true</entry><entry>200</entry><entry>${idIn(other)}</entry><entry>1</entry><entry>0.038</entry>` +
          '<entry><![CDATA[EUR]]></entry>',
      ),
    );
  });

  test('nb_sms and cost are of all parts to all numbers', async () => {
    const partner = await client();
    const answer = await partner.send({ phoneNumbers: '0612345678,0612345679,0612345678', message: 'a'.repeat(161) });
    expect(answer.body).toBe(
      `{"success":true,"code":200,"message_id":${idIn(answer)},"nb_sms":4,"cost":0.18,"currency":"EUR"}`,
    );
  });

  const EVERYTHING = {
    phoneNumbers: '922264',
    message: '',
    sender: 'monentreprise',
    scheduledDeliveryDate: '21/11/2014',
  };

  test('everything wrong with one request, in JSON and in XML', async () => {
    const partner = await client();
    const list = [
      ['children[message].data', 'Le message est requis'],
      ['children[phoneNumbers].data', "Ce numero de telephone n'est pas valide (922264)"],
      ['children[sender].data', "L'emetteur ne peut pas etre plus long que 11 caracteres"],
      ['children[scheduledDeliveryDate].data', 'La date (21/11/2014 à :) est anterieure a la date actuelle.'],
      ['children[minute].data', 'La minute est requise'],
      ['children[time].data', "L'heure est requise"],
    ] as const;
    expect(await partner.send(EVERYTHING)).toEqual(faults(list));
    expect((await partner.send(EVERYTHING)).body).toContain(String.raw`(21/11/2014 \u00e0 :)`);
    expect(await partner.send({ ...EVERYTHING, _format: 'xml' })).toEqual(
      xml(
        400,
        '<entry>false</entry><entry>9</entry><entry>' +
          '<entry><entry>children[message].data</entry><entry>Le message est requis</entry></entry>' +
          "<entry><entry>children[phoneNumbers].data</entry><entry>Ce numéro de téléphone n'est pas valide (922264)</entry></entry>" +
          "<entry><entry>children[sender].data</entry><entry>L'émetteur ne peut pas être plus long que 11 caractères</entry></entry>" +
          '<entry><entry>children[scheduledDeliveryDate].data</entry><entry>La date (21/11/2014 à :) est anterieure à la date ' +
          "actuelle. Si vous souhaitez l'envoyer maintenant vous devez sélectionner [Envoi immédiat]</entry></entry>" +
          '<entry><entry>children[minute].data</entry><entry>La minute est requise</entry></entry>' +
          "<entry><entry>children[time].data</entry><entry>L'heure est requise</entry></entry></entry>",
      ),
    );
  });

  test('the samples in PHP, Go and C#, which ask for a day in 2014', async () => {
    const asked = { sender: 'mycompany', scheduledDeliveryDate: '21/10/2014', time: 9, minute: 0 };
    expect(await (await client()).send(asked)).toEqual(
      faults([
        ['children[scheduledDeliveryDate].data', 'La date (21/10/2014 à 09:00) est anterieure a la date actuelle.'],
      ]),
    );
  });
});

const optedOut = (number: string): string =>
  `Ce numéro est inscrit sur la liste STOP et ne reçoit plus vos SMS commerciaux (${number}).`;

describe('the table "Code de contrôle"', () => {
  const numbers = Array.from({ length: 501 }, (_, index) => `+33612345${String(index).padStart(3, '0')}`);
  const refusals: [code: number, sentence: string, fields: Record<string, unknown>, tenant?: TenantOptions][] = [
    [1, 'La Clé API est requise', { apiKey: null }],
    [2, 'Le numéro de téléphone est requis', { phoneNumbers: null }],
    [10, 'Clé API incorrecte', { apiKey: `rk_${'x'.repeat(43)}` }],
    [11, 'Manque de crédits', {}, { credit: '0.0449' }],
    [
      13,
      "Aucun tarif n'est prévu pour ce numéro dans cette gamme (+41791234567). Retirez-le ou demandez à un administrateur.",
      { phoneNumbers: '+41791234567' },
    ],
    [
      42,
      'Un message de la gamme Low Cost est limité à 160 caractères (70 en Unicode). Raccourcissez-le ou utilisez la gamme 1.',
      { gamme: 2, message: 'a'.repeat(161) },
    ],
    [
      50,
      "La limite d'envoi sur une seule requête est de 500 numéros. Répartissez-les sur plusieurs requêtes.",
      { phoneNumbers: numbers.join(',') },
    ],
    [
      52,
      'Le message dépasse 10 SMS (1530 caractères, ou 670 en Unicode, mention STOP comprise). Raccourcissez-le ou ' +
        'envoyez-le en plusieurs messages.',
      { message: 'a'.repeat(1531) },
    ],
    [
      55,
      "Aucun numéro de téléphone auquel envoyer. Indiquez-en au moins un, par exemple '+33612345678'.",
      { phoneNumbers: ' , ' },
    ],
    [
      992,
      "Cet émetteur n'est pas autorisé pour ce compte. Utilisez un émetteur autorisé ou demandez à un administrateur.",
      { sender: 'Autre' },
      { allowedSenders: ['Boutique'] },
    ],
  ];

  test.each(refusals)('%i: %s', async (code, sentence, fields, tenant = {}) => {
    const partner = await client({ ...TRANSACTIONAL, ...tenant });
    expect(await partner.send(fields)).toEqual(refusal(code, sentence));
    expect(await partner.send({ ...fields, _format: 'xml' })).toEqual(
      xml(400, `<entry>false</entry><entry>${code}</entry><entry>${sentence}</entry>`),
    );
  });

  test('14: who said STOP gets nothing commercial, and costs nothing', async () => {
    const partner = await client(COMMERCIAL);
    await partner.post('/v1/stop-sms/add', { phoneNumber: '0612345678' });
    expect(await partner.send()).toEqual(refusal(14, optedOut('+33612345678')));
    const mixed = await partner.send({ phoneNumbers: '0612345678,0612345679' });
    expect(mixed.body).toBe(
      `{"success":true,"code":200,"message_id":${idIn(mixed)},"nb_sms":1,"cost":0.045,"currency":"EUR"}`,
    );
    await partner.post('/v1/stop-sms/add', { phoneNumber: '0612345679' });
    const entry = (number: string) =>
      `{"success":false,"code":"14","message":"${escaped(optedOut(number))}","phoneNumber":"${number}"}`;
    expect(await partner.send({ phoneNumbers: '0612345678,0612345679' })).toEqual(
      json(400, `{"success":false,"code":55,"errors":[${entry('0612345678')},${entry('0612345679')}]}`),
    );
  });

  test('20: a suspended account', async () => {
    const tenant = await app.tenant(TRANSACTIONAL);
    const document = 'mutation ($id: ID!) { suspendTenant(id: $id, reason: "test") { id } }';
    await app.admin.run(document, { id: tenant.id });
    expect(await clientOf(tenant).send()).toEqual(
      refusal(
        20,
        "Ce compte est désactivé : rien de nouveau n'est accepté. Contactez l'administrateur de la plateforme.",
      ),
    );
  });

  test('40: a key that may not send; it reads', async () => {
    const partner = await withKey(await app.tenant(TRANSACTIONAL), { scopes: ['READ'] });
    const sentence = "Accès à l'API refusé : cette clé API n'a pas les droits nécessaires. Demandez une clé qui les a.";
    expect(await partner.send()).toEqual(refusal(40, sentence));
    expect((await partner.get('/v1/stop-sms/list')).body).toBe('{"success":true,"code":200,"nbData":0,"data":[]}');
  });

  test('40: the administrator of the platform is no tenant', async () => {
    const sentence = "Accès à l'API refusé : cette clé API n'a pas les droits nécessaires. Demandez une clé qui les a.";
    const partner = clientOf({ key: app.admin.key ?? '' });
    expect(await partner.send()).toEqual(refusal(40, sentence));
    expect(await partner.get('/v1/me')).toEqual(refusal(40, sentence));
  });

  test('96: a key from an address that is not its own', async () => {
    const tenant = await app.tenant(TRANSACTIONAL);
    const elsewhere = await withKey(tenant, { allowedIps: ['203.0.113.0/24'] });
    expect(await elsewhere.send()).toEqual(
      refusal(
        96,
        "Adresse IP non autorisée pour cette clé API. Faites ajouter l'adresse depuis laquelle vous appelez.",
      ),
    );
    expect((await (await withKey(tenant, { allowedIps: ['127.0.0.1'] })).send()).status).toBe(200);
  });

  test('90: no JSON, in JSON and in XML', async () => {
    const partner = await client();
    const sentence =
      'Le corps de la requête n\'est pas un objet JSON valide (UTF-8). Vérifiez notamment que le caractère " est échappé (\\").';
    const unescaped = `{"apiKey":"${partner.key}","phoneNumbers":"0612345678","message":"un "mot""}`;
    for (const body of [unescaped, '{', '[]', '"a"', '{"a":\u0001}', Buffer.from([0x7b, 0xff, 0x7d])]) {
      expect(await partner.postRaw('/v1/send', body)).toEqual(refusal(90, sentence));
      expect(await partner.postRaw('/v1/send?_format=xml', body)).toEqual(
        xml(400, `<entry>false</entry><entry>90</entry><entry>${sentence}</entry>`),
      );
    }
  });
});

describe('when it leaves', () => {
  const dates: [at: Record<string, unknown>, echo: string, instant: string][] = [
    [{ scheduledDeliveryDate: '15/01/2026', time: 9, minute: 30 }, '2026-01-15 09:30:00', '2026-01-15T08:30:00.000Z'],
    [{ scheduledDeliveryDate: '18/08/2026', time: 20, minute: 0 }, '2026-08-18 20:00:00', '2026-08-18T18:00:00.000Z'],
    [
      { scheduledDeliveryDate: '18/08/2026', time: '8', minute: '05' },
      '2026-08-18 08:05:00',
      '2026-08-18T06:05:00.000Z',
    ],
    // Real clients leave out zeros.
    [{ scheduledDeliveryDate: '13/01/2026', time: 7 }, '2026-01-13 07:00:00', '2026-01-13T06:00:00.000Z'],
    [{ scheduledDeliveryDate: '13/01/2026', minute: 5 }, '2026-01-13 00:05:00', '2026-01-12T23:05:00.000Z'],
    [{ scheduledDeliveryDate: '13/01/2026', time: 24, minute: 0 }, '2026-01-14 00:00:00', '2026-01-13T23:00:00.000Z'],
    // The night of 29 March has no 02:30.
    [{ scheduledDeliveryDate: '29/03/2026', time: 2, minute: 30 }, '2026-03-29 03:30:00', '2026-03-29T01:30:00.000Z'],
  ];

  test.each(dates)('%j is told as "%s" in Paris', async (at, echo, instant) => {
    const answer = await (await client()).send(at);
    const id = idIn(answer);
    expect(answer.body).toBe(
      `{"success":true,"code":200,"message_id":${id},"nb_sms":1,"cost":0.045,"currency":"EUR","scheduledDeliveryDate":"${echo}"}`,
    );
    const [row] = await app.sql<{ at: Date }>('select scheduled_for as at from messages where number = $1', [id]);
    expect(row?.at.toISOString()).toBe(instant);
  });

  test('in XML the date is one more entry', async () => {
    const at = { scheduledDeliveryDate: '15/01/2026', time: 9, minute: 30, _format: 'xml' };
    const answer = await (await client()).send(at);
    expect(answer.body).toContain(
      '<entry><![CDATA[EUR]]></entry><entry><![CDATA[2026-01-15 09:30:00]]></entry></result>',
    );
  });

  test('a commercial SMS asked for on Sunday is paused until Monday at eight, and says so last', async () => {
    const partner = await client(COMMERCIAL);
    const answer = await partner.send({ scheduledDeliveryDate: '18/01/2026', time: 10, minute: 0 });
    expect(answer.body).toBe(
      `{"success":true,"code":200,"message_id":${idIn(answer)},"nb_sms":1,"cost":0.045,"currency":"EUR",` +
        '"scheduledDeliveryDate":"2026-01-18 10:00:00","pausedUntil":"2026-01-19 08:00:00"}',
    );
  });

  test('a commercial SMS at night is a success that says until when it is paused, and leaves then', async () => {
    const night = await appAt('2026-01-12T21:00:00Z');
    try {
      const partner = new SmsPartnerClient(night.url, (await night.tenant(COMMERCIAL)).key);
      const answer = await partner.send();
      expect(answer.body).toBe(
        `{"success":true,"code":200,"message_id":${idIn(answer)},"nb_sms":1,"cost":0.045,"currency":"EUR",` +
          '"pausedUntil":"2026-01-13 08:00:00"}',
      );
      const left = async (at: string): Promise<number> => {
        night.clock.set(at);
        await night.tick();
        return night.simulator.accepted.length;
      };
      expect(await left('2026-01-13T06:59:59Z')).toBe(0);
      expect(await left('2026-01-13T07:00:00Z')).toBe(1);
    } finally {
      await night.close();
    }
  });
});

const header = (key: string) => ({ 'idempotency-key': key });

describe('sandbox, category, Idempotency-Key', () => {
  test('sandbox: it is answered as any other, costs nothing and reaches nobody', async () => {
    const provider = new ScriptedProvider();
    const own = await appAt('2026-01-12T10:00:00Z', { provider });
    try {
      const { key, gql } = await own.tenant({ ...TRANSACTIONAL, credit: '0.0450' });
      const partner = new SmsPartnerClient(own.url, key);
      for (const sandbox of [1, true, '1']) {
        const answer = await partner.send({ sandbox });
        expect(answer.body).toBe(
          `{"success":true,"code":200,"message_id":${idIn(answer)},"nb_sms":1,"cost":0.045,"currency":"EUR"}`,
        );
      }
      await own.tick();
      expect([provider.calls, provider.bulkCalls]).toEqual([[], []]);
      expect(await balanceOf(gql)).toBe('0.0450');
    } finally {
      await own.close();
    }
  });

  const categories: [ofTenant: 'COMMERCIAL' | 'TRANSACTIONAL', ofKey: string | null, is: string][] = [
    ['COMMERCIAL', null, 'COMMERCIAL'],
    ['TRANSACTIONAL', null, 'TRANSACTIONAL'],
    ['COMMERCIAL', 'TRANSACTIONAL', 'TRANSACTIONAL'],
    ['TRANSACTIONAL', 'COMMERCIAL', 'COMMERCIAL'],
  ];

  test.each(categories)(
    'of a tenant %s a key with %s sends %s, whatever isStopSms says',
    async (ofTenant, ofKey, is) => {
      const tenant = await app.tenant({ defaultCategory: ofTenant });
      const partner = ofKey === null ? clientOf(tenant) : await withKey(tenant, { defaultCategory: ofKey });
      for (const isStopSms of [0, 1, undefined]) {
        const row = await stored(await partner.accepted({ isStopSms }));
        expect(row).toMatchObject({ category: is, appendStop: is === 'COMMERCIAL' || isStopSms === 1 });
      }
    },
  );

  const USED_BEFORE =
    'Cet en-tête Idempotency-Key a déjà servi pour une autre requête. Utilisez une nouvelle clé pour un nouvel envoi.';

  test('the same Idempotency-Key again: the same answer, one message; for something else: a conflict', async () => {
    const tenant = await app.tenant(TRANSACTIONAL);
    const partner = clientOf(tenant);
    const first = await partner.send({}, header('order-1'));
    expect(await partner.send({}, header('order-1'))).toEqual(first);
    expect(idIn(await partner.send({ _format: 'xml' }, header('order-1')))).toBe(idIn(first));
    expect(await partner.send({ message: 'Autre' }, header('order-1'))).toEqual(
      faults([['Idempotency-Key', USED_BEFORE]]),
    );
    const counted = 'select count(*)::int as count from messages where tenant_id = $1';
    expect(await app.sql(counted, [tenant.id])).toEqual([{ count: 1 }]);
    // Another tenant's is another.
    expect(idIn(await (await client()).send({}, header('order-1')))).not.toBe(idIn(first));
  });

  test('an Idempotency-Key is one and the same over GraphQL and here', async () => {
    const tenant = await app.tenant(TRANSACTIONAL);
    const partner = clientOf(tenant);
    await partner.accepted({}, header('here'));
    expect(await refused(tenant.gql, { idempotencyKey: 'here' })).toMatchObject({ __typename: 'IdempotencyConflict' });
    expect(await send(tenant.gql, { idempotencyKey: 'there' })).toMatchObject({ __typename: 'Message' });
    expect(await partner.send({}, header('there'))).toEqual(faults([['Idempotency-Key', USED_BEFORE]]));
  });
});
