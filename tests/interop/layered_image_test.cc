#include <unistd.h>

#include <string>
#include <vector>

#include "ecloud/base/json.h"
#include "ecloud/oci/layering.h"
#include "ecloud/platform/tee_layer.h"
#include "interop/tee_container.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/content.h"
#include "support/oci_layout.h"
#include "support/tools.h"

namespace ecloud::platform {
namespace {

using testing::ContainerRun;
using testing::OciLayout;
using testing::octets_of;
using testing::RootFolder;
using testing::RootKind;
using testing::Seen;
using testing::TeeContainer;
using testing::TempDir;

void must_run(std::vector<std::string> argv) {
  const testing::ProcessResult result = testing::run_process(std::move(argv));
  INFO(result.describe());
  REQUIRE(result.ok());
}

/// Images whose one layer is a root folder.
class BaseLayer {
 public:
  explicit BaseLayer(const RootFolder& root, bool with_users = true) {
    root.remove("etc/passwd");
    root.remove("etc/group");
    if (with_users) {
      root.write("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n");
      root.write("etc/group", "root:x:0:\napp:x:1001:\nstaff:x:50:app\n");
    }
    std::filesystem::create_directories(root.path() / "work");
    const TempDir dir;
    const std::string tar = (dir / "layer.tar").string();
    // 1: a file changed meanwhile; another test has made a hard link to it.
    must_run({"sh", "-c",
              "tar -C \"$0\" --exclude=./dev --exclude='./proc/*' -cf \"$1\" . || test $? = 1",
              root.path().string(), tar});
    diff_id_ = oci::Digest::of(base::as_bytes(testing::slurp(tar))).to_string();
    must_run({"gzip", "-1", tar});
    layer_ = testing::slurp(tar + ".gz");
  }

  /// `config`: the members of the configuration's "config" object.
  oci::Image image(const std::string& config) const {
    const OciLayout scratch;
    const std::string type = R"("mediaType":"application/vnd.oci.image.)";
    const std::string document = R"({"architecture":"amd64","os":"linux","config":{)" + config +
                                 R"(},"rootfs":{"type":"layers","diff_ids":[")" + diff_id_ +
                                 "\"]}}";
    const std::string manifest = R"({"schemaVersion":2,)" + type +
                                 R"(manifest.v1+json","config":{)" + type + R"(config.v1+json",)" +
                                 scratch.add_blob(document) + R"(},"layers":[{)" + type +
                                 R"(layer.v1.tar+gzip",)" + scratch.add_blob(layer_) + "}]}";
    return oci::read_image("base", oci::kOciManifestType, manifest, document);
  }
  const std::string& layer() const { return layer_; }

 private:
  std::string diff_id_, layer_;
};

/// Layers an image as a deployment does, unpacks it with umoci and starts it as a runtime does.
class Started {
 public:
  Started(const BaseLayer& base, const std::string& config) {
    const oci::Image image = base.image(config);
    TeeTools tools;
    tools.kms_client = oci::content_of(TeeContainer::kms_client());
    TeeLayerOptions options;
    options.client_version = "1.2.3";
    const oci::ExtendedImage extended = oci::add_layer(
        image, tee_layer(TeeContainer::environment_of_tests(), image, tools, options),
        dir_ / "scratch");
    for (const std::string& blob :
         {base.layer(), octets_of(*extended.layer), extended.image.config}) {
      layout_.add_blob(blob);
    }
    layout_.tag(R"("mediaType":")" + extended.image.manifest_type + "\"," +
                    layout_.add_blob(extended.image.manifest),
                "layered");
    must_run({testing::find_tool("umoci")->string(), "unpack", "--image",
              layout_.path().string() + ":layered", (dir_ / "bundle").string()});
    read_bundle();
  }

  Seen run(const std::string& variables = "") {
    TeeContainer tee = TeeContainer::of_image(dir_ / "bundle/rootfs");
    if (!variables.empty()) tee.variables(variables);
    return TeeContainer::read_show(testing::run_in_root(tee.root().path(), run_));
  }

  /// With crun, from the bundle as umoci makes it, but without a terminal.
  testing::ProcessResult run_with_crun() {
    const TeeContainer tee = TeeContainer::of_image(dir_ / "bundle/rootfs");
    std::string config = testing::slurp(dir_ / "bundle/config.json");
    const std::string terminal = "\"terminal\": true";
    const std::size_t place = config.find(terminal);
    if (place != std::string::npos) {
      config.replace(place, terminal.size(), "\"terminal\": false");
    }
    dir_.write("bundle/config.json", config);
    const std::string name = "ecloud-test-" + std::to_string(::getpid());
    return testing::run_process({testing::find_tool("crun")->string(), "--root",
                                 (dir_ / "crun").string(), "--cgroup-manager=disabled", "run",
                                 "--bundle", (dir_ / "bundle").string(), name});
  }

 private:
  /// What umoci understands of the image's configuration is what a runtime is told.
  void read_bundle() {
    const base::Json process =
        base::Json::parse(testing::slurp(dir_ / "bundle/config.json"), "umoci")["process"];
    for (const base::Json& word : process["args"].elements()) {
      run_.argv.push_back(word.as_string());
    }
    for (const base::Json& variable : process["env"].elements()) {
      run_.env.push_back(variable.as_string());
    }
    run_.directory = process["cwd"].as_string();
    CHECK(process["user"]["uid"].as_u64() == 0);
  }

  TempDir dir_;
  OciLayout layout_;
  ContainerRun run_;
};

