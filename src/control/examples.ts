import type { ControlOperation, ControlRequest } from './control.ts';

/** One request of each operation that has a body, for OpenAPI: as it stands it can be tried out in the rehearsal 2021-07-24. */
export const CONTROL_EXAMPLES: { readonly [K in ControlOperation]?: ControlRequest<K> } = {
  clock: { advanceMs: 60_000 },
  failover: { to: 'backup', mode: 'drain' },
  lag: { lagMs: 5_000 },
  register: { participant: 'B09902', registered: true },
  broadcast: {
    kind: 'notice',
    subject: { en: 'An example', zh: '示例' },
    text: { en: 'This message is an example.', zh: '此訊息為示例。' },
  },
  publishReport: {
    ...{ id: 'CIPSI02', participant: 'B09901', businessDate: '2021-07-23', format: 'data' },
    content: 'RVhBTVBMRQ0K',
  },
  withdrawReport: { id: 'CIPSI02', participant: 'B09901', businessDate: '2021-07-23', format: 'data' },
  addTrades: { trades: [{ participant: 'B09901', side: 'buy', stock: '00005', quantity: 400, price: '45.3' }] },
  addRapKey: {
    participant: 'B09901',
    publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8y2sFqTzUj0f5h2m0mQXo0lmGr0b3Yw2m0c0l1q3kP example',
  },
  withdrawRapKey: { participant: 'B09901', fingerprint: 'SHA256:uNiVztksCsDhcc0u9e8BrqXVFS9' },
  publishRapPackage: {
    id: 'RMAMR03',
    snapshot: '1930',
    participant: 'B09901',
    businessDate: '2021-07-23',
    content: 'QSxCDQoxLDINCg==',
  },
  reset: {},
  snapshot: { name: 'before-upload' },
  removeSnapshot: { name: 'before-upload' },
  restore: { name: 'before-upload' },
  withdrawRapPackage: { id: 'RMAMR03', participant: 'B09901', businessDate: '2021-07-23', snapshot: '1930' },
};
