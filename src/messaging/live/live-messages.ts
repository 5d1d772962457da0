import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import DataLoader from 'dataloader';
import { AppConfig, NotFound, type TenantId, Transactions } from '../../kernel/index.js';
import type { Message } from '../message.js';
import { MessageStore } from '../message.store.js';
import { MessageChanges } from './message-changes.js';
import { MessageWatch } from './message-watch.js';

/** A notice is lost with a process that dies between its commit and the notice: what is watched by id is looked at anyway. */
const SWEEP_MS = 5_000;

type MayShow = (message: Message) => boolean;

/** Who watches a tenant's messages in this process. */
interface Audience {
  readonly ofAll: Set<MessageWatch>;
  readonly ofOne: Map<string, Set<MessageWatch>>;
  /** Those who are told of a message at the same moment share one look at it. */
  readonly reader: DataLoader<string, Message | null>;
}

/** Lets a tenant watch its messages as they change, whichever process changes them. */
@Injectable()
export class LiveMessages implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(LiveMessages.name);
  private readonly audiences = new Map<TenantId, Audience>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly transactions: Transactions,
    private readonly messages: MessageStore,
    private readonly config: AppConfig,
    changes: MessageChanges,
  ) {
    changes.on({
      changed: (tenantId, ids) => this.changed(tenantId, ids),
      missed: () => this.lose('changes may have been missed: subscribe again'),
    });
  }

  onApplicationBootstrap(): void {
    if (this.config.role !== 'worker') this.timer = setInterval(() => void this.sweep(), SWEEP_MS);
  }

  beforeApplicationShutdown(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** One message: its present state first, then each later one. Throws NotFound, also where it may not be shown. */
  async watchOne(tenantId: TenantId, messageId: string, mayShow: MayShow): Promise<MessageWatch> {
    const watch = this.watch(tenantId, messageId, mayShow);
    // In the audience before the look: a change between the two is seen twice rather than not at all.
    const message = await this.read(tenantId, messageId);
    if (message !== null && mayShow(message)) return watch;
    await watch.return();
    throw new NotFound('message');
  }

  /** All of a tenant's that may be shown: from now on. */
  watchAll(tenantId: TenantId, mayShow: MayShow): MessageWatch {
    return this.watch(tenantId, null, mayShow);
  }

  /** Looks at what is watched by its id, in one statement; those that have changed tell so. */
  async sweep(): Promise<void> {
    const watched = [...this.audiences].flatMap(([tenantId, { ofOne }]) =>
      [...ofOne.keys()].map(id => ({ tenantId, id })),
    );
    if (watched.length === 0) return;
    try {
      const tenants = [...new Set(watched.map(({ tenantId }) => tenantId))];
      const versions = await this.transactions.run(tenants, tx => this.messages.versions(tx, watched));
      for (const { tenantId, id, version } of versions)
        for (const watch of this.audiences.get(tenantId)?.ofOne.get(id) ?? []) watch.isAt(version);
    } catch (error) {
      this.log.debug({ message: 'could not look at what is watched; the next look does', error });
    }
  }

  private changed(tenantId: TenantId, messageIds: readonly string[]): void {
    const audience = this.audiences.get(tenantId);
    if (audience === undefined) return;
    for (const id of messageIds) {
      for (const watch of audience.ofOne.get(id) ?? []) watch.changed(id);
      for (const watch of audience.ofAll) watch.changed(id);
    }
  }

  private lose(reason: string): void {
    for (const { ofAll, ofOne } of this.audiences.values()) {
      for (const watches of [ofAll, ...ofOne.values()]) for (const watch of watches) watch.lose(reason);
    }
  }

  private watch(tenantId: TenantId, messageId: string | null, mayShow: MayShow): MessageWatch {
    const watch: MessageWatch = new MessageWatch({
      messageId,
      read: async id => {
        const message = await this.read(tenantId, id);
        return message !== null && mayShow(message) ? message : null;
      },
      ended: () => this.leave(tenantId, watch),
    });
    const audience = this.audiences.get(tenantId) ?? this.newAudience(tenantId);
    this.audiences.set(tenantId, audience);
    if (messageId === null) audience.ofAll.add(watch);
    else audience.ofOne.set(messageId, (audience.ofOne.get(messageId) ?? new Set()).add(watch));
    return watch;
  }

  private leave(tenantId: TenantId, watch: MessageWatch): void {
    const audience = this.audiences.get(tenantId);
    if (audience === undefined) return;
    audience.ofAll.delete(watch);
    if (watch.messageId !== null) {
      const others = audience.ofOne.get(watch.messageId);
      others?.delete(watch);
      if (others?.size === 0) audience.ofOne.delete(watch.messageId);
    }
    if (audience.ofAll.size === 0 && audience.ofOne.size === 0) this.audiences.delete(tenantId);
  }

  private read(tenantId: TenantId, messageId: string): Promise<Message | null> {
    return (this.audiences.get(tenantId) ?? this.newAudience(tenantId)).reader.load(messageId);
  }

  private newAudience(tenantId: TenantId): Audience {
    const reader = new DataLoader<string, Message | null>(
      async ids => {
        const found = await this.transactions.run(tenantId, tx => this.messages.findMany(tx, tenantId, ids));
        const byId = new Map(found.map(message => [message.id, message]));
        return ids.map(id => byId.get(id) ?? null);
      },
      { cache: false },
    );
    return { ofAll: new Set(), ofOne: new Map(), reader };
  }
}
