import { asTenantId, type TenantId } from '../kernel/index.js';
import type { ClientView } from './caller.js';

/** What a token says; a signature over it makes it true. */
export interface ClientClaim {
  readonly tenantId: TenantId;
  readonly keyId: string;
  readonly expiresAt: Date;
  readonly view: ClientView;
}

const PREFIX = 'rct_';
const WELL_FORMED = /^rct_[A-Za-z0-9_-]{60,400}$/;
const MAC_BYTES = 32;
const UUID_BYTES = 16;
const TIME_BYTES = 6;
const OF_MESSAGE = 1;
const OF_TAG = 2;
const WITH_PERSONAL_DATA = 4;
const HEAD_BYTES = 1 + 2 * UUID_BYTES + TIME_BYTES;

export const isClientToken = (secret: string): boolean => secret.startsWith(PREFIX);

/** One byte of what kind it is, the tenant, the key that issues it, when it is over, and the message's id or the tag. */
export function writeClaim({ tenantId, keyId, expiresAt, view }: ClientClaim): Buffer {
  const ofMessage = 'messageId' in view;
  const time = Buffer.alloc(TIME_BYTES);
  time.writeUIntBE(expiresAt.getTime(), 0, TIME_BYTES);
  return Buffer.concat([
    Buffer.of((ofMessage ? OF_MESSAGE : OF_TAG) | (view.personalData ? WITH_PERSONAL_DATA : 0)),
    bytesOf(tenantId),
    bytesOf(keyId),
    time,
    ofMessage ? bytesOf(view.messageId) : Buffer.from(view.tag),
  ]);
}

/** Of what `writeClaim` wrote; null for anything else, which nobody can have signed. */
export function readClaim(claim: Buffer): ClientClaim | null {
  const kind = claim[0] ?? 0;
  const named = claim.subarray(HEAD_BYTES);
  const personalData = (kind & WITH_PERSONAL_DATA) !== 0;
  const view = viewOf(kind & ~WITH_PERSONAL_DATA, named, personalData);
  if (view === null) return null;
  return {
    tenantId: asTenantId(uuidAt(claim, 1)),
    keyId: uuidAt(claim, 1 + UUID_BYTES),
    expiresAt: new Date(claim.readUIntBE(1 + 2 * UUID_BYTES, TIME_BYTES)),
    view,
  };
}

export const writeToken = (claim: Buffer, mac: Buffer): string =>
  PREFIX + Buffer.concat([claim, mac]).toString('base64url');

/** Null: no token of ours, whoever signed it. */
export function readToken(token: string): { readonly claim: Buffer; readonly mac: Buffer } | null {
  if (!WELL_FORMED.test(token)) return null;
  const bytes = Buffer.from(token.slice(PREFIX.length), 'base64url');
  if (bytes.length <= HEAD_BYTES + MAC_BYTES) return null;
  return { claim: bytes.subarray(0, -MAC_BYTES), mac: bytes.subarray(-MAC_BYTES) };
}

function viewOf(kind: number, named: Buffer, personalData: boolean): ClientView | null {
  if (kind === OF_MESSAGE && named.length === UUID_BYTES) return { messageId: uuidAt(named, 0), personalData };
  if (kind === OF_TAG) return { tag: named.toString('utf8'), personalData };
  return null;
}

const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

const uuidAt = (bytes: Buffer, at: number): string =>
  bytes.toString('hex', at, at + UUID_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
