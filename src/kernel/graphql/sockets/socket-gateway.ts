import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { GraphQLError } from 'graphql';
import { handleProtocols, makeServer, type Server as GraphqlServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { AppConfig } from '../../config/app-config.js';
import { DomainError } from '../../domain-error.js';
import { isAllowedOrigin } from '../../http/origins.js';
import { clientAddress } from './client-address.js';
import { CLOSE } from './close-codes.js';
import { SocketConnection } from './socket-connection.js';
import { type Admission, SocketDoor } from './socket-door.js';
import { SocketOperations } from './socket-operations.js';

const PATH = '/graphql';
/** A subscription is a few hundred bytes; ws would take 100 MiB. */
const LARGEST_MESSAGE = 64 * 1_024;
const MOST_SOCKETS = 10_000;
const MOST_SUBSCRIPTIONS = 100;
const RECHECK_MS = 1_000;
const PING_MS = 10_000;
/** For clients to hear that we go, before they are cut off. */
const LEAVE_MS = 1_000;

const CLOSE_FOR: Readonly<Record<string, number>> = {
  unauthenticated: CLOSE.unauthorized,
  forbidden: CLOSE.forbidden,
  'rate-limited': CLOSE.tryAgainLater,
  unavailable: CLOSE.tryAgainLater,
};

/** GraphQL subscriptions over WebSocket (graphql-transport-ws), where HTTP listens. */
@Injectable()
export class SocketGateway implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(SocketGateway.name);
  private readonly connections = new Set<SocketConnection>();
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE,
    clientTracking: false,
    handleProtocols,
  });
  private readonly graphql: GraphqlServer<SocketConnection>;
  private timers: NodeJS.Timeout[] = [];
  private rechecking = false;
  private stopping = false;

  constructor(
    private readonly config: AppConfig,
    private readonly http: HttpAdapterHost,
    private readonly door: SocketDoor,
    operations: SocketOperations,
  ) {
    this.graphql = makeServer<Record<string, unknown>, SocketConnection>({
      onConnect: ({ extra, connectionParams }) => this.admit(extra, connectionParams ?? {}),
      onSubscribe: ({ extra, subscriptions }, _id, payload) => {
        if (Object.keys(subscriptions).length > MOST_SUBSCRIPTIONS) return [tooMany()];
        const checked = operations.check(extra, payload);
        return checked.ok ? checked.args : checked.errors;
      },
      subscribe: args => operations.subscribe(args),
      onNext: (_context, _id, _payload, args, result) => operations.tell(args, result),
      onError: (_context, _id, _payload, errors) => operations.tellErrors(errors),
    });
  }

  onApplicationBootstrap(): void {
    if (this.config.role === 'worker') return;
    const server: Server = this.http.httpAdapter.getHttpServer();
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.timers = [
      setInterval(() => void this.recheck(), RECHECK_MS),
      setInterval(() => {
        for (const connection of this.connections) connection.checkAlive();
      }, PING_MS),
    ];
  }

  /** Clients come back, to whoever is there by then. In this hook, since Apollo waits in its own for every socket to close. */
  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    for (const timer of this.timers) clearInterval(timer);
    for (const connection of this.connections) connection.close(CLOSE.goingAway, 'going away');
    const asked = performance.now();
    while (this.connections.size > 0 && performance.now() - asked < LEAVE_MS) await setTimeout(10);
    for (const connection of this.connections) connection.terminate();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Nobody else answers upgrades: what is left open here would be open for ever.
    socket.on('error', () => undefined);
    if (pathOf(request) !== PATH) return refuse(socket, '404 Not Found');
    if (!this.isFromAllowedPage(request)) return refuse(socket, '403 Forbidden');
    if (this.stopping || this.connections.size >= MOST_SOCKETS) return refuse(socket, '503 Service Unavailable');
    const address = clientAddress(request, this.config.trustedProxies);
    this.sockets.handleUpgrade(request, socket, head, webSocket => this.open(webSocket, address));
  }

  /** Our own page, GraphiQL, or one of an origin that is listed. What is no page sends no Origin. */
  private isFromAllowedPage({ headers: { origin, host } }: IncomingMessage): boolean {
    const own = URL.canParse(origin ?? '') && new URL(origin ?? '').host === host;
    return own || isAllowedOrigin(origin, this.config.corsOrigins);
  }

  private open(webSocket: WebSocket, address: string): void {
    const connection = new SocketConnection(webSocket, address);
    this.connections.add(connection);
    const closed = this.graphql.opened(connection.toGraphqlSocket(), connection);
    webSocket.once('close', (code, reason) => {
      this.connections.delete(connection);
      closed(code, reason.toString()).catch((error: unknown) => {
        this.log.warn({ message: 'a closed socket left something behind', error });
      });
    });
  }

  /** Closes by itself, with the reason as a code: graphql-ws knows one code alone for whoever is not let in. */
  private async admit(connection: SocketConnection, parameters: Readonly<Record<string, unknown>>): Promise<boolean> {
    try {
      const authorization = authorizationIn(parameters);
      connection.admission = await this.door.keeper.admit({ authorization, address: connection.address });
      return true;
    } catch (error) {
      const refusal = error instanceof DomainError ? error : null;
      if (refusal === null) this.log.error({ message: 'a socket could not be let in', error });
      connection.close(CLOSE_FOR[refusal?.kind ?? ''] ?? CLOSE.internalError, refusal?.code ?? 'INTERNAL_SERVER_ERROR');
      return false;
    }
  }

  /** Whose key is revoked or expires is out within about a second. */
  private async recheck(): Promise<void> {
    const admitted = new Map<Admission, SocketConnection>();
    for (const connection of this.connections) {
      if (connection.admission !== null) admitted.set(connection.admission, connection);
    }
    if (admitted.size === 0 || this.rechecking) return;
    this.rechecking = true;
    try {
      for (const admission of await this.door.keeper.toldToLeave([...admitted.keys()]))
        admitted.get(admission)?.close(CLOSE.unauthorized, 'UNAUTHENTICATED');
    } catch (error) {
      this.log.debug({ message: 'keys of sockets could not be checked; the next look does', error });
    } finally {
      this.rechecking = false;
    }
  }
}

const pathOf = ({ url }: IncomingMessage): string => (url ?? '').replace(/[?#].*$/s, '').replace(/^\/+/, '/');

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
}

/** Under any spelling: GraphiQL passes on the headers that its user wrote. */
function authorizationIn(parameters: Readonly<Record<string, unknown>>): string | undefined {
  const value = Object.entries(parameters).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  return typeof value === 'string' ? value : undefined;
}

const tooMany = (): GraphQLError =>
  new GraphQLError(`At most ${MOST_SUBSCRIPTIONS} subscriptions go over one socket: end some, or open another one.`, {
    extensions: { code: 'RATE_LIMITED' },
  });
