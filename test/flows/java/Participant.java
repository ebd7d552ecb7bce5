import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * A participant's program as a Java house would write it: java.net.http, a trust store made of our CA, one address.
 * It reads commands, one a line, and prints one line for each: status, centre by certificate, and what was asked for.
 */
public final class Participant {
  private static HttpClient client;
  private static String line;
  private static String token;

  public static void main(String[] args) throws Exception {
    line = args[0];
    client = HttpClient.newBuilder().sslContext(trusting(Path.of(args[1]))).sslParameters(protocols(args)).build();
    var commands = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
    for (String command = commands.readLine(); command != null; command = commands.readLine()) {
      String[] words = command.split(" ");
      try {
        System.out.println(answer(words));
      } catch (java.io.IOException error) {
        System.out.println(error.getClass().getSimpleName() + " " + String.valueOf(error.getMessage()).replace('\n', ' '));
      }
    }
  }

  private static String answer(String[] words) throws Exception {
    return switch (words[0]) {
      case "logon" -> logon(words[1], words[2], words[3]);
      case "get" -> told(request(words[1]).GET().build(), words[2]);
      case "upload" -> told(
          request("/ccass/v1/batches").header("Content-Type", "text/plain").POST(BodyPublishers.ofFile(Path.of(words[1]))).build(),
          "reference");
      case "download" -> download(words[1], Path.of(words[2]));
      default -> throw new IllegalArgumentException(words[0]);
    };
  }

  private static String logon(String participant, String user, String password) throws Exception {
    String body = "{\"participant\":\"%s\",\"user\":\"%s\",\"password\":\"%s\",\"channel\":\"PG\"}".formatted(participant, user, password);
    token = null;
    var request = request("/ccass/v1/session").header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
    var response = client.send(request.build(), BodyHandlers.ofString());
    token = member(response.body(), "token");
    return response.statusCode() + " " + centre(response) + " " + member(response.body(), "release");
  }

  private static String told(HttpRequest request, String member) throws Exception {
    var response = client.send(request, BodyHandlers.ofString());
    return response.statusCode() + " " + centre(response) + " " + member(response.body(), member);
  }

  private static String download(String path, Path file) throws Exception {
    var response = client.send(request(path).GET().build(), BodyHandlers.ofFile(file));
    return response.statusCode() + " " + centre(response) + " " + Files.size(file);
  }

  private static HttpRequest.Builder request(String path) {
    var builder = HttpRequest.newBuilder(URI.create(line + path));
    return token == null ? builder : builder.header("Authorization", "Bearer " + token);
  }

  private static String centre(java.net.http.HttpResponse<?> response) throws Exception {
    var session = response.sslSession().orElseThrow();
    String name = ((X509Certificate) session.getPeerCertificates()[0]).getSubjectX500Principal().getName();
    Matcher common = Pattern.compile("CN=(\\w+)").matcher(name);
    return session.getProtocol() + "/" + (common.find() ? common.group(1) : name);
  }

  private static String member(String json, String name) {
    Matcher found = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
    return found.find() ? found.group(1) : null;
  }

  private static SSLParameters protocols(String[] args) {
    var parameters = new SSLParameters();
    if (args.length > 2) parameters.setProtocols(new String[] {args[2]});
    return parameters;
  }

  private static SSLContext trusting(Path pem) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    Certificate ca = CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(Files.readAllBytes(pem)));
    store.setCertificateEntry("ccass-harness", ca);
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