std::optional<BaseLayer> base_layer(RootKind kind, bool with_users = true) {
  if (!testing::require_tool("umoci")) return std::nullopt;
  const auto root = RootFolder::make(kind);
  if (!root) return std::nullopt;
  return BaseLayer(*root, with_users);
}

using Words = std::vector<std::string>;

TEST_CASE("A layered image starts with its own command whatever its form",
          "[interop][start-script]") {
  const auto base = base_layer(RootKind::kBusybox);
  if (!base) return;
  struct Form {
    const char* config;
    Words arguments;
  };
  // What docker runs for each: ENTRYPOINT followed by CMD; the shell form is /bin/sh -c.
  const std::vector<Form> forms = {
      {R"("Cmd":["/opt/show","a b","*",""])", {"a b", "*", ""}},
      {R"("Entrypoint":["/opt/show","one"])", {"one"}},
      {R"("Entrypoint":["/opt/show","one"],"Cmd":["two","$HOME"])", {"one", "two", "$HOME"}},
      {R"("Cmd":["/bin/sh","-c","exec /opt/show \"$GREETING\" 'a  b'"])", {"hello", "a  b"}},
      {R"("Entrypoint":["/bin/sh","-c","exec /opt/show x"],"Cmd":["not used"])", {"x"}},
  };
  for (const Form& form : forms) {
    INFO(form.config);
    Started image(*base, form.config);
    const Seen seen = image.run();
    INFO(seen.result.describe());
    REQUIRE(seen.result.exit_code == 23);
    CHECK(seen.arguments == form.arguments);
    CHECK(seen.variables.at("GREETING") == "hello");
    CHECK(seen.facts.at("uid") == "0");
    CHECK(seen.facts.at("cwd") == "/");
    CHECK(seen.facts.at("parent") == "1");
    CHECK(seen.ready);
  }
}

TEST_CASE("A layered image without users starts as root", "[interop][start-script]") {
  const auto base = base_layer(RootKind::kBusybox, false);
  if (!base) return;
  Started image(*base, R"("Entrypoint":["/opt/show"],"Cmd":["a b"])");
  const Seen seen = image.run();
  INFO(seen.result.describe());
  CHECK(seen.result.exit_code == 23);
  CHECK(seen.facts.at("uid") == "0");

  if (!testing::require_tool("crun") || !testing::require_root_mount()) return;
  Started other(*base, R"("Entrypoint":["/opt/show"],"Cmd":["a b"],"User":"4242:4343")");
  testing::ContainerResult result;
  static_cast<testing::ProcessResult&>(result) = other.run_with_crun();
  if (result.err.find("cgroups in hybrid mode not supported") != std::string::npos) {
    WARN("SKIPPED: crun cannot run with this machine's cgroups");
    return;
  }
  const Seen in_crun = TeeContainer::read_show(result);
  INFO(in_crun.result.describe());
  CHECK(in_crun.result.exit_code == 23);
  CHECK(in_crun.ready);
  CHECK(in_crun.facts.at("uid") == "4242");
  CHECK(in_crun.facts.at("gid") == "4343");
  CHECK(in_crun.facts.at("parent") == "1");
  CHECK(in_crun.arguments == Words{"a b"});
}

TEST_CASE("A layered image keeps its user and directory and variables", "[interop][start-script]") {
  const RootKind kind = GENERATE(RootKind::kBusybox, RootKind::kDash, RootKind::kBash);
  const auto base = base_layer(kind);
  if (!base) return;
  struct User {
    std::string user, uid, gid;
    std::set<std::string> groups;
  };
  const std::vector<User> users = {{"app", "1000", "1001", {"1001", "50"}},
                                   {"4242", "4242", "0", {"0"}},
                                   {"4242:staff", "4242", "50", {"50"}}};
  // Unpacking Debian takes its time.
  const std::size_t count = kind == RootKind::kBusybox ? users.size() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    Started image(*base,
                  R"("User":")" + users[i].user +
                      R"(","WorkingDir":"/work","Env":["PATH=/usr/bin:/bin:/usr/sbin","A=x y"],)"
                      R"("Entrypoint":["/opt/show"],"Cmd":["last"])");
    const Seen seen = image.run("export B=\"from the KMS\"\n");
    INFO(to_string(kind) << " " << users[i].user << ": " << seen.result.describe());
    REQUIRE(seen.result.exit_code == 23);
    CHECK(seen.arguments == Words{"last"});
    CHECK(seen.facts.at("uid") == users[i].uid);
    CHECK(seen.facts.at("gid") == users[i].gid);
    CHECK(seen.groups == users[i].groups);
    CHECK(seen.facts.at("cwd") == "/work");
    CHECK(seen.variables.at("PATH") == "/usr/bin:/bin:/usr/sbin");
    CHECK(seen.variables.at("A") == "x y");
    CHECK(seen.variables.at("B") == "from the KMS");
    CHECK(seen.variables.count("__ECLOUD_ORIGINAL_USER") == 0);
    CHECK(seen.facts.count("env-file") == 0);
  }
}

}  // namespace
}  // namespace ecloud::platform
