#!/bin/sh
# A participant's day through a fail-over: curl (7.76 or newer) and OpenSSH.
# Run it under `npx ccass-harness exec -- sh day.sh [FOLDER]`: everything comes from that command's variables.
set -eu

line=$CCASS_HARNESS_LINE
participant=${CCASS_HARNESS_PARTICIPANT:-B09901}
user=${CCASS_HARNESS_USER:-MAKER01}
password=${CCASS_HARNESS_PASSWORD:-Rehearsal-2021}
orp_user=${CCASS_HARNESS_ORP_USER:-RISK01}
sftp=${CCASS_HARNESS_SFTP#sftp://}
sftp_host=${CCASS_HARNESS_SFTP_HOST:-${sftp%:*}}
sftp_port=${CCASS_HARNESS_SFTP_PORT:-${sftp##*:}}
folder=${1:-$(mktemp -d)}
# Cookies and answers: readable by nobody else, and gone at the end.
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The text or number of a member: `member NAME < JSON` prints the first one. Use jq where you have it.
member() {
  tr -d '\n' | sed 's/"'"$1"'"/\
&/' | sed -n 's/^"'"$1"'": *"\{0,1\}\([^",}]*\).*/\1/p' | head -n 1
}

# ask SERVICE METHOD PATH [CURL OPTIONS]: the answer in $work/answer, its status in $status. curl trusts the harness's CA and verifies
# names as always. It tries again when the connection breaks, as it does when a centre is cut off: enquiries may be repeated, and so
# may an upload of the same bytes.
ask() {
  service=$1 method=$2 path=$3 attempt=1
  shift 3
  until status=$(curl --silent --show-error --cacert "$CCASS_HARNESS_CA" --connect-timeout 5 --max-time 30 \
    --cookie "$work/$service" --cookie-jar "$work/$service" --header 'Accept-Language: en' \
    --request "$method" --output "$work/answer" --write-out '%{http_code}' "$@" "$line$path"); do
    # 7 refused, 18 partial, 52 empty, 55 and 56 broken. All else, such as a certificate that does not fit, stays as it is.
    case $? in 7 | 18 | 52 | 55 | 56) [ "$attempt" -lt 5 ] || exit 1 ;; *) exit 1 ;; esac
    sleep "$attempt"
    attempt=$((attempt + 1))
  done
}

refused() {
  echo "$(member code <"$work/answer"): $(member detail <"$work/answer")" >&2
  exit 1
}

log_on() {
  if [ "$1" = ccass ]; then who="\"user\":\"$user\",\"channel\":\"PG\""; else who="\"user\":\"$orp_user\""; fi
  printf '{"participant":"%s",%s,"password":"%s"}' "$participant" "$who" "$password" >"$work/body"
  ask "$1" POST "/$1/v1/session" --header 'Content-Type: application/json' --data-binary "@$work/body"
  [ "$status" = 201 ] || refused
  echo "logged on to /$1/v1 at $(member centre <"$work/answer")"
}

# The same as `ask`; logs on again where a fail-over has ended the session, and stops where the centre refuses.
call() {
  ask "$@"
  if [ "$status" = 401 ]; then
    echo "session ended ($(member reason <"$work/answer"))"
    log_on "$1"
    ask "$@"
  fi
  [ "$status" -lt 400 ] || refused
}

# batch_file DATE SEQUENCE: ZSIUP01 with two rows of 400 shares, the second wrong on purpose; docs/fidelity.md has the layout.
batch_file() {
  settles=$1
  case $(date -u -d "$1" +%u 2>/dev/null || date -u -j -f %Y%m%d "$1" +%u) in
    6) settles=$(date -u -d "$1 + 2 days" +%Y%m%d 2>/dev/null || date -u -j -v+2d -f %Y%m%d "$1" +%Y%m%d) ;;
    7) settles=$(date -u -d "$1 + 1 day" +%Y%m%d 2>/dev/null || date -u -j -v+1d -f %Y%m%d "$1" +%Y%m%d) ;;
  esac
  printf '%-160s\r\n' "0$(printf '%-6s' "$participant")ZSIUP01HKMK$1$2"
  checksums=0
  for row in 1:5 2:99999; do
    stock=${row#*:}
    checksum=$((stock + 400 + 1812000 + settles))
    checksums=$((checksums + checksum))
    printf '%-160s\r\n' "$(printf '1%-16sD%05d%12s%012d%-6s%-8sDVPHKD%015d%sN%20s%014d' \
      "$2-${row%:*}" "$stock" '' 400 B09902 01 1812000 "$settles" '' "$checksum")"
  done
  printf '%-160s\r\n' "$(printf '9%07d%018d%018d%018d' 2 800 3624000 "$checksums")"
}

