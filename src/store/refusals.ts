import { type Refusal, refuse } from '../domain/refusal.ts';

/** This centre did nothing. */
export const standby = (): Refusal =>
  refuse('CENTRE_STANDBY', {
    en: 'This data centre is not the active one. Log on again at the line address.',
    zh: '此數據中心並非運作中的中心，請於連接地址重新登入。',
  });

/** The data may or may not have reached the other centre before the switch. */
export const cutOff = (): Refusal =>
  refuse('CENTRE_STANDBY', {
    en: 'The active data centre changed before this was saved at both. Log on again at the line address and check whether it is there before you send it again.',
    zh: '資料未及妥善保存，運作中的數據中心已經切換。請於連接地址重新登入，先查閱該項資料是否存在，再決定是否重新提交。',
  });
