import fc from 'fast-check';

/** A request to the drop-in API as it goes out, byte by byte. */
export interface GeneratedRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

const SEND_FIELDS = [
  'phoneNumbers',
  'message',
  'gamme',
  'sender',
  'tag',
  'scheduledDeliveryDate',
  'time',
  'minute',
  'urlDlr',
  'urlResponse',
  'webhookUrl',
  'isStopSms',
  'isUnicode',
  'sandbox',
  '_format',
];

/** Every POST, with the fields it knows. */
const POSTS: Readonly<Record<string, readonly string[]>> = {
  '/v1/send': SEND_FIELDS,
  '/v1/bulk-send': ['SMSList', ...SEND_FIELDS],
  '/v1/multi-status': ['SMSStatut_List', 'SMSStatus_List', '_format'],
  '/v1/stop-sms/add': ['phoneNumber', '_format'],
};

/** Every GET, likewise. */
const GETS: Readonly<Record<string, readonly string[]>> = {
  '/v1/message-cancel': ['messageId', '_format'],
  '/v1/message-status': ['messageId', 'phoneNumber', '_format'],
  '/v1/bulk-status': ['messageId', '_format'],
  '/v1/bulk-status-by-tag': ['tag', 'page', '_format'],
  '/v1/me': ['_format'],
  '/v1/stop-sms/list': ['_format'],
  '/v1/stop-sms/delete': ['id', '_format'],
};

const json = (value: unknown): string => JSON.stringify(value);
const DEEP = 20_000;

/** What breaks readers: halves of characters, control characters, other alphabets' digits, markup, and great length. */
const NASTY_TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\uD800',
  'a\uDC00b',
  '\uFEFF',
  '\u202E\u2066',
  '\uFFFF\uFFFE',
  '\u0085\u2028',
  '\r\n\r\n',
  '👩‍👩‍👧‍👦',
  'e\u0301'.repeat(30),
  ']]>',
  '<result>&amp;<entry>',
  '&#0;',
  "'; drop table messages; --",
  '%00%ff%zz',
  '${7*7}',
  '__proto__',
  'constructor',
  'NaN',
  'undefined',
  'xml',
  'XML',
  '٠٦١٢٣٤٥٦٧٨',
  '０６１２３４５６７８',
  '+33612345678,+33612345678',
  '+33612345678;ext=1',
  'tel:+33612345678',
  ','.repeat(600),
  '36180',
  '31/02/2026',
  '29/02/2028',
  '01/01/9999',
  ':euro::br:'.repeat(200),
  '€'.repeat(800),
  'é'.repeat(1_531),
  'x'.repeat(20_000),
  '9'.repeat(5_000),
  'http://[::1]:80/',
  'http://user:pass@example.org/',
  'javascript:alert(1)',
  'http://169.254.169.254/latest/meta-data',
  `https://example.org/${'a'.repeat(3_000)}`,
];

/** JSON that no JavaScript value prints as. */
const NASTY_JSON = [
  '1e999',
  '-1e999',
  '-0',
  '1e-400',
  '0.1e1',
  '123456789012345678901234567890',
  '9007199254740993',
  '2147483648',
  '-1',
  '0',
  '1',
  '2',
  'true',
  'false',
  'null',
  '[]',
  '{}',
  '[[]]',
  '[null,null]',
  '{"__proto__":{"sandbox":1}}',
  '{"constructor":{"prototype":{"x":1}}}',
  '{"toString":1,"valueOf":1,"length":-1}',
  String.raw`"\ud800"`,
  String.raw`"\u0000"`,
  '['.repeat(DEEP) + ']'.repeat(DEEP),
  '{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP),
];

const text = fc.oneof(
  fc.constantFrom(...NASTY_TEXTS),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.nat().map(String),
);

/** A value of any kind, as JSON. */
const anyJson = fc.oneof(fc.constantFrom(...NASTY_JSON), text.map(json), fc.json({ maxDepth: 3 }));

type Entry = readonly [name: string, json: string];

const object = (entries: readonly Entry[]): string =>
  `{${entries.map(([name, value]) => `${json(name)}:${value}`).join(',')}}`;

