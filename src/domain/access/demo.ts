/** The password of every user in fixtures/market. It is published: it protects nothing. */
export const DEMO_PASSWORD = 'Rehearsal-2021';
