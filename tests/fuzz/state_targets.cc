// Files that lie on disk between two runs: ours, which another program or a crash may have changed,
// and those of others.
#include <string>

#include "cli/reference_names.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/journal.h"
#include "ecloud/deploy/name_cache.h"
#include "ecloud/deploy/project_lock.h"
#include "ecloud/deploy/saved_plan.h"
#include "ecloud/oci/archive.h"
#include "ecloud/oci/credentials.h"
#include "ecloud/oci/leaks.h"
#include "ecloud/platform/environment.h"
#include "fuzz/scripted.h"
#include "fuzz/targets.h"

namespace ecloud::fuzz {
namespace {

constexpr const char* kApp = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

/// The folder above `levels` levels.
std::filesystem::path above(std::filesystem::path file, int levels) {
  while (levels-- > 0) file = file.parent_path();
  return file;
}

void run_journal(base::ByteView input) {
  const auto file =
      scratch_file(std::string("journal/sepolia/") + kApp + ".json", base::as_chars(input));
  accepts([&] {
    const deploy::Journal journal(above(file, 3), "sepolia");
    for (const deploy::JournalEntry& entry : journal.all()) {
      const auto& known = deploy::to_string(entry.operation);
      require(deploy::operation_of(known) == entry.operation, "an operation has one name");
      journal.unfinished(entry.deployer, entry.name, entry.image_reference);
    }
  });
}

void run_project_lock(base::ByteView input) {
  const auto file = scratch_file("ecloud.lock", base::as_chars(input));
  accepts([&] {
    const deploy::ProjectLock lock(file, file.parent_path());
    const auto apps = lock.all();
    for (const auto& app : apps) {
      require(lock.find(app.environment, app.app).has_value(), "what is in the lock is found");
    }
  });
}

/// Read as far as the code over it, which nobody has who has not the key.
void run_saved_plan(base::ByteView input) {
  require(!accepts([&] {
    deploy::parse_saved_plan(base::as_chars(input), "my.plan", deploy::Signer(fuzz_key()));
  }),
          "a plan that the account's key has not marked is none");
}

void run_records(base::ByteView input) {
  const std::string_view text = base::as_chars(input);
  const auto record = scratch_file(std::string("apps/sepolia/") + kApp + ".json", text);
  const auto names = scratch_file("completion/sepolia.json", text);
  const auto reference = scratch_file(".eigenx/apps/sepolia.yaml", text);
  require(accepts([&] { deploy::AppRecords(above(record, 3), "sepolia").all(); }) &&
              accepts([&] { deploy::NameCache(above(names, 2), "sepolia").all(); }) &&
              accepts([&] { cli::read_reference_names(above(reference, 3), "sepolia"); }),
          "what only helps never fails");
}

void run_docker_config(base::ByteView input) {
  const auto file = scratch_file("docker/config.json", base::as_chars(input));
  base::Env env;
  env.set("DOCKER_CONFIG", file.parent_path().string());
  oci::DockerConfigCredentials credentials(env);
  for (const char* host : {"docker.io", "ghcr.io", "localhost:5000"}) {
    accepts([&] { credentials.find(host); });
  }
}

void run_devnet_info(base::ByteView input) {
  const auto info = base::Json::try_parse(base::as_chars(input));
  if (!info) return;
  accepts([&] { platform::environment_from_devnet_info(*info); });
}

void run_archive(base::ByteView input) {
  const auto file = scratch_file("image.tar", base::as_chars(input));
  accepts([&] {
    oci::ArchiveOptions options;
    options.max_decompressed_bytes = std::uint64_t{1} << 20;
    const auto archive = oci::open_archive(file, scratch_folder(), options);
    oci::PrivateValues wanted;
    wanted.emplace("TOKEN", base::Secret(std::string("0123456789abcdef")));
    oci::find_leaks(archive->image(), *archive, wanted);
    for (const auto& layer : archive->image().layers) {
      archive->read(layer, [](base::ByteView) { return true; });
    }
  });
}

}  // namespace

std::vector<Target> state_targets() {
  return {{"archive", run_archive},
          {"devnet_info", run_devnet_info},
          {"docker_config", run_docker_config},
          {"journal", run_journal},
          {"project_lock", run_project_lock},
          {"records", run_records},
          {"saved_plan", run_saved_plan}};
}

}  // namespace ecloud::fuzz
