import java.io.IOException;
import java.net.URI;
import java.net.http.*;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.time.*;
import java.util.*;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.*;

/**
 * A participant's day through a fail-over: java.net.http.HttpClient, and OpenSSH's sftp for RAP. Java 17 or newer, no library.
 * Run it under `npx ccass-harness exec -- java Day.java [FOLDER]`: everything comes from that command's variables.
 */
public class Day {
  static final Duration TIMEOUT = Duration.ofSeconds(30);
  static final int ATTEMPTS = 5;
  static final String LINE = env("LINE", null), PARTICIPANT = env("PARTICIPANT", "B09901");
  static HttpClient http;
  static Path folder;

  static String env(String name, String otherwise) {
    String value = System.getenv("CCASS_HARNESS_" + name);
    if (value == null && otherwise == null) throw new IllegalStateException("CCASS_HARNESS_" + name + " is not set");
    return value == null ? otherwise : value;
  }

  /** The centre said no: the answer has the code and the words (RFC 9457). */
  static class Refused extends RuntimeException {
    Refused(HttpResponse<byte[]> answer) {
      super(member(text(answer), "code") + ": " + member(text(answer), "detail") + " " + member(text(answer), "retryAt"));
    }
  }

  /** One service of the line: logs on, and logs on again wherever a fail-over has ended the session. */
  static class Service {
    final String root, credentials;
    String token;

    Service(String root, String credentials) {
      this.root = root;
      this.credentials = credentials;
    }

    void logOn() throws Exception {
      token = null;
      String answer = text(checked(send("POST", "/session", credentials.getBytes(StandardCharsets.UTF_8), "application/json")));
      token = member(answer, "token");
      System.out.println("logged on to " + root + " at " + member(answer, "centre"));
    }

    HttpResponse<byte[]> ask(String method, String path, byte[] body, String type) throws Exception {
      HttpResponse<byte[]> answer = send(method, path, body, type);
      if (answer.statusCode() == 401 && List.of("SESSION_ENDED", "NO_SESSION").contains(member(text(answer), "code"))) {
        System.out.println("session ended (" + member(text(answer), "reason") + ")");
        logOn();
        answer = send(method, path, body, type);
      }
      return checked(answer);
    }

    String get(String path) throws Exception {
      return text(ask("GET", path, null, null));
    }

    /** Tries again when the connection breaks, as it does when a centre is cut off. Enquiries may be repeated, and so may an upload of the same bytes. */
    HttpResponse<byte[]> send(String method, String path, byte[] body, String type) throws Exception {
      var request = HttpRequest.newBuilder(URI.create(LINE + root + path)).timeout(TIMEOUT).header("Accept-Language", "en");
      if (type != null) request.header("Content-Type", type);
      if (token != null) request.header("Authorization", "Bearer " + token);
      request.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
      for (int attempt = 1; ; attempt++) {
        try {
          return http.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException broken) {
          if (attempt == ATTEMPTS) throw broken;
          Thread.sleep(100L << attempt);
        }
      }
    }

    static HttpResponse<byte[]> checked(HttpResponse<byte[]> answer) {
      if (answer.statusCode() >= 400) throw new Refused(answer);
      return answer;
    }
  }

