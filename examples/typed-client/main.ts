import { graphql } from './generated/gql.js';
import type { MessageStatus } from './generated/graphql.js';
import { ask, follow } from './relais.js';

const SendSms = graphql(`
  mutation SendSms($input: SendSmsInput!) {
    sendSms(input: $input) {
      __typename
      ... on Message {
        id
        number
        status
        cost
        currency
      }
      ... on InvalidSms {
        problems {
          path
          code
          message
        }
      }
      ... on InsufficientCredit {
        required
        balance
      }
      ... on Refusal {
        code
        message
      }
    }
  }
`);

const MessageChanged = graphql(`
  subscription MessageChanged($id: ID!) {
    messageChanged(id: $id) {
      id
      status
      counts {
        delivered
      }
    }
  }
`);

const FindMessage = graphql(`
  query FindMessage($id: ID!) {
    message(id: $id) {
      text
      deliveries(first: 10) {
        nodes {
          phoneNumber
          status
        }
      }
    }
  }
`);

const OVER: ReadonlySet<MessageStatus> = new Set(['COMPLETED', 'CANCELLED', 'FAILED']);

/** Sends an SMS, follows it until it is over, and looks at it. */
async function main(url: string, key: string, to: string): Promise<void> {
  const relais = { url, key };
  const { sendSms } = await ask(relais, SendSms, {
    input: { to: [to], text: 'Votre code est 1234', category: 'TRANSACTIONAL' },
  });
  switch (sendSms.__typename) {
    case 'Message':
      console.log(`${sendSms.number} accepted for ${sendSms.cost} ${sendSms.currency}`);
      break;
    case 'InvalidSms':
      throw new Error(sendSms.problems.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
    case 'InsufficientCredit':
      throw new Error(`${sendSms.required} needed, ${sendSms.balance} there`);
    case 'NoRecipient':
    case 'IdempotencyConflict':
      throw new Error(sendSms.message);
  }
  for await (const { messageChanged } of follow(relais, MessageChanged, { id: sendSms.id })) {
    console.log(`${messageChanged.status}, ${messageChanged.counts.delivered} delivered`);
    if (OVER.has(messageChanged.status)) break;
  }
  const { message } = await ask(relais, FindMessage, { id: sendSms.id });
  for (const { phoneNumber, status } of message?.deliveries.nodes ?? []) {
    console.log(`${phoneNumber ?? 'erased'}: ${status}`);
  }
}

const [url = 'http://localhost:3000', key = '', to = '+33612345678'] = process.argv.slice(2);
await main(url, key, to);
