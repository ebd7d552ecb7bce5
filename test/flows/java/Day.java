import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A participant's day as a Java house would write it: java.net.http and the JDK, nothing else. It reads one command a
 * line, WHO COMMAND [ARGUMENT ...] (WHO is participant/user), and prints one line for each.
 */
public final class Day {
  private static HttpClient client;
  private static String ccass;
  private static String password;
  private static final Map<String, String> tokens = new HashMap<>();

  public static void main(String[] args) throws Exception {
    password = args[0];
    var commands = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ");
      try {
        System.out.println(words[0].equals("at") ? at(words[1], Path.of(words[2])) : new Day(words[0]).answer(words));
      } catch (java.io.IOException | IllegalStateException error) {
        System.out.println(error.getClass().getSimpleName() + " " + String.valueOf(error.getMessage()).replace('\n', ' '));
      }
    }
  }

  private final String who;

  private Day(String who) {
    this.who = who;
  }

  private String answer(String[] words) throws Exception {
    return switch (words[1]) {
      case "logon" -> logon();
      case "input" -> figures(send("POST", "settlement-instructions", file(words[2])), "done", "refused");
      case "transfer" -> figures(send("POST", "account-transfers", file(words[2])), "done", "refused");
      case "change" -> figures(send("PATCH", "settlement-instructions/" + numberOf(words[2]), file(words[3])), "done", "refused");
      case "delete" -> figures(send("POST", "settlement-instructions/delete", numbers(List.of(numberOf(words[2])))), "done", "refused");
      case "authorise" -> {
        var pending = all(String.join("", pages("settlement-instructions?status=pending")), "\"number\":\"(D\\d+)\"");
        yield figures(send("POST", "settlement-instructions/authorise", numbers(pending)), "done", "refused");
      }
      case "upload" -> text(sent("POST", "batches", file(words[2]), "text/plain").body(), "reference");
      case "batch" -> {
        String batch = get("batches/" + words[2]);
        yield text(batch, "status") + " " + figures(batch, "accepted", "refused");
      }
      case "count" -> count(String.join("", pages(words[2])), words[3]);
      case "rows" -> count(get(words[2]), words[3]);
      case "reports" -> reports(words[2]);
      default -> throw new IllegalStateException("no command " + words[1]);
    };
  }

  private String logon() throws Exception {
    tokens.remove(who);
    String[] names = who.split("/");
    String body = "{\"participant\":\"%s\",\"user\":\"%s\",\"password\":\"%s\",\"channel\":\"PG\"}".formatted(names[0], names[1], password);
    String answer;
    try {
      answer = send("POST", "session", BodyPublishers.ofString(body));
    } catch (java.io.IOException dropped) {
      // A switch closes kept-alive connections, and a POST may go out on one before its close is seen. The JDK repeats only
      // what is idempotent; a log-on may be repeated, too.
      answer = send("POST", "session", BodyPublishers.ofString(body));
    }
    tokens.put(who, text(answer, "token"));
    return text(answer, "centre");
  }

  private String reports(String date) throws Exception {
    var references = all(get("reports?businessDate=" + date), "\"reference\":\"(R\\d+)\"");
    for (String reference : references) {
      var report = client.send(request("reports/" + reference).GET().build(), BodyHandlers.ofByteArray());
      String came = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(report.body()));
      String announced = report.headers().firstValue("etag").orElse("").replace("\"", "");
      if (!came.equals(announced)) throw new IllegalStateException(reference + " is " + came + ", announced " + announced);
    }
    return String.valueOf(references.size());
  }

  private List<String> pages(String list) throws Exception {
    var pages = new ArrayList<String>();
    String path = list + (list.contains("?") ? "&" : "?") + "limit=2";
    for (String next = ""; next != null; next = text(pages.get(pages.size() - 1), "next")) {
      pages.add(get(next.isEmpty() ? path : path + "&cursor=" + next));
    }
    return pages;
  }

  private String numberOf(String reference) throws Exception {
    return all(String.join("", pages("settlement-instructions")), "\"number\":\"(D\\d+)\",\"reference\":\"" + reference + "\"").get(0);
  }

  private String get(String path) throws Exception {
    return good(client.send(request(path).GET().build(), BodyHandlers.ofString())).body();
  }

  private String send(String method, String path, BodyPublisher body) throws Exception {
    return sent(method, path, body, "application/json").body();
  }

  private HttpResponse<String> sent(String method, String path, BodyPublisher body, String type) throws Exception {
    return good(client.send(request(path).header("Content-Type", type).method(method, body).build(), BodyHandlers.ofString()));
  }

  private HttpRequest.Builder request(String path) {
    var builder = HttpRequest.newBuilder(URI.create(ccass + path));
    return tokens.containsKey(who) ? builder.header("Authorization", "Bearer " + tokens.get(who)) : builder;
  }

  private static HttpResponse<String> good(HttpResponse<String> response) {
    if (response.statusCode() / 100 == 2) return response;
    throw new IllegalStateException(response.statusCode() + " " + response.body());
  }

  private static BodyPublisher file(String path) throws Exception {
    return BodyPublishers.ofFile(Path.of(path));
  }

  private static BodyPublisher numbers(List<String> numbers) {
    return BodyPublishers.ofString(numbers.stream().collect(Collectors.joining("\",\"", "{\"numbers\":[\"", "\"]}")));
  }

  private static String count(String json, String name) {
    return String.valueOf(all(json, "(\"" + name + "\"):").size());
  }

  private static String figures(String json, String... names) {
    return java.util.Arrays.stream(names).map(name -> all(json, "\"" + name + "\":(\\d+)").get(0)).collect(Collectors.joining(" "));
  }

  private static String text(String json, String name) {
    var found = all(json, "\"" + name + "\":\"([^\"]*)\"");
    return found.isEmpty() ? null : found.get(0);
  }

  private static List<String> all(String json, String pattern) {
    return Pattern.compile(pattern).matcher(json).results().map(found -> found.group(1)).toList();
  }

  /** Another harness: its line and its CA. */
  private static String at(String line, Path ca) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    byte[] pem = java.nio.file.Files.readAllBytes(ca);
    store.setCertificateEntry("ccass-harness", CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem)));
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    client = HttpClient.newBuilder().sslContext(context).build();
    ccass = line + "/ccass/v1/";
    tokens.clear();
    return line;
  }
}
