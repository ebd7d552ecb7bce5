#!/bin/sh
# The least that a client does in a rehearsal: it logs on and reads its stock balances. `rehearse --with` sets the variables.
set -eu
cookies=$(mktemp)
trap 'rm -f "$cookies"' EXIT
ask() {
  curl --silent --show-error --fail --output /dev/null --cacert "$CCASS_HARNESS_CA" -b "$cookies" -c "$cookies" "$@"
}
ask --header 'content-type: application/json' \
  --data '{"participant":"B09901","user":"MAKER01","password":"Rehearsal-2021","channel":"C3T"}' \
  "$CCASS_HARNESS_LINE/ccass/v1/session"
ask "$CCASS_HARNESS_LINE/ccass/v1/stock-balances"
echo "session $CCASS_HARNESS_SESSION: logged on, balances read"
