/** IDs of reports as HKEX publishes them, of five (RPF01) to eight characters (DWH0081C), as a pattern of JSON Schema. */
export const REPORT_ID_PATTERN = '^[A-Z0-9]{5,8}$';
