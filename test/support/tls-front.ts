import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { SELF_SIGNED } from './self-signed.js';

/** HTTPS before an application that speaks HTTP: takes the encryption off, and hands on every byte as it came. */
export class TlsFront {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(private readonly target: URL) {
    this.server = createServer({ key: SELF_SIGNED.key, cert: SELF_SIGNED.cert }, socket => this.join(socket));
    this.server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  /** `url`: what stands behind it. */
  static async start(url: string): Promise<TlsFront> {
    const front = new TlsFront(new URL(url));
    const { promise, resolve } = Promise.withResolvers<void>();
    front.server.listen(0, 'localhost', resolve);
    await promise;
    return front;
  }

  get port(): number {
    return addressOf(this.server).port;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    for (const socket of this.sockets) socket.destroy();
    await promise;
  }

  private join(client: Socket): void {
    const behind = connect(Number(this.target.port), this.target.hostname);
    this.pass(client, behind);
    this.pass(behind, client);
  }

  private pass(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroySoon();
    });
    from.on('error', () => to.destroy());
    from.pipe(to);
  }
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address;
}