/** Few of them, so that what is asked of later was mostly heard of before; none is magic to the simulator. */
const mobile = fc.integer({ min: 1_000, max: 1_060 }).map(digits => `+3362000${digits}`);
/** Some of these are among the former, and most are not: they get no commercial SMS any more. */
const stopped = fc.integer({ min: 1_050, max: 1_900 }).map(digits => `+3362000${digits}`);
const spellings = fc.constantFrom('+33', '0', '0033', '33');
const spelt = fc.tuple(mobile, spellings).map(([number, start]) => start + number.slice(3));
/** Public numbers begin at 4,000, those of the STOP list at 400. */
const publicNumber = fc.integer({ min: 4_000, max: 6_000 });
const good = fc.constantFrom('Bonjour', 'Votre code : 4711', 'Ça y est ! NoPub=STOP', 'é'.repeat(200), 'x'.repeat(150));
const flag = fc.constantFrom('0', '1', 'true', 'false', '"0"', '"1"', 'null');
const format = fc.constantFrom('"json"', '"xml"', '"xml"', 'null');

/** Options that would be accepted, each there or not. */
const options = fc
  .record(
    {
      gamme: fc.constantFrom('1', '"1"', '2'),
      sender: fc.constantFrom('"BOUTIQUE"', '"Mon 2 pas"', '""'),
      tag: fc.constantFrom('"printemps"', '"été-2026"', '"a"'),
      scheduledDeliveryDate: fc.constantFrom('"21/01/2026"', '"1/2/2026"', 'null', '""'),
      time: fc.constantFrom('10', '"9"', '0'),
      minute: fc.constantFrom('0', '"55"', '5'),
      urlDlr: fc.constantFrom('"https://hooks.example.test/dlr?s=1"', '"http://hooks.example.test:8080/"'),
      urlResponse: fc.constant('"https://hooks.example.test/reply"'),
      isStopSms: flag,
      isUnicode: flag,
      sandbox: fc.constantFrom('1', 'true', '0', 'null'),
      _format: format,
    },
    { requiredKeys: [] },
  )
  .map(fields => Object.entries(fields));

/** Fields, and options after them. */
const withOptions = (fields: fc.Arbitrary<readonly Entry[]>): fc.Arbitrary<readonly Entry[]> =>
  fc.tuple(fields, options).map(([own, rest]) => own.concat(rest));

const sendBody = withOptions(
  fc.tuple(fc.array(spelt, { minLength: 1, maxLength: 4 }), good).map(([numbers, message]) => [
    ['phoneNumbers', json(numbers.join(', '))],
    ['message', json(message)],
  ]),
);

const bulkEntry = fc.oneof(
  { weight: 30, arbitrary: fc.tuple(spelt, good).map(([phoneNumber, message]) => json({ phoneNumber, message })) },
  { weight: 1, arbitrary: fc.tuple(anyJson, anyJson).map(([n, m]) => `{"phoneNumber":${n},"message":${m}}`) },
  { weight: 1, arbitrary: anyJson },
);
const bulkBody = withOptions(
  fc.array(bulkEntry, { maxLength: 6 }).map(entries => [['SMSList', `[${entries.join(',')}]`]]),
);

const statusPair = fc.tuple(mobile, publicNumber).map(([phoneNumber, messageId]) => json({ phoneNumber, messageId }));
const statusBody: fc.Arbitrary<readonly Entry[]> = fc
  .tuple(fc.array(fc.oneof({ weight: 5, arbitrary: statusPair }, anyJson), { maxLength: 5 }), format)
  .map(([pairs, written]) => [
    ['SMSStatut_List', `[${pairs.join(',')}]`],
    ['_format', written],
  ]);

const stopBody: fc.Arbitrary<readonly Entry[]> = fc.tuple(stopped, format).map(([number, written]) => [
  ['phoneNumber', json(number)],
  ['_format', written],
]);

