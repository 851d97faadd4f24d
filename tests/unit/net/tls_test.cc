#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "net_bench.h"
#include "support/catch.h"
#include "support/scripted_server.h"
#include "support/temp_dir.h"

using namespace ecloud;
using testing::NetBench;

namespace {

/// A program with its stdout in a pipe; killed with the object.
class Program {
 public:
  explicit Program(const std::vector<std::string>& words) {
    int out[2];
    REQUIRE(::pipe(out) == 0);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      const int null = ::open("/dev/null", O_RDWR);
      ::dup2(null, 0);
      ::dup2(out[1], 1);
      ::dup2(null, 2);
      ::close(out[0]);
      ::close(out[1]);
      ::execvp(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::close(out[1]);
    out_ = out[0];
  }
  ~Program() {
    ::close(out_);
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// The next line of its stdout; empty at the end.
  std::string line() {
    std::string text;
    for (char c = 0; ::read(out_, &c, 1) == 1 && c != '\n';) text.push_back(c);
    return text;
  }
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
};

/// `openssl s_server` with a certificate of its own for 127.0.0.1.
class TlsServer {
 public:
  TlsServer(const testing::TempDir& dir, std::vector<std::string> options) {
    const std::string key = dir / "key.pem";
    certificate_ = dir / "certificate.pem";
    Program make({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
                  "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate_});
    if (make.wait() != 0) return;
    std::vector<std::string> words = {"openssl", "s_server", "-www",  "-accept",   "127.0.0.1:0",
                                      "-key",    key,        "-cert", certificate_};
    words.insert(words.end(), options.begin(), options.end());
    server_.emplace(words);
    for (std::string line = server_->line(); !line.empty(); line = server_->line()) {
      const std::size_t colon = line.rfind(':');
      if (line.rfind("ACCEPT", 0) != 0 || colon == std::string::npos) continue;
      port_ = line.substr(colon + 1);
      break;
    }
  }

  bool runs() const { return !port_.empty(); }
  std::string url(const std::string& host) const { return "https://" + host + ":" + port_ + "/"; }
  const std::string& certificate() const { return certificate_; }

 private:
  std::optional<Program> server_;
  std::string certificate_;
  std::string port_;
};

constexpr char kSkipped[] = "SKIPPED: no openssl program that can serve TLS";

}  // namespace

TEST_CASE("a certificate that nobody vouches for is refused", "[net]") {
  const testing::TempDir dir;
  const TlsServer server(dir, {});
  if (!server.runs()) {
    WARN(kSkipped);
    return;
  }
  NetBench bench;
  const Error error = bench.failure(server.url("127.0.0.1"));
  CHECK(error.category() == Category::kNetwork);
  CHECK(error.code() == "net.tls");
  CHECK(error.message().find(testing::origin_of(server.url("127.0.0.1")) + ": TLS failed: ") == 0);
}

TEST_CASE("a certificate that the user trusts is accepted for its own host alone", "[net]") {
  const testing::TempDir dir;
  const TlsServer server(dir, {});
  if (!server.runs()) {
    WARN(kSkipped);
    return;
  }
  NetBench bench({"", false, server.certificate()});
  const net::Response response = bench.get(server.url("127.0.0.1"));
  CHECK(response.status == 200);
  CHECK(response.body.find("TLSv1.3") != std::string::npos);
  CHECK(bench.failure(server.url("localhost")).code() == "net.tls");
}

TEST_CASE("TLS before 1.2 is refused", "[net]") {
  const testing::TempDir dir;
  const TlsServer server(dir, {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  if (!server.runs()) {
    WARN(kSkipped);
    return;
  }
  NetBench bench({"", false, server.certificate()});
  CHECK(bench.failure(server.url("127.0.0.1")).code() == "net.tls");
}

TEST_CASE("a server that does not speak TLS runs into the connection timeout", "[net]") {
  testing::ScriptedServer server([](const testing::ServerRequest&) { return testing::Reply(); });
  NetBench bench;
  net::Request request;
  request.url = server.url();
  request.url.replace(0, 4, "https");
  request.connect_timeout = base::Milliseconds(50);
  const Error error = bench.failure(request);
  CHECK(error.code() == "net.timeout");
  CHECK(error.message() == testing::origin_of(request.url) + ": no connection within 0.05 s");
}
