#!/bin/sh
# A participant's day from a shell, with curl, sed, grep and sha256sum. LINE, CA, PASSWORD and DIR, a folder of its own, come
# from outside: day.sh WHO COMMAND [ARGUMENT ...], where WHO is participant/user. It prints one line.
set -eu
who=$1 command=$2
shift 2
mkdir -p "$DIR/$who"
jar=$DIR/$who/cookies
ccass=$LINE/ccass/v1

ask() { curl -sS --fail-with-body --cacert "$CA" -b "$jar" -c "$jar" "$@"; }
post() { ask -X "$1" -H 'Content-Type: application/json' -d "$3" "$ccass/$2"; }
text_of() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
figures() { for name in "$@"; do printf '%s\n' "$answer" | sed -n "s/.*\"$name\":\([0-9]*\).*/\1/p"; done | paste -s -d ' ' -; }
# Every page of a list, a page a line.
pages() {
  case $1 in *\?*) list=$1\&limit=5 ;; *) list=$1?limit=2 ;; esac
  next=
  while :; do
    page=$(ask "$ccass/$list${next:+&cursor=$next}")
    printf '%s\n' "$page"
    next=$(printf '%s' "$page" | text_of next)
    [ -n "$next" ] || break
  done
}
# Of instructions, "NUMBER REFERENCE" a line.
numbers() { tr '{' '\n' | sed -n 's/^"number":"\([^"]*\)","reference":"\([^"]*\)".*/\1 \2/p'; }
number_of() { pages settlement-instructions | numbers | sed -n "s/ $1\$//p"; }
quoted() { sed 's/ .*//; s/.*/"&"/' | paste -s -d , -; }

case $command in
  logon)
    answer=$(post POST session "{\"participant\":\"${who%/*}\",\"user\":\"${who#*/}\",\"password\":\"$PASSWORD\",\"channel\":\"C3T\"}")
    printf '%s' "$answer" | text_of centre
    ;;
  input)
    answer=$(post POST settlement-instructions "@$1")
    figures done refused
    ;;
  transfer)
    answer=$(post POST account-transfers "@$1")
    figures done refused
    ;;
  change)
    answer=$(post PATCH "settlement-instructions/$(number_of "$1")" "@$2")
    figures done refused
    ;;
  delete)
    answer=$(post POST settlement-instructions/delete "{\"numbers\":[\"$(number_of "$1")\"]}")
    figures done refused
    ;;
  authorise)
    pending=$(pages 'settlement-instructions?status=pending' | numbers | quoted)
    answer=$(post POST settlement-instructions/authorise "{\"numbers\":[$pending]}")
    figures done refused
    ;;
  upload)
    ask -H 'Content-Type: text/plain' --data-binary "@$1" "$ccass/batches" | text_of reference
    ;;
  batch)
    answer=$(ask "$ccass/batches/$1")
    printf '%s %s\n' "$(printf '%s' "$answer" | text_of status)" "$(figures accepted refused)"
    ;;
  count)
    pages "$1" | grep -o "\"$2\":" | wc -l | tr -d ' '
    ;;
  rows)
    ask "$ccass/$1" | grep -o "\"$2\":" | wc -l | tr -d ' '
    ;;
  reports)
    count=0
    for reference in $(ask "$ccass/reports?businessDate=$1" | tr '{' '\n' | sed -n 's/^"reference":"\([^"]*\)".*/\1/p'); do
      name=$(ask --compressed -D "$DIR/$who/headers" -OJ --output-dir "$DIR/$who" -w '%{filename_effective}' "$ccass/reports/$reference")
      came=$(sha256sum <"$DIR/$who/$(basename "$name")" | cut -d ' ' -f 1)
      announced=$(tr -d '\r' <"$DIR/$who/headers" | sed -n 's/^[Ee][Tt]ag: \(W\/\)*"\(.*\)"$/\2/p')
      [ "$came" = "$announced" ] || { echo "$name is $came, announced $announced" >&2; exit 1; }
      count=$((count + 1))
    done
    echo "$count"
    ;;
  *)
    echo "no command $command" >&2
    exit 2
    ;;
esac
