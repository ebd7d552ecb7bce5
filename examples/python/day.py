"""A participant's day through a fail-over: Python's standard library, and Paramiko for RAP.

Run it under `npx ccass-harness exec -- python3 day.py [FOLDER]`: everything comes from that command's variables.
"""
import hashlib, http.client, json, os, pathlib, socket, ssl, sys, tempfile, time, urllib.parse
from datetime import date, timedelta
import paramiko

PREFIX = "CCASS_HARNESS_"
ENV = {name.removeprefix(PREFIX): value for name, value in os.environ.items() if name.startswith(PREFIX)}
LINE = urllib.parse.urlsplit(ENV["LINE"])
SFTP = urllib.parse.urlsplit(ENV["SFTP"])
PARTICIPANT, USER = ENV.get("PARTICIPANT", "B09901"), ENV.get("USER", "MAKER01")
PASSWORD, ORP_USER = ENV.get("PASSWORD", "Rehearsal-2021"), ENV.get("ORP_USER", "RISK01")
TIMEOUT_SECONDS = 30
ATTEMPTS = 5
# Trust the harness's CA, and verify names as always.
TRUST = ssl.create_default_context(cafile=ENV["CA"])
FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="ccass-day-"))


class Refused(Exception):
    """The centre said no: `problem` has the code, the words and perhaps `retryAt` (RFC 9457)."""

    def __init__(self, problem):
        super().__init__(f"{problem['code']}: {problem['detail']}")
        self.problem = problem


class Service:
    """One service of the line: logs on, and logs on again wherever a fail-over has ended the session."""

    def __init__(self, root, credentials):
        self.root, self.credentials, self.token = root, credentials, None

    def log_on(self):
        self.token = None
        status, body = self.send("POST", "/session", json.dumps(self.credentials).encode(), "application/json")
        session = self.answer(status, body)
        self.token = session["token"]
        print(f"logged on to {self.root} at {session['centre']}")

    def ask(self, method, path, body=None, kind=None):
        """The bytes of the answer. Safe to repeat: enquiries are, and an upload of the same bytes is known as a repeat."""
        status, answer = self.send(method, path, body, kind)
        if status == 401 and json.loads(answer)["code"] in ("SESSION_ENDED", "NO_SESSION"):
            print(f"session ended ({json.loads(answer).get('reason', '-')})")
            self.log_on()
            status, answer = self.send(method, path, body, kind)
        if status >= 400:
            raise Refused(json.loads(answer))
        return answer

    def get(self, path):
        return json.loads(self.ask("GET", path))

    @staticmethod
    def answer(status, body):
        if status >= 400:
            raise Refused(json.loads(body))
        return json.loads(body)

    def send(self, method, path, body, kind):
        """Tries again when the connection breaks, as it does when a centre is cut off."""
        headers = {"Accept-Language": "en"}
        if kind:
            headers["Content-Type"] = kind
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        for attempt in range(ATTEMPTS):
            connection = http.client.HTTPSConnection(LINE.hostname, LINE.port, timeout=TIMEOUT_SECONDS, context=TRUST)
            try:
                connection.request(method, self.root + path, body, headers)
                response = connection.getresponse()
                return response.status, response.read()
            except (ConnectionError, http.client.IncompleteRead, socket.timeout):
                if attempt == ATTEMPTS - 1:
                    raise
                time.sleep(0.2 * 2**attempt)
            finally:
                connection.close()


def batch_file(market_date, sequence, rows):
    """ZSIUP01: header, one record a row, trailer; docs/fidelity.md has the layout."""
    day = market_date.isoformat().replace("-", "")
    settles = market_date
    while settles.weekday() > 4:
        settles += timedelta(days=1)
    settles = settles.isoformat().replace("-", "")
    records, quantities, amounts, checksums = [f"0{PARTICIPANT:6}ZSIUP01HKMK{day}{sequence:04}"], 0, 0, 0
    for n, (stock, quantity, counterparty, cents) in enumerate(rows, 1):
        checksum = stock + quantity + cents + int(settles)
        records.append(
            f"1{f'{sequence:04}-{n}':16}D{stock:05}{'':12}{quantity:012}{counterparty:6}{'01':8}DVPHKD"
            f"{cents:015}{settles}N{'':20}{checksum:014}"
        )
        quantities, amounts, checksums = quantities + quantity, amounts + cents, checksums + checksum
    records.append(f"9{len(rows):07}{quantities:018}{amounts:018}{checksums:018}")
    return "".join(f"{record:160}\r\n" for record in records).encode("ascii")