upload() {
  call ccass POST /ccass/v1/batches --header 'Content-Type: application/octet-stream' --data-binary "@$work/batch"
  reference=$(member reference <"$work/answer")
  if [ "$status" = 200 ]; then echo "uploaded $reference, which was there already"; else echo "uploaded $reference"; fi
}

# Polls until the batch is done, then prints its refused rows, page by page.
finished() {
  polls=0
  while call ccass GET "/ccass/v1/batches/$reference" &&
    case $(member status <"$work/answer") in received | processing) true ;; *) false ;; esac do
    polls=$((polls + 1))
    [ "$polls" -lt 300 ] || { echo "batch $reference is not done after a minute" >&2; exit 1; }
    sleep 0.2
  done
  echo "$(member status <"$work/answer"): $(member accepted <"$work/answer") accepted, $(member refused <"$work/answer") refused"
  while :; do
    { cat "$work/answer" && echo; } | sed 's/{"line":/\
&/g' | sed -n 's/^{"line":\([0-9]*\),"reference":"[^"]*","reason":"\([^"]*\)".*"came":"\([^"]*\)","expected":"\([^"]*\)","says":{"en":"\([^"]*\)".*/line \1: \2, came \3, expected \4. \5/p'
    next=$(sed -n 's/.*"refusedRows":.*"next":"\([^"]*\)".*/\1/p' "$work/answer")
    [ -n "$next" ] || break
    call ccass GET "/ccass/v1/batches/$reference?cursor=$next"
  done
}

download_reports() {
  call ccass GET /ccass/v1/reports
  sed 's/{"reference":/\
&/g' "$work/answer" | grep "\"batch\":\"$reference\"" >"$work/reports" || true
  while read -r row; do
    name=$(echo "$row" | member fileName)
    call ccass GET "/ccass/v1/reports/$(echo "$row" | member reference)"
    echo "$(echo "$row" | member sha256)  $work/answer" | sha256sum -c --status || { echo "$name is damaged" >&2; exit 1; }
    cp "$work/answer" "$folder/$name"
    echo "downloaded $(echo "$row" | member id) $(echo "$row" | member format)"
  done <"$work/reports"
}

fetch_rap_files() {
  rap() {
    sftp -q -b - -P "$sftp_port" -i "$CCASS_HARNESS_RAP_KEY" -o IdentitiesOnly=yes -o ConnectTimeout=30 \
      -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$CCASS_HARNESS_KNOWN_HOSTS" "$participant@$sftp_host"
  }
  day=$(echo 'ls -1 /INBOX' | rap | sed -n 's#.*/\([0-9]\{8\}\)$#\1#p' | sort | tail -n 1)
  [ -z "$day" ] || printf 'lcd "%s"\nget /INBOX/%s/*\n' "$folder" "$day" | rap >/dev/null
  echo "fetched $(find "$folder" -name '*_[CD].zip' | wc -l | tr -d ' ') RAP files"
}

margin() {
  call orp GET /orp/v1/margin
  echo "margin HKD $(member total <"$work/answer")"
}

# The tester's part, not the participant's: in the rehearsal HKEX does it.
switch_centres() {
  ask centre GET /centre
  if [ "$(member centre <"$work/answer")" = primary ]; then to=backup; else to=primary; fi
  curl --silent --show-error --fail --max-time 30 --output /dev/null --header "Authorization: Bearer $CCASS_HARNESS_TOKEN" \
    --header 'Content-Type: application/json' --data "{\"to\":\"$to\"}" "$CCASS_HARNESS_ADMIN/v1/failover"
  echo "switched to $to"
}

log_on ccass
call ccass GET '/ccass/v1/stock-balances?stock=5'
shares=$(tr '{' '\n' <"$work/answer" | sed -n 's/.*"quantity":\([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }')
echo "$shares shares of 00005"
ask centre GET /centre
market=$(sed -n 's/.*"marketTime":"\([^"]*\)".*/\1/p' "$work/answer")
today=$(echo "$market" | cut -c 1-10 | tr -d -)
# A real client keeps a counter: the number is unique for a day.
hour=$(echo "$market" | cut -c 12-13) minute=$(echo "$market" | cut -c 15-16)
batch_file "$today" "$(printf %04d $((1 + ${hour#0} * 60 + ${minute#0})))" >"$work/batch"
upload
first=$reference
finished
download_reports
fetch_rap_files
log_on orp
margin
switch_centres
# The client does not know whether its last upload arrived: it sends the same bytes again, and nothing is input twice.
upload
[ "$reference" = "$first" ] || { echo 'the batch was input twice' >&2; exit 1; }
margin
call ccass DELETE /ccass/v1/session
call orp DELETE /orp/v1/session
echo "logged off; the files are in $folder"
