#include "ecloud/platform/launch_policy.h"

#include "support/catch.h"

namespace ecloud::platform {

TEST_CASE("the launcher takes a port with its protocol, and nothing else", "[platform][layer]") {
  for (const char* good : {"0/tcp", "80/tcp", "53/udp", "65535/tcp", "08080/tcp"}) {
    INFO(good);
    CHECK(exposed_port_problem(good) == "");
  }
  struct Case {
    const char* key;
    const char* problem;
    const char* hint;
  };
  const Case cases[] = {
      {"8080", "has no protocol", "EXPOSE 8080/tcp"},
      {"80/TCP", "has its protocol not in lower case", "EXPOSE 80/tcp"},
      {"53/Udp", "has its protocol not in lower case", "EXPOSE 53/udp"},
      {"8000-8010/tcp", "is a range of ports", "EXPOSE 8000/tcp"},
      {"70000/tcp", "does not begin with a port from 0 to 65535", "EXPOSE 8080/tcp"},
      {"-1/tcp", "is a range of ports", "EXPOSE 1/tcp"},
      {"80/sctp", "has another protocol than tcp and udp", "EXPOSE 80/tcp"},
      {"80/tcp ", "has another protocol than tcp and udp", "EXPOSE 80/tcp"},
      {"80/", "has another protocol than tcp and udp", "EXPOSE 80/tcp"},
      {" 80/tcp", "does not begin with a port from 0 to 65535", "EXPOSE 80/tcp"},
      {"/tcp", "does not begin with a port from 0 to 65535", "EXPOSE 8080/tcp"},
      {"", "does not begin with a port from 0 to 65535", "EXPOSE 8080/tcp"},
      {"$PORT/tcp", "does not begin with a port from 0 to 65535", "EXPOSE 8080/tcp"},
      {"99999999999999999999/tcp", "does not begin with a port from 0 to 65535", "EXPOSE 8080/tcp"},
  };
  for (const Case& one : cases) {
    INFO(one.key);
    CHECK(exposed_port_problem(one.key) == one.problem);
    CHECK(expose_hint(one.key) == one.hint);
  }
}

TEST_CASE("launch policy labels have the values that the launcher takes", "[platform][layer]") {
  const std::string policy = "tee.launch_policy.";
  struct Case {
    const char* name;
    std::vector<const char*> good, bad;
  };
  const Case cases[] = {
      {"log_redirect", {"always", "Never", " debugonly "}, {"", "true", "alwayss"}},
      {"monitoring_memory_allow", {"always", "NEVER", "debugOnly"}, {"yes", "memoryonly"}},
      {"hardened_monitoring", {"none", "memoryonly", "All"}, {"always", ""}},
      {"debug_monitoring", {"none", "MemoryOnly"}, {"never"}},
      {"allow_cmd_override", {"true", "False", "1", "0", "t", "F"}, {"yes", "tRUE", " true", ""}},
      {"allow_capabilities", {"TRUE"}, {"on"}},
      {"allow_cgroups", {"false"}, {"none"}},
      {"allow_mount_destinations", {"/a", "/a:/b/c"}, {"a", "/a:", "/a:b", ""}},
      {"allow_env_override", {"A", "ECLOUD_PD_EXPECTED,ECLOUD_PLATFORM_HOST"}, {"A, B", "A,", ""}},
      {"of_tomorrow", {"", "anything"}, {}},
  };
  for (const Case& one : cases) {
    for (const char* value : one.good) {
      INFO(one.name << "=" << value);
      CHECK(launch_label_problem(policy + one.name, value) == "");
    }
    for (const char* value : one.bad) {
      INFO(one.name << "=" << value);
      CHECK(launch_label_problem(policy + one.name, value) != "");
    }
  }
  CHECK(launch_label_problem("eigenx_vm_image", "anything") == "");
  CHECK(launch_label_problems({{policy + "monitoring_memory_allow", "always"},
                               {policy + "debug_monitoring", "none"}}) ==
        std::vector<std::string>{"labels tee.launch_policy.monitoring_memory_allow and "
                                 "tee.launch_policy.debug_monitoring exclude each other"});
  CHECK(launch_label_problems(
            {{policy + "hardened_monitoring", "all"}, {policy + "debug_monitoring", "none"}})
            .empty());
}

}  // namespace ecloud::platform