  public static void main(String[] args) throws Exception {
    folder = args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("ccass-day-");
    // TLS 1.2 is all that a centre speaks; names are verified as always.
    http = HttpClient.newBuilder().sslContext(trusting(Path.of(env("CA", null)))).connectTimeout(Duration.ofSeconds(5))
        .version(HttpClient.Version.HTTP_1_1).build();
    String who = "{\"participant\":\"%s\",\"user\":\"%s\",\"password\":\"%s\"%s}", password = env("PASSWORD", "Rehearsal-2021");
    var ccass = new Service("/ccass/v1", who.formatted(PARTICIPANT, env("USER", "MAKER01"), password, ",\"channel\":\"PG\""));
    var orp = new Service("/orp/v1", who.formatted(PARTICIPANT, env("ORP_USER", "RISK01"), password, ""));
    ccass.logOn();
    long shares = every(ccass.get("/stock-balances?stock=5"), "\"quantity\":(\\d+)").stream().mapToLong(row -> Long.parseLong(row[1])).sum();
    System.out.println(shares + " shares of 00005");
    var now = OffsetDateTime.parse(member(new Service("", "").get("/centre"), "marketTime"));
    // A real client keeps a counter: the number is unique for a day. The second row is wrong on purpose.
    byte[] file = batchFile(now.toLocalDate(), 1 + now.getHour() * 60 + now.getMinute(), 5, 99999);
    String reference = upload(ccass, file);
    finished(ccass, reference);
    downloadReports(ccass, reference);
    fetchRapFiles();
    orp.logOn();
    margin(orp);
    switchCentres();
    // The client does not know whether its last upload arrived: it sends the same bytes again, and nothing is input twice.
    if (!upload(ccass, file).equals(reference)) throw new IllegalStateException("the batch was input twice");
    margin(orp);
    for (Service service : List.of(ccass, orp)) service.ask("DELETE", "/session", null, null);
    System.out.println("logged off; the files are in " + folder);
  }