def upload(ccass, file):
    batch = json.loads(ccass.ask("POST", "/batches", file, "application/octet-stream"))
    print(f"uploaded {batch['reference']}{', which was there already' if batch.get('repeat') else ''}")
    return batch["reference"]


def finished(ccass, reference):
    """Polls until the batch is done, then prints its refused rows, page by page."""
    deadline = time.monotonic() + 60
    while (batch := ccass.get(f"/batches/{reference}"))["status"] in ("received", "processing"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"batch {reference} is still {batch['status']}")
        time.sleep(0.2)
    print(f"{batch['status']}: {batch['accepted']} accepted, {batch['refused']} refused")
    page = batch["refusedRows"]
    while True:
        for row in page["rows"]:
            print(f"line {row['line']}: {row['reason']}, came {row['came']}, expected {row['expected']}. {row['says']['en']}")
        if page["next"] is None:
            return
        page = ccass.get(f"/batches/{reference}?cursor={page['next']}")["refusedRows"]


def download_reports(ccass, reference):
    for report in ccass.get("/reports")["rows"]:
        if report["batch"] != reference:
            continue
        content = ccass.ask("GET", f"/reports/{report['reference']}")
        if hashlib.sha256(content).hexdigest() != report["sha256"]:
            raise ValueError(f"{report['fileName']} is not what the list says")
        (FOLDER / report["fileName"]).write_bytes(content)
        print(f"downloaded {report['id']} {report['format']}")


def fetch_rap_files():
    with paramiko.SSHClient() as ssh:
        # Unknown host keys are refused, which is Paramiko's default.
        ssh.load_host_keys(ENV["KNOWN_HOSTS"])
        ssh.connect(
            ENV.get("SFTP_HOST", SFTP.hostname), int(ENV.get("SFTP_PORT", SFTP.port)), PARTICIPANT,
            key_filename=ENV["RAP_KEY"], look_for_keys=False, allow_agent=False, timeout=TIMEOUT_SECONDS,
        )
        with ssh.open_sftp() as sftp:
            days = sorted(sftp.listdir("/INBOX"))
            names = sftp.listdir(f"/INBOX/{days[-1]}") if days else []
            for name in names:
                sftp.get(f"/INBOX/{days[-1]}/{name}", str(FOLDER / name))
            print(f"fetched {len(names)} RAP files")


def switch_centres(line):
    """The tester's part, not the participant's: in the rehearsal HKEX does it."""
    to = "backup" if line.get("/centre")["centre"] == "primary" else "primary"
    admin = urllib.parse.urlsplit(ENV["ADMIN"])
    connection = http.client.HTTPConnection(admin.hostname, admin.port, timeout=TIMEOUT_SECONDS)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {ENV['TOKEN']}"}
    connection.request("POST", "/v1/failover", json.dumps({"to": to}), headers)
    if connection.getresponse().status != 200:
        raise RuntimeError("the fail-over was refused")
    connection.close()
    print(f"switched to {to}")


def main():
    ccass = Service("/ccass/v1", {"participant": PARTICIPANT, "user": USER, "password": PASSWORD, "channel": "PG"})
    orp = Service("/orp/v1", {"participant": PARTICIPANT, "user": ORP_USER, "password": PASSWORD})
    ccass.log_on()
    shares = sum(row["quantity"] for row in ccass.get("/stock-balances?stock=5")["rows"])
    print(f"{shares} shares of 00005")
    market = json.loads(Service("", {}).ask("GET", "/centre"))["marketTime"]
    # A real client keeps a counter: the number is unique for a day. The second row is wrong on purpose.
    sequence = 1 + int(market[11:13]) * 60 + int(market[14:16])
    file = batch_file(date.fromisoformat(market[:10]), sequence, [(5, 400, "B09902", 1812000), (99999, 400, "B09902", 1812000)])
    reference = upload(ccass, file)
    finished(ccass, reference)
    download_reports(ccass, reference)
    fetch_rap_files()
    orp.log_on()
    print(f"margin HKD {orp.get('/margin')['margin']['total']}")
    switch_centres(Service("", {}))
    # The client does not know whether its last upload arrived: it sends the same bytes again, and nothing is input twice.
    if upload(ccass, file) != reference:
        raise RuntimeError("the batch was input twice")
    print(f"margin HKD {orp.get('/margin')['margin']['total']}")
    for service in (ccass, orp):
        service.ask("DELETE", "/session")
    print(f"logged off; the files are in {FOLDER}")


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(f"{refused} {refused.problem.get('retryAt', '')}")
