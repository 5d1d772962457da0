import { phoneOf, receiptSecretOf, urgentPhoneOf } from '../data/numbers.js';
import { FLOOR_KEY } from '../processes/provider.js';
import type { RequestKind, RequestLoad } from './questions.js';

export interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isRight: (answer: string) => boolean;
}

type Maker = (load: RequestLoad, index: number) => Asked;

const SEND_SMS = `mutation ($input: SendSmsInput!) {
  sendSms(input: $input) { __typename ... on Message { id number status parts cost currency } ... on Refusal { code message } } }`;
const PAGE = `{ messages(first: 50) { nodes { id number status category parts cost currency recipientCount createdAt text
  counts { delivered sent } } pageInfo { hasNextPage endCursor } } }`;
const MESSAGE = `query ($id: ID!) { message(id: $id) { id number status cost text sentText holds { explanation }
  waiting { kind explanation } timeline { at kind detail } deliveries(first: 10) { nodes { phoneNumber status updatedAt } } } }`;

const keyOf = ({ keys }: RequestLoad, index: number): string => keys[index % keys.length] ?? '';
const numberOf = ({ urgent }: RequestLoad, index: number): string =>
  urgent === true ? urgentPhoneOf(index) : phoneOf(index);
const accepted = (answer: string): boolean => answer.includes('"success":true') && answer.includes('"message_id"');

const plainPost = (path: string, fields: object, isRight: Asked['isRight']): Asked => ({
  path,
  headers: {},
  body: JSON.stringify(fields),
  isRight,
});

const graphql = (key: string, question: object, shows: string): Asked => ({
  path: '/graphql',
  headers: { authorization: `Bearer ${key}` },
  body: JSON.stringify(question),
  isRight: answer => answer.includes(shows) && !answer.includes('"errors"'),
});

/** One request of each kind, by its index. */
export const MAKERS: Readonly<Record<RequestKind, Maker>> = {
  send: (load, index) =>
    plainPost(
      '/v1/send',
      { apiKey: keyOf(load, index), phoneNumbers: numberOf(load, index), message: `Votre code : ${index}` },
      accepted,
    ),
  'send-500': (load, index) => {
    const phoneNumbers = Array.from({ length: 500 }, (_, place) => phoneOf(index * 500 + place)).join(',');
    return plainPost(
      '/v1/send',
      { apiKey: keyOf(load, index), phoneNumbers, message: 'Votre commande est prête' },
      accepted,
    );
  },
  'send-sms': (load, index) => {
    const input = { to: [numberOf(load, index)], text: `Votre code : ${index}` };
    return graphql(keyOf(load, index), { query: SEND_SMS, variables: { input } }, '"__typename":"Message"');
  },
  typename: (load, index) => graphql(keyOf(load, index), { query: '{ __typename }' }, '"__typename":"Query"'),
  receipt: (_, index) => {
    const receipt = { status: 'delivered', msgId: String(index), date: Math.floor(Date.now() / 1_000) };
    const body = { ...receipt, phone: phoneOf(index), cost: '0.045', currency: 'EUR' };
    return plainPost(`/callbacks/receipts/${receiptSecretOf(index)}`, body, answer => answer === 'OK');
  },
  page: (load, index) => graphql(keyOf(load, index), { query: PAGE }, '"nodes":[{'),
  message: (load, index) => {
    const ids = load.ids?.[index % load.keys.length] ?? [];
    const id = ids[index % ids.length];
    return graphql(keyOf(load, index), { query: MESSAGE, variables: { id } }, '"nodes":[{');
  },
  'provider-call': (_, index) =>
    plainPost(
      '/v1/send',
      {
        apiKey: FLOOR_KEY,
        phoneNumbers: phoneOf(index),
        message: `Votre code : ${index}`,
        tag: 'k3j9x0q7m2v5b8n1',
        gamme: 1,
        urlDlr: `http://127.0.0.1:3000/callbacks/receipts/${'s'.repeat(43)}`,
        urlResponse: `http://127.0.0.1:3000/callbacks/replies/${'s'.repeat(43)}`,
      },
      accepted,
    ),
};
