// Source only: no test runs this file, since the machines that test ccass-harness have no .NET SDK. It is written for .NET 9.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

// A participant's day through a fail-over: HttpClient, and OpenSSH's sftp for RAP.
// Run it under `npx ccass-harness exec -- dotnet run [FOLDER]`: everything comes from that command's variables.
var participant = Env("PARTICIPANT", "B09901");
var password = Env("PASSWORD", "Rehearsal-2021");
var folder = args.Length > 0 ? args[0] : Directory.CreateTempSubdirectory("ccass-day-").FullName;
using var http = new HttpClient(new SocketsHttpHandler
{
    ConnectTimeout = TimeSpan.FromSeconds(5),
    UseCookies = false,
    SslOptions =
    {
        // Trust the harness's CA alone, and verify names as always. The CA publishes no revocation list.
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Env("CA")) },
        },
    },
})
{ BaseAddress = new Uri(Env("LINE")), Timeout = TimeSpan.FromSeconds(30) };

var ccass = new Service(http, "/ccass/v1", new { participant, user = Env("USER", "MAKER01"), password, channel = "PG" });
var orp = new Service(http, "/orp/v1", new { participant, user = Env("ORP_USER", "RISK01"), password });
var line = new Service(http, "", new { });

await ccass.LogOn();
var balances = await ccass.Get("/stock-balances?stock=5");
Console.WriteLine($"{balances.GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty("quantity").GetInt64())} shares of 00005");
var now = (await line.Get("/centre")).GetProperty("marketTime").GetDateTimeOffset();
// A real client keeps a counter: the number is unique for a day. The second row is wrong on purpose.
var file = BatchFile(DateOnly.FromDateTime(now.DateTime), 1 + now.Hour * 60 + now.Minute, 5, 99999);
var reference = await Upload(file);
await Finished(reference);
await DownloadReports(reference);
await FetchRapFiles();
await orp.LogOn();
await Margin();
await SwitchCentres();
// The client does not know whether its last upload arrived: it sends the same bytes again, and nothing is input twice.
if (await Upload(file) != reference) throw new InvalidOperationException("the batch was input twice");
await Margin();
foreach (var service in new[] { ccass, orp }) (await service.Ask(HttpMethod.Delete, "/session")).Dispose();
Console.WriteLine($"logged off; the files are in {folder}");

static string Env(string name, string? otherwise = null) =>
    Environment.GetEnvironmentVariable($"CCASS_HARNESS_{name}") ?? otherwise
    ?? throw new InvalidOperationException($"CCASS_HARNESS_{name} is not set");

// ZSIUP01 with rows of 400 shares for HKD 18,120.00 each; docs/fidelity.md has the layout.
byte[] BatchFile(DateOnly marketDate, int sequence, params int[] stocks)
{
    var settles = marketDate;
    while (settles.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) settles = settles.AddDays(1);
    var settlement = settles.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
    var today = marketDate.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
    var records = new List<string> { $"0{participant,-6}ZSIUP01HKMK{today}{sequence:D4}" };
    long checksums = 0;
    for (var n = 0; n < stocks.Length; n++)
    {
        var checksum = stocks[n] + 400 + 1_812_000 + long.Parse(settlement, CultureInfo.InvariantCulture);
        checksums += checksum;
        records.Add($"1{$"{sequence:D4}-{n + 1}",-16}D{stocks[n]:D5}{"",12}{400:D12}{"B09902",-6}{"01",-8}DVPHKD{1_812_000:D15}{settlement}N{"",20}{checksum:D14}");
    }
    records.Add($"9{stocks.Length:D7}{400 * stocks.Length:D18}{1_812_000 * stocks.Length:D18}{checksums:D18}");
    return Encoding.ASCII.GetBytes(string.Concat(records.Select(record => $"{record,-160}\r\n")));
}

async Task<string> Upload(byte[] bytes)
{
    using var answer = await ccass.Ask(HttpMethod.Post, "/batches", bytes, "application/octet-stream");
    var uploaded = (await Service.Json(answer)).GetProperty("reference").GetString()!;
    Console.WriteLine($"uploaded {uploaded}{(answer.StatusCode == HttpStatusCode.OK ? ", which was there already" : "")}");
    return uploaded;
}

// Polls until the batch is done, then prints its refused rows, page by page.
async Task Finished(string batchReference)
{
    var waited = Stopwatch.StartNew();
    var batch = await ccass.Get($"/batches/{batchReference}");
    while (batch.GetProperty("status").GetString() is "received" or "processing")
    {
        if (waited.Elapsed > TimeSpan.FromMinutes(1)) throw new TimeoutException($"batch {batchReference} is not done");
        await Task.Delay(200);
        batch = await ccass.Get($"/batches/{batchReference}");
    }
    Console.WriteLine($"{batch.GetProperty("status")}: {batch.GetProperty("accepted")} accepted, {batch.GetProperty("refused")} refused");
    for (var page = batch.GetProperty("refusedRows"); ; page = (await ccass.Get($"/batches/{batchReference}?cursor={page.GetProperty("next")}")).GetProperty("refusedRows"))
    {
        foreach (var row in page.GetProperty("rows").EnumerateArray())
            Console.WriteLine($"line {row.GetProperty("line")}: {row.GetProperty("reason")}, came {row.GetProperty("came")}, expected {row.GetProperty("expected")}. {row.GetProperty("says").GetProperty("en")}");
        if (page.GetProperty("next").ValueKind == JsonValueKind.Null) return;
    }
}

