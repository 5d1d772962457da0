import { connect, createServer, type Server, type Socket } from 'node:net';

/** A wire between the app and its database that a test can cut and mend. */
export class CuttableProxy {
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;
  private port = 0;

  private constructor(private readonly target: URL) {}

  /** `url` is the database's; the app gets `proxy.url` instead. */
  static async before(url: string): Promise<CuttableProxy> {
    const proxy = new CuttableProxy(new URL(url));
    await proxy.mend();
    return proxy;
  }

  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  /** Open connections break off, new ones are refused. */
  async cut(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.server === null) return;
    this.server.close(() => resolve());
    for (const socket of this.sockets) socket.destroy();
    this.server = null;
    await promise;
  }

  /** Listens on the same port as before. */
  async mend(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const server = createServer(socket => this.join(socket)).once('error', reject);
    server.listen(this.port, '127.0.0.1', resolve);
    await promise;
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.port = address.port;
    this.server = server;
  }

  private join(incoming: Socket): void {
    const outgoing = connect(Number(this.target.port), this.target.hostname);
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
