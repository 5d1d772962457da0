import { createSocket, type Socket } from 'node:dgram';
import ipaddr from 'ipaddr.js';

const TYPES = { 1: 'A', 28: 'AAAA' } as const;
const NO_SUCH_NAME = 3;

/** The addresses of a name; null: there is no such name; 'silence': no answer ever comes. */
export type Answering = (name: string, type: 'A' | 'AAAA') => readonly string[] | 'silence' | null;

/** A real DNS server on loopback that says what the test tells it to, a different thing each time if need be. */
export class NameServer {
  readonly asked: string[] = [];
  answering: Answering = () => null;
  address = '';

  private constructor(private readonly socket: Socket) {}

  static async start(): Promise<NameServer> {
    const socket = createSocket('udp4');
    const server = new NameServer(socket);
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('message', (query, from) => {
      const answer = server.answer(query);
      if (answer !== null) socket.send(answer, from.port, from.address);
    });
    socket.bind(0, '127.0.0.1', resolve);
    await promise;
    server.address = `127.0.0.1:${socket.address().port}`;
    return server;
  }

  close(): void {
    this.socket.close();
  }

  private answer(query: Buffer): Buffer | null {
    const { name, end } = nameIn(query);
    const number = query.readUInt16BE(end);
    const type = number === 1 || number === 28 ? TYPES[number] : null;
    if (type === null) return null;
    this.asked.push(`${name} ${type}`);
    const told = this.answering(name, type);
    if (told === 'silence') return null;
    const records = (told ?? []).map(address => record(number, address));
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (told === null ? NO_SUCH_NAME : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    return Buffer.concat([header, query.subarray(12, end + 4), ...records]);
  }
}

function nameIn(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let place = 12;
  for (let length = query.readUInt8(place); length > 0; length = query.readUInt8(place)) {
    labels.push(query.toString('ascii', place + 1, place + 1 + length));
    place += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), end: place + 1 };
}

/** A pointer to the question's name, type, class, a time to live of nothing, and the address. */
function record(type: number, address: string): Buffer {
  const bytes = Buffer.from(ipaddr.parse(address).toByteArray());
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, bytes]);
}