async Task DownloadReports(string batchReference)
{
    foreach (var report in (await ccass.Get("/reports")).GetProperty("rows").EnumerateArray())
    {
        if (report.GetProperty("batch").GetString() != batchReference) continue;
        using var answer = await ccass.Ask(HttpMethod.Get, $"/reports/{report.GetProperty("reference")}");
        var content = await answer.Content.ReadAsByteArrayAsync();
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        if (digest != report.GetProperty("sha256").GetString()) throw new IOException($"{report.GetProperty("fileName")} is damaged");
        await File.WriteAllBytesAsync(Path.Combine(folder, report.GetProperty("fileName").GetString()!), content);
        Console.WriteLine($"downloaded {report.GetProperty("id")} {report.GetProperty("format")}");
    }
}

async Task FetchRapFiles()
{
    var days = (await Sftp("ls -1 /INBOX")).Split('\n', StringSplitOptions.TrimEntries).Where(name => name.StartsWith("/INBOX/"));
    if (days.Max(StringComparer.Ordinal) is { } newest) await Sftp($"lcd \"{folder}\"\nget {newest}/*");
    Console.WriteLine($"fetched {Directory.GetFiles(folder, "*.zip").Length} RAP files");
}

// Runs commands of OpenSSH's sftp. An unknown host key is refused.
async Task<string> Sftp(string commands)
{
    var address = new Uri(Env("SFTP"));
    string[] arguments =
    [
        "-q", "-b", "-", "-P", Env("SFTP_PORT", $"{address.Port}"), "-i", Env("RAP_KEY"), "-o", "IdentitiesOnly=yes",
        "-o", "ConnectTimeout=30", "-o", "StrictHostKeyChecking=yes", "-o", $"UserKnownHostsFile={Env("KNOWN_HOSTS")}",
        $"{participant}@{Env("SFTP_HOST", address.Host)}",
    ];
    using var process = Process.Start(new ProcessStartInfo("sftp", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    await process.StandardInput.WriteAsync(commands + "\n");
    process.StandardInput.Close();
    var output = await process.StandardOutput.ReadToEndAsync();
    await process.WaitForExitAsync();
    return process.ExitCode == 0 ? output : throw new IOException($"sftp ended with {process.ExitCode}");
}

async Task Margin() =>
    Console.WriteLine($"margin HKD {(await orp.Get("/margin")).GetProperty("margin").GetProperty("total")}");

// The tester's part, not the participant's: in the rehearsal HKEX does it.
async Task SwitchCentres()
{
    var to = (await line.Get("/centre")).GetProperty("centre").GetString() == "primary" ? "backup" : "primary";
    using var request = new HttpRequestMessage(HttpMethod.Post, $"{Env("ADMIN")}/v1/failover");
    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Env("TOKEN"));
    request.Content = new StringContent(JsonSerializer.Serialize(new { to }), Encoding.UTF8, "application/json");
    using var answer = await http.SendAsync(request);
    answer.EnsureSuccessStatusCode();
    Console.WriteLine($"switched to {to}");
}

/// <summary>One service of the line: logs on, and logs on again wherever a fail-over has ended the session.</summary>
sealed class Service(HttpClient http, string root, object credentials)
{
    const int Attempts = 5;
    string? token;

    public async Task LogOn()
    {
        token = null;
        var body = JsonSerializer.SerializeToUtf8Bytes(credentials);
        using var answer = await Checked(await Send(HttpMethod.Post, "/session", body, "application/json"));
        var session = await Json(answer);
        token = session.GetProperty("token").GetString();
        Console.WriteLine($"logged on to {root} at {session.GetProperty("centre")}");
    }

    public async Task<JsonElement> Get(string path)
    {
        using var answer = await Ask(HttpMethod.Get, path);
        return await Json(answer);
    }

    /// <summary>Safe to repeat: enquiries are, and an upload of the same bytes is known as a repeat.</summary>
    public async Task<HttpResponseMessage> Ask(HttpMethod method, string path, byte[]? body = null, string? type = null)
    {
        var answer = await Send(method, path, body, type);
        if (answer.StatusCode == HttpStatusCode.Unauthorized && token != null)
        {
            answer.Dispose();
            Console.WriteLine("session ended");
            await LogOn();
            answer = await Send(method, path, body, type);
        }
        return await Checked(answer);
    }

    public static async Task<JsonElement> Json(HttpResponseMessage answer) =>
        JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsByteArrayAsync());

    /// <summary>Tries again when the connection breaks, as it does when a centre is cut off.</summary>
    async Task<HttpResponseMessage> Send(HttpMethod method, string path, byte[]? body, string? type)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, root + path);
            request.Headers.AcceptLanguage.ParseAdd("en");
            if (token != null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            if (body != null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type!) } };
            try
            {
                return await http.SendAsync(request);
            }
            catch (HttpRequestException) when (attempt < Attempts)
            {
                await Task.Delay(100 << attempt);
            }
        }
    }

    /// <summary>The centre said no: the answer has the code, the words and perhaps `retryAt` (RFC 9457).</summary>
    static async Task<HttpResponseMessage> Checked(HttpResponseMessage answer)
    {
        if (answer.IsSuccessStatusCode) return answer;
        using (answer)
        {
            var problem = await Json(answer);
            throw new InvalidOperationException($"{problem.GetProperty("code")}: {problem.GetProperty("detail")}");
        }
    }
}