  static SSLContext trusting(Path ca) throws Exception {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null);
    try (var in = Files.newInputStream(ca)) {
      store.setCertificateEntry("ccass-harness", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    var context = SSLContext.getInstance("TLSv1.2");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** ZSIUP01 with rows of 400 shares for HKD 18,120.00 each; docs/fidelity.md has the layout. */
  static byte[] batchFile(LocalDate marketDate, int sequence, int... stocks) {
    LocalDate settles = marketDate;
    while (settles.getDayOfWeek().getValue() > 5) settles = settles.plusDays(1);
    String day = marketDate.toString().replace("-", ""), settlement = settles.toString().replace("-", "");
    var file = new StringBuilder(record("0%-6sZSIUP01HKMK%s%04d".formatted(PARTICIPANT, day, sequence)));
    long checksums = 0;
    for (int n = 0; n < stocks.length; n++) {
      long checksum = stocks[n] + 400 + 1_812_000 + Long.parseLong(settlement);
      checksums += checksum;
      String reference = "%04d-%d".formatted(sequence, n + 1);
      file.append(record("1%-16sD%05d%12s%012d%-6s%-8sDVPHKD%015d%sN%20s%014d"
          .formatted(reference, stocks[n], "", 400, "B09902", "01", 1_812_000, settlement, "", checksum)));
    }
    int rows = stocks.length;
    file.append(record("9%07d%018d%018d%018d".formatted(rows, 400 * rows, 1_812_000 * rows, checksums)));
    return file.toString().getBytes(StandardCharsets.US_ASCII);
  }

  static String record(String text) {
    return "%-160s\r\n".formatted(text);
  }

  static String upload(Service ccass, byte[] file) throws Exception {
    var answer = ccass.ask("POST", "/batches", file, "application/octet-stream");
    String reference = member(text(answer), "reference");
    System.out.println("uploaded " + reference + (answer.statusCode() == 200 ? ", which was there already" : ""));
    return reference;
  }

  /** Polls until the batch is done, then prints its refused rows, page by page. */
  static void finished(Service ccass, String reference) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    String batch;
    while (List.of("received", "processing").contains(member(batch = ccass.get("/batches/" + reference), "status"))) {
      if (System.nanoTime() > deadline) throw new IllegalStateException("batch " + reference + " is not done after a minute");
      Thread.sleep(200);
    }
    System.out.println(member(batch, "status") + ": " + member(batch, "accepted") + " accepted, " + member(batch, "refused") + " refused");
    String row = "\\{\"line\":(\\d+),.*?\"reason\":\"(\\w+)\".*?\"came\":\"(.*?)\",\"expected\":\"(.*?)\",\"says\":\\{\"en\":\"(.*?)\"";
    while (true) {
      for (String[] told : every(batch, row)) {
        System.out.printf("line %s: %s, came %s, expected %s. %s%n", told[1], told[2], told[3], told[4], told[5]);
      }
      String next = member(batch, "next");
      if (next.isEmpty()) return;
      batch = ccass.get("/batches/" + reference + "?cursor=" + next);
    }
  }

  static void downloadReports(Service ccass, String reference) throws Exception {
    for (String[] report : every(ccass.get("/reports"), "\\{\"reference\":.*?\"batch\":[^}]*}")) {
      if (!member(report[0], "batch").equals(reference)) continue;
      byte[] content = ccass.ask("GET", "/reports/" + member(report[0], "reference"), null, null).body();
      String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
      if (!digest.equals(member(report[0], "sha256"))) throw new IOException(member(report[0], "fileName") + " is damaged");
      Files.write(folder.resolve(member(report[0], "fileName")), content);
      System.out.println("downloaded " + member(report[0], "id") + " " + member(report[0], "format"));
    }
  }

  static void fetchRapFiles() throws Exception {
    var newest = every(sftp("ls -1 /INBOX"), "/INBOX/(\\d{8})").stream().map(day -> day[1]).max(Comparator.naturalOrder());
    if (newest.isPresent()) sftp("lcd \"" + folder + "\"\nget /INBOX/" + newest.get() + "/*");
    try (var files = Files.list(folder)) {
      System.out.println("fetched " + files.filter(file -> file.toString().endsWith(".zip")).count() + " RAP files");
    }
  }

  /** Runs commands of OpenSSH's sftp. An unknown host key is refused. */
  static String sftp(String commands) throws Exception {
    URI address = URI.create(env("SFTP", null));
    var process = new ProcessBuilder("sftp", "-q", "-b", "-", "-P", env("SFTP_PORT", "" + address.getPort()), "-i", env("RAP_KEY", null),
        "-o", "IdentitiesOnly=yes", "-o", "ConnectTimeout=30", "-o", "StrictHostKeyChecking=yes",
        "-o", "UserKnownHostsFile=" + env("KNOWN_HOSTS", null), PARTICIPANT + "@" + env("SFTP_HOST", address.getHost()))
        .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var input = process.getOutputStream()) {
      input.write((commands + "\n").getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) throw new IOException("sftp ended with " + process.exitValue());
    return output;
  }

  static void margin(Service orp) throws Exception {
    System.out.println("margin HKD " + member(orp.get("/margin"), "total"));
  }

  /** The tester's part, not the participant's: in the rehearsal HKEX does it. */
  static void switchCentres() throws Exception {
    String to = member(new Service("", "").get("/centre"), "centre").equals("primary") ? "backup" : "primary";
    var request = HttpRequest.newBuilder(URI.create(env("ADMIN", null) + "/v1/failover")).timeout(TIMEOUT)
        .header("Content-Type", "application/json").header("Authorization", "Bearer " + env("TOKEN", null))
        .POST(BodyPublishers.ofString("{\"to\":\"" + to + "\"}")).build();
    if (http.send(request, BodyHandlers.discarding()).statusCode() != 200) throw new IllegalStateException("the fail-over was refused");
    System.out.println("switched to " + to);
  }

  static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  /** The first member of this name, or "". Java has no JSON reader: use your library's in its place. */
  static String member(String json, String name) {
    var found = Pattern.compile("\"" + name + "\":\\s*\"?([^\",}\\]]*)").matcher(json);
    return found.find() && !found.group(1).equals("null") ? found.group(1) : "";
  }

  /** Every match with its groups. */
  static List<String[]> every(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results()
        .map(found -> java.util.stream.IntStream.rangeClosed(0, found.groupCount()).mapToObj(found::group).toArray(String[]::new)).toList();
  }
}
