#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/child_process.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace ecloud::testing {

/// `openssl s_server` with a certificate of its own for 127.0.0.1. Without the program it is not
/// started, and the test is to return.
class TlsServer {
 public:
  /// `days`: how long the certificate is valid; "-1" for one that has expired.
  explicit TlsServer(const std::vector<std::string>& options, const std::string& days = "2") {
    if (!require_tool("openssl")) return;
    const std::string key = directory_ / "key.pem";
    const std::string request = directory_ / "request.pem";
    const std::string names = directory_.write("names", "subjectAltName=IP:127.0.0.1\n").string();
    must({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
          "-subj", "/CN=test", "-keyout", key, "-out", request});
    must({"openssl", "x509", "-req", "-in", request, "-signkey", key, "-days", days, "-extfile",
          names, "-out", certificate()});
    ProcessOptions serve;
    serve.argv = {"openssl", "s_server", "-www",  "-accept",    "127.0.0.1:0",
                  "-key",    key,        "-cert", certificate()};
    serve.argv.insert(serve.argv.end(), options.begin(), options.end());
    server_.emplace(serve);
    REQUIRE(server_->wait_for_output("ACCEPT 127.0.0.1:"));
    const std::string out = server_->out();
    const std::size_t place = out.find("127.0.0.1:") + 10;
    port_ = out.substr(place, out.find('\n', place) - place);
  }

  bool runs() const { return server_.has_value(); }
  std::string url(const std::string& host) const { return "https://" + host + ":" + port_; }
  std::string certificate() const { return directory_ / "certificate.pem"; }
  const std::string& port() const { return port_; }

 private:
  static void must(const std::vector<std::string>& argv) {
    const ProcessResult made = run_process(argv);
    INFO(made.describe());
    REQUIRE(made.ok());
  }

  TempDir directory_;
  std::optional<ChildProcess> server_;
  std::string port_;
};

}  // namespace ecloud::testing