const NEARLY: Readonly<Record<string, fc.Arbitrary<readonly Entry[]>>> = {
  '/v1/send': sendBody,
  '/v1/bulk-send': bulkBody,
  '/v1/multi-status': statusBody,
  '/v1/stop-sms/add': stopBody,
};

/** Any header that a client may send along: none of them may change how the body is read. */
const headers: fc.Arbitrary<Readonly<Record<string, string>>> = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'text/xml; charset=utf-16',
      'nonsense',
      '',
    ),
    'content-encoding': fc.constantFrom('gzip', 'identity'),
    accept: fc.constantFrom('text/html', 'application/xml', ''),
    'idempotency-key': fc.oneof(
      fc.constantFrom('a', 'b', 'x'.repeat(256), ''),
      fc.string({ maxLength: 20 }).map(key => key.replaceAll(/[^ -~]/g, '')),
    ),
    webhookurl: fc.constantFrom('https://hooks.example.test/header', 'none', ''),
  },
  { requiredKeys: [] },
);

const fewHeaders = fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, headers);

const anyOf = (paths: Readonly<Record<string, unknown>>) => fc.constantFrom(...Object.keys(paths));

/** The key as most requests have it, and as some do not. */
const keyJson = (key: string): fc.Arbitrary<readonly Entry[]> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant([['apiKey', json(key)]] satisfies Entry[]) },
    { weight: 1, arbitrary: anyJson.map(value => [['apiKey', value]] satisfies Entry[]) },
    { weight: 1, arbitrary: fc.constant([]) },
  );

const posted = (path: string, body: string | Uint8Array, more: Readonly<Record<string, string>>): GeneratedRequest => ({
  method: 'POST',
  path,
  headers: more,
  body,
});

/** (a) Bytes and texts that are no JSON, or nearly so. */
export const rawBodies = (key: string): fc.Arbitrary<GeneratedRequest> => {
  const whole = object([
    ['apiKey', json(key)],
    ['phoneNumbers', '"+33620001000"'],
    ['message', '"Bonjour"'],
  ]);
  const cut = fc.nat({ max: whole.length - 1 }).map(end => whole.slice(0, end));
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.concat([Buffer.from(whole), bytes])),
    text,
    cut,
    fc.webQueryParameters(),
    fc.constantFrom('\uFEFF{}', '\uFEFF', '{}{}', '{"a":1,}', "{'a':1}", '// {}', '<xml/>', ' '.repeat(3_000_000)),
    fc.constantFrom(Buffer.from(whole, 'utf16le'), Buffer.from('{"apiKey":"é"}', 'latin1')),
  );
  return fc.tuple(anyOf(POSTS), body, headers).map(([path, bytes, more]) => posted(path, bytes, more));
};

/** (b) JSON of any shape, with the key in the query here and there. */
export const anyJsonBodies = (key: string): fc.Arbitrary<GeneratedRequest> => {
  const query = fc.constantFrom('', `?apiKey=${key}`, `?apiKey=${key}&_format=xml`, `??apiKey=${key}`);
  return fc
    .tuple(anyOf(POSTS), query, anyJson, headers)
    .map(([path, asked, body, more]) => posted(path + asked, body, more));
};

/** (c) The real names, some twice and some in strange company, with values that nobody means. */
export const hostileObjects = (key: string): fc.Arbitrary<GeneratedRequest> =>
  anyOf(POSTS).chain(path => {
    const name = fc.oneof(
      { weight: 10, arbitrary: fc.constantFrom(...(POSTS[path] ?? [])) },
      { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '') },
      { weight: 1, arbitrary: fc.string() },
    );
    const list = fc
      .array(fc.array(fc.tuple(fc.constantFrom('phoneNumber', 'message', 'messageId'), anyJson), { maxLength: 3 }))
      .map(items => `[${items.map(object).join(',')}]`);
    const value = fc.oneof({ weight: 4, arbitrary: anyJson }, list, list.map(json));
    const entries = fc.array(fc.tuple(name, value), { maxLength: 12 });
    return fc
      .tuple(entries, keyJson(key), headers)
      .map(([given, withKey, more]) => posted(path, object([...given, ...withKey]), more));
  });

