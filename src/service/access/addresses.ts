import { BlockList, isIPv6 } from 'node:net';
import { addressRange } from '../../domain/access/address-range.ts';
import { plainAddress } from '../../domain/access/arrival.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';

/** Which addresses each participant may log on from. Published as a rule (CCASS FAQ 16), assumed in its values. */
export interface AddressRules {
  /** False: addresses are not checked. */
  readonly enforced: boolean;
  /** Ranges in CIDR notation, such as 127.0.3.0/24. */
  readonly ranges: readonly { readonly participant: string; readonly addresses: readonly string[] }[];
}

/** Null, or ADDRESS_NOT_ALLOWED for a log-on from outside the participant's ranges. */
export type AddressCheck = (participant: string, address: string) => Refusal | null;

/** @throws Error for a range that is not in CIDR notation; the loader has checked the fixtures. */
export function addressCheck(rules: AddressRules): AddressCheck {
  if (!rules.enforced) return () => null;
  const lists = new Map(rules.ranges.map((row) => [row.participant, listOf(row.addresses)]));
  return (participant, from) => {
    const address = plainAddress(from);
    if (lists.get(participant)?.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return null;
    // An unknown participant gets the same answer as one without ranges, so it does not reveal which IDs exist.
    return refuse('ADDRESS_NOT_ALLOWED', {
      en: `You called from ${address}, which is outside the address range of participant ${participant}. Log on from an address in that range, or add this one to addresses.json of the market folder.`,
      zh: `閣下使用的地址 ${address} 不在參與者 ${participant} 獲分配的地址範圍內。請使用範圍內的地址登入，或於市場資料夾的 addresses.json 加入此地址。`,
    });
  };
}

function listOf(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of addresses) {
    const range = addressRange(text);
    if (!range) throw new Error(`${text} is not a valid address range`);
    list.addSubnet(range.address, range.bits, range.family);
  }
  return list;
}
