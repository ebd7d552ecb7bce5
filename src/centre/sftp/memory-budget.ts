/** A buffer for a block of a file. It can be taken away while it is not in use. */
export interface Block {
  readonly bytes: Buffer;
  /** Reads and fills that use it now. */
  uses: number;
  /** Grows with each use. */
  lastUse: number;
}

/** What one connection makes the server hold. Buffers count exactly, objects by an estimate. */
export interface MemoryUse {
  /** Counts bytes; a negative number gives them back. */
  hold(bytes: number): void;
  /** Whether so much more is within the budget; blocks out of use are given back for it. */
  fits(bytes: number): boolean;
  /** A block, or null if the budget is used by others in use. `lost` is called when it is taken away. */
  lease(bytes: number, lost: () => void): Block | null;
  giveBack(block: Block): void;
  /** Counts for this user as well from now on. */
  belongTo(user: string): void;
  /** Whether the connection's or its user's budget is used up. */
  isOver(): boolean;
  end(): void;
}

export interface MemoryLimits {
  readonly connectionBytes: number;
  readonly userBytes: number;
}

/** The connections of a user, or one of them. */
interface Account {
  readonly limit: number;
  held: number;
  readonly blocks: Map<Block, () => void>;
}

/** Buffers of this size are used again, since the garbage collector sees them late. */
export const BLOCK_BYTES = 1024 * 1024;
const MAX_SPARE = 16;

/** The budgets of a listener's connections and users. `changed` is called whenever one of a user's budgets has room again. */
export function createMemoryBudgets({ connectionBytes, userBytes }: MemoryLimits) {
  const users = new Map<string, { readonly account: Account; readonly members: Set<() => void> }>();
  const spare: Buffer[] = [];
  let uses = 0;

  const open = (changed: () => void): MemoryUse => {
    const own: Account = { limit: connectionBytes, held: 0, blocks: new Map() };
    let accounts: readonly Account[] = [own];
    let userName: string | null = null;

    const isOver = () => accounts.some(({ held, limit }) => held > limit);

    function hold(bytes: number): void {
      const wasOver = isOver();
      for (const account of accounts) account.held += bytes;
      // Idle blocks go back first: paused for their sake, a client that reads could not open its window.
      if (bytes > 0 && isOver()) fits(0);
      if (isOver() === wasOver) return;
      const members = userName === null ? null : users.get(userName)?.members;
      if (wasOver && members) for (const member of members) member();
      else changed();
    }

    function giveBack(block: Block): void {
      if (!own.blocks.has(block)) return;
      for (const { blocks } of accounts) blocks.delete(block);
      if (block.uses === 0 && block.bytes.length === BLOCK_BYTES && spare.length < MAX_SPARE) spare.push(block.bytes);
      hold(-block.bytes.length);
    }

    /** Takes blocks out of use away, the one unused for longest first, until so much more fits. */
    function fits(bytes: number): boolean {
      return accounts.every((account) => {
        while (account.held + bytes > account.limit) {
          let oldest: Block | null = null;
          for (const block of account.blocks.keys()) {
            if (block.uses === 0 && (!oldest || block.lastUse < oldest.lastUse)) oldest = block;
          }
          if (!oldest) return false;
          account.blocks.get(oldest)?.();
        }
        return true;
      });
    }

    return {
      hold,
      fits,
      isOver,
      giveBack,
      lease(bytes, lost) {
        if (!fits(bytes)) return null;
        const buffer = (bytes === BLOCK_BYTES && spare.pop()) || Buffer.allocUnsafeSlow(bytes);
        const block: Block = { bytes: buffer, uses: 0, lastUse: ++uses };
        const takeAway = () => {
          giveBack(block);
          lost();
        };
        for (const { blocks } of accounts) blocks.set(block, takeAway);
        hold(bytes);
        return block;
      },
      belongTo(user) {
        const known = users.get(user) ?? {
          account: { limit: userBytes, held: 0, blocks: new Map() },
          members: new Set<() => void>(),
        };
        users.set(user, known);
        known.members.add(changed);
        known.account.held += own.held;
        userName = user;
        accounts = [own, known.account];
      },
      end() {
        for (const takeAway of [...own.blocks.values()]) takeAway();
        hold(-own.held);
        const user = userName === null ? undefined : users.get(userName);
        user?.members.delete(changed);
        if (userName !== null && user?.members.size === 0) users.delete(userName);
      },
    };
  };
  return { open };
}