/** (d) What would be accepted, but for up to two fields. */
export const nearlyValid = (path: string, key: string): fc.Arbitrary<GeneratedRequest> => {
  const change = fc.tuple(
    fc.constantFrom(...(POSTS[path] ?? [])),
    fc.oneof({ weight: 3, arbitrary: anyJson }, fc.constant(null)),
  );
  return fc
    .tuple(NEARLY[path] ?? sendBody, fc.array(change, { maxLength: 2 }), keyJson(key), fewHeaders)
    .map(([body, changes, withKey, more]) => {
      const changed = new Map([...body, ...withKey]);
      for (const [name, value] of changes) {
        if (value === null) changed.delete(name);
        else changed.set(name, value);
      }
      return posted(path, object([...changed]), more);
    });
};

/** Everything that a URL may carry; what is not encoded goes out as it is. */
const queryText = fc.oneof(
  text.map(given => given.slice(0, 2_000)).map(given => encodeURIComponent(given.toWellFormed()).slice(0, 4_000)),
  fc.constantFrom('%', '%zz', '%ff%fe', '%00', '+', '%2B33620001000', '+33620001000', '[]=1', '&&&=', '#', '?', ';'),
  fc.constantFrom('0', '-1', '1e3', '2147483648', '99999999999999999999', 'xml', 'json'),
);

/** What stands under a name where nobody means harm. */
const USUAL: Readonly<Record<string, fc.Arbitrary<string>>> = {
  messageId: publicNumber.map(String),
  phoneNumber: mobile,
  tag: fc.constantFrom('printemps', 'a', encodeURIComponent('été-2026')),
  page: fc.constantFrom('1', '2'),
  id: fc.integer({ min: 400, max: 1_200 }).map(String),
  _format: fc.constantFrom('xml', 'json'),
};

/** `names`: those that the call knows. They stand first, and mostly as they should; others and odd ones may follow. */
const query = (names: readonly string[], key: string): fc.Arbitrary<string> => {
  const usual = names.map(name =>
    fc
      .oneof({ weight: 5, arbitrary: USUAL[name] ?? queryText }, queryText, fc.constant(null))
      .map(value => (value === null ? '' : `${name}=${value}`)),
  );
  const odd = fc.tuple(fc.oneof(fc.constantFrom(...names), queryText), queryText).map(pair => pair.join('='));
  const withKey = fc.oneof(
    { weight: 6, arbitrary: fc.constant(`apiKey=${key}`) },
    fc.constantFrom('', 'apiKey=', `apiKey=${key}x`),
  );
  return fc
    .tuple(fc.constantFrom('?', '?', '??', '?&'), withKey, fc.tuple(...usual), fc.array(odd, { maxLength: 2 }))
    .map(([mark, first, pairs, others]) => mark + [first, ...pairs, ...others].join('&'));
};

/** GET, with any query. */
export const queries = (key: string): fc.Arbitrary<GeneratedRequest> =>
  anyOf(GETS).chain(path =>
    fc
      .tuple(query(GETS[path] ?? [], key), headers)
      .map(([asked, more]) => ({ method: 'GET', path: path + asked, headers: more, body: null })),
  );

/** Paths that are none of ours, or are spelt otherwise, under any method. */
export const strangePaths = (key: string): fc.Arbitrary<GeneratedRequest> => {
  const known = fc.constantFrom(...Object.keys(POSTS), ...Object.keys(GETS));
  const path = fc.oneof(
    known,
    known.map(given => given.toUpperCase().replace('/V1', '/v1')),
    known.map(given => `${given.replaceAll('/', '//').replace('//v1', '/v1')}/`),
    queryText.map(given => `/v1/${given}`),
    fc.constantFrom('/v1', '/v1/', '/v1/../graphql', '/v1/%2e%2e/graphql', '/v1/send%00', '/v1/send;x=1', '/v1/%zz'),
  );
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS');
  return fc.tuple(method, path, query(['_format'], key)).map(([verb, given, asked]) => ({
    method: verb,
    path: given + asked,
    headers: {},
    body: verb === 'GET' ? null : '{}',
  }));
};
