#include "devnet/app_runner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>

#include "devnet/unpack_image.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::devnet {
namespace {

namespace fs = std::filesystem;

constexpr char kUserData[] = "/mnt/disks/userdata";
/// In real time: what a container may take until it says that it is ready.
constexpr std::chrono::milliseconds kPatience{20'000};
/// For images that print no marker: long enough to see a command that ends at once.
constexpr std::chrono::milliseconds kShortPatience{500};
/// More than the start script waits for its command.
constexpr std::chrono::milliseconds kStopGrace{35'000};
constexpr char kDefaultPath[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

void set_variable(std::vector<std::string>& env, const std::string& name,
                  const std::string& value) {
  std::erase_if(env, [&](const std::string& one) { return one.starts_with(name + "="); });
  env.push_back(name + "=" + value);
}

/// The devices that every container has.
void make_devices(const fs::path& root) {
  struct Device {
    const char* name;
    unsigned major, minor;
  };
  for (const Device& one : {Device{"null", 1, 3}, Device{"zero", 1, 5}, Device{"full", 1, 7},
                            Device{"random", 1, 8}, Device{"urandom", 1, 9}, Device{"tty", 5, 0}}) {
    const fs::path path = root / "dev" / one.name;
    fs::remove(path);
    if (::mknod(path.c_str(), S_IFCHR | 0666, makedev(one.major, one.minor)) == 0) {
      ::chmod(path.c_str(), 0666);
    }
  }
}

/// What a container has beside its image.
void add_container_parts(const fs::path& root) {
  const int descriptor = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (const char* name : {"proc", "dev", "tmp", "etc", "run/container_launcher"}) {
    const int made = open_directory_in(descriptor, name, true);
    if (made >= 0 && std::string_view(name) == "tmp") ::fchmod(made, 01777);
    ::close(made);
  }
  ::close(descriptor);
  if (fs::is_directory(fs::symlink_status(root / "dev"))) make_devices(root);
}

std::vector<std::string> environment_of(const eth::Address& app, const StoredImage& image,
                                        const LaunchOrder& order, bool has_disk) {
  std::vector<std::string> out = image.image.details.environment;
  const bool has_path = std::any_of(
      out.begin(), out.end(), [](const std::string& one) { return one.starts_with("PATH="); });
  if (!has_path) out.emplace_back(kDefaultPath);
  const std::string id = app.to_lower_hex();
  set_variable(out, "HOSTNAME", "tee-" + id);
  set_variable(out, "USER_PERSISTENT_DATA_PATH", kUserData);
  if (order.sets_overrides) {
    if (has_disk) set_variable(out, "ECLOUD_PD_EXPECTED", "1");
    set_variable(out, "ECLOUD_PLATFORM_HOST", id.substr(2) + ".devnet.eigencloud.xyz");
  }
  return out;
}

bool runs_as_root(const std::string& user) {
  return user.empty() || user == "root" || user == "0" || user == "0:0" || user == "root:root";
}

/// For the VM image that the label chose, and for no other.
void write_evidence(const fs::path& folder, const LaunchOrder& order, const base::Secret& lines) {
  fs::remove_all(folder);
  const std::string path(platform::evidence_path(*order.machine));
  fs::create_directories((folder / path.substr(1)).parent_path());
  base::write_file_atomic(folder / path.substr(1), lines.reveal_text(), base::kPrivateFile);
}

}  // namespace

AppRunner::AppRunner(std::optional<fs::path> directory, Sources sources)
    : sources_(std::move(sources)) {
  const std::string problem = container_problem();
  if (!problem.empty()) {
    throw Error(Category::kUsage, "devnet.run_apps", "the devnet cannot run apps: " + problem,
                "start it as root on Linux, or leave out --run-apps");
  }
  if (!directory) {
    temporary_ = std::make_unique<base::TemporaryDirectory>(fs::temp_directory_path());
    directory_ = temporary_->path();
  } else {
    directory_ = *directory;
    base::make_private_directories(directory_);
  }
}

fs::path AppRunner::folder(const eth::Address& app) const {
  return directory_ / app.to_lower_hex();
}

std::unique_ptr<Container> AppRunner::run(const eth::Address& app, const ReleaseData& release) {
  const auto image = sources_.image(release);
  if (!image) {
    throw Error(Category::kFailure, "devnet.container",
                "the image is not in the devnet's registry and is not run");
  }
  const LaunchOrder order = read_launch_order(*image);
  const oci::ImageConfig& details = image->image.details;
  if (!order.refusal.empty()) {
    throw Error(Category::kFailure, "devnet.container", order.refusal);
  }
  if (!runs_as_root(details.user)) {
    throw Error(Category::kFailure, "devnet.container",
                "the image runs as " + base::printable_line(details.user, 60) + ", not as root");
  }
  const fs::path here = folder(app);
  const bool has_disk = sources_.has_disks();
  fs::remove_all(here / "rootfs");
  if (!has_disk) fs::remove_all(here / "userdata");
  fs::create_directories(here / "rootfs");
  fs::create_directories(here / "userdata");
  unpack_image(*image, here / "rootfs");
  add_container_parts(here / "rootfs");
  write_evidence(here / "launcher", order, sources_.variables(app, release));
  ContainerPlan plan;
  plan.root = here / "rootfs";
  plan.argv = details.entrypoint;
  plan.argv.insert(plan.argv.end(), details.command.begin(), details.command.end());
  plan.env = environment_of(app, *image, order, has_disk);
  if (!details.working_directory.empty()) plan.directory = details.working_directory;
  plan.mounts = {{here / "launcher", "run/container_launcher", false},
                 {here / "userdata", std::string(kUserData).substr(1), true}};
  auto container = std::make_unique<Container>(plan);
  container->wait_for_marker(order.promises_markers ? kPatience : kShortPatience);
  return container;
}

void AppRunner::start(const eth::Address& app, const ReleaseData& release) {
  const std::lock_guard lock(mutex_);
  App& entry = apps_[app];
  if (entry.container) entry.container->stop(kStopGrace);
  entry = {};
  try {
    entry.container = run(app, release);
  } catch (const Error& error) {
    entry.problem = error.message();
  } catch (const fs::filesystem_error& error) {
    entry.problem = error.what();
  }
}

void AppRunner::stop(const eth::Address& app) {
  const std::lock_guard lock(mutex_);
  const auto found = apps_.find(app);
  if (found != apps_.end() && found->second.container) found->second.container->stop(kStopGrace);
}

AppObservation AppRunner::observe(const eth::Address& app) {
  const std::lock_guard lock(mutex_);
  AppObservation out;
  const auto found = apps_.find(app);
  if (found == apps_.end()) return out;
  App& entry = found->second;
  if (!entry.container) {
    if (!std::exchange(entry.told, true)) out.lines.push_back("devnet: " + entry.problem);
    return out;
  }
  out.started = true;
  out.markers = entry.container->markers();
  out.exit_status = entry.container->exit_status();
  out.lines = entry.container->take_lines();
  return out;
}

void AppRunner::remove_disk(const eth::Address& app) {
  const std::lock_guard lock(mutex_);
  std::error_code ignored;
  fs::remove_all(folder(app) / "userdata", ignored);
}

std::vector<std::pair<std::string, base::Secret>> AppRunner::environment(
    const eth::Address& app) const {
  const std::lock_guard lock(mutex_);
  const auto found = apps_.find(app);
  if (found == apps_.end() || !found->second.container) return {};
  return found->second.container->command_environment();
}

}  // namespace ecloud::devnet
