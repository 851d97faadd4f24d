#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "cli/commands/app/commands.h"
#include "cli/commands/app/verify_view.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/log.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/find_app.h"

namespace ecloud::cli {
namespace {

constexpr std::size_t kMaxEvidenceBytes = std::size_t{1} << 20;
constexpr char kLive[] = "LIVE APP OPTIONS";
constexpr char kAttestation[] = "ATTESTATION OPTIONS";

/// What reads the world; a bundle holds its answers. What they are compared with is the reader's.
constexpr const char* kOnline[] = {"bundle",          "base",          "url",
                                   "proof-path",      "proof-message", "attestation",
                                   "attestation-url", "collateral",    "event-log"};

Error conflict(const std::string& message, const std::string& hint) {
  return Error(Category::kUsage, "cli.conflict", message, hint);
}

/// https, or http to this machine, without what may be secret.
std::string checked_url(const Values& values, const std::string& option, bool with_query) {
  std::string url = *values.text(option);
  const std::string lower = base::to_lower(url);
  const bool http = lower.starts_with("http://") || lower.starts_with("https://");
  const std::string rest = http ? url.substr(url.find("://") + 3) : std::string();
  const std::string host = rest.substr(0, rest.find_first_of("/?#"));
  const bool plain = !host.empty() && host.find('@') == std::string::npos &&
                     (with_query || rest.find_first_of("?#") == std::string::npos);
  if (http && plain) return url;
  throw Error(Category::kUsage, "cli.bad_value",
              "--" + option + " is no such URL: " + base::printable_line(base::redact_url(url)),
              with_query ? "write it as https://HOST/PATH, without a user"
                         : "write it as https://HOST, without a user and without a query");
}

void refuse_online_options(const Values& values) {
  for (const char* option : kOnline) {
    if (!values.given(option)) continue;
    throw conflict(
        "--offline reads a bundle alone, and --" + std::string(option) + " is for taking evidence",
        "leave out --" + std::string(option) + ", or --offline");
  }
}

std::optional<std::string> optional_file(Context& context, const Values& values,
                                         const std::string& option) {
  const auto path = values.text(option);
  if (!path) return std::nullopt;
  return context.read_user_file(*path, kMaxEvidenceBytes);
}

void read_collateral(Context& context, const Values& values, deploy::AttestationEvidence& out) {
  const auto folder = values.text("collateral");
  if (!folder) return;
  const std::filesystem::path directory = context.absolute(*folder);
  for (const std::string& name : deploy::collateral_files()) {
    if (auto octets = base::read_file_if_exists(directory / name, kMaxEvidenceBytes)) {
      out.collateral[name] = std::move(*octets);
    }
  }
  if (!out.collateral.empty()) return;
  throw Error(Category::kUsage, "cli.bad_value",
              "--collateral names " + directory.string() + ", which has none of the files",
              "they are " + base::join(deploy::collateral_files(), ", "));
}

void check_measurements(const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    if (base::fixed_from_hex<48>(value)) continue;
    throw Error(Category::kUsage, "cli.bad_value",
                "--mr-td is not 48 octets in hex: " + base::printable_line(value, 120),
                "take it from a quote that you trust: --json shows the finding mr-td");
  }
}

void check_registers(const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    if (deploy::parse_rtmr(value)) continue;
    throw Error(Category::kUsage, "cli.bad_value",
                "--rtmr is not a number from 0 to 3, = and 48 octets in hex: " +
                    base::printable_line(value, 120),
                "take it from a quote that you trust: --json shows the findings rtmr0 to rtmr3");
  }
}

deploy::AttestationExpectation expectation_of(const Values& values) {
  deploy::AttestationExpectation out{.nonce = values.text("nonce").value_or(""),
                                     .audience = values.text("audience").value_or(""),
                                     .project = values.text("project").value_or(""),
                                     .mr_td = values.repeated("mr-td"),
                                     .rtmr = values.repeated("rtmr")};
  check_measurements(out.mr_td);
  check_registers(out.rtmr);
  return out;
}

std::optional<deploy::AttestationEvidence> attestation_of(Context& context, const Values& values) {
  const auto file = values.text("attestation");
  const bool by_url = values.given("attestation-url");
  if (file && by_url) {
    throw conflict("--attestation and --attestation-url both name the attestation",
                   "give one of them");
  }
  deploy::AttestationEvidence out;
  deploy::AttestationExpectation expected = expectation_of(values);
  out.nonce = std::move(expected.nonce);
  out.audience = std::move(expected.audience);
  out.project = std::move(expected.project);
  out.mr_td = std::move(expected.mr_td);
  out.rtmr = std::move(expected.rtmr);
  out.event_log = optional_file(context, values, "event-log");
  out.key_set = optional_file(context, values, "jwks");
  read_collateral(context, values, out);
  if (by_url) {
    out.source = checked_url(values, "attestation-url", true);
    return out;
  }
  if (!file) return std::nullopt;
  out.source = *file;
  out.octets = context.read_user_file(*file, kMaxEvidenceBytes);
  if (out.octets.empty()) {
    throw Error(Category::kUsage, "cli.bad_value", "the attestation " + *file + " is empty");
  }
  return out;
}

std::optional<deploy::LiveRequest> live_of(const Values& values) {
  if (!values.given("url")) return std::nullopt;
  deploy::LiveRequest out;
  out.url = checked_url(values, "url", false);
  if (const auto path = values.text("proof-path")) {
    out.path = path->starts_with("/") ? *path : "/" + *path;
  }
  if (const auto message = values.text("proof-message")) {
    out.message = *message;
    if (message->find("{nonce}") == std::string::npos) {
      throw Error(Category::kUsage, "cli.bad_value",
                  "--proof-message does not hold {nonce}: an old signature would do",
                  "write {nonce} where the nonce stands, {app} for the app's id and {host} for "
                  "the host of --url");
    }
  }
  return out;
}

/// Before anything is asked: evidence takes its time.
void require_new_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) return;
  throw Error(Category::kUsage, "file.exists", path.string() + " exists and is not replaced",
              "choose another name for --bundle, or remove the file yourself");
}

/// Why the bundle could not be written; nothing when it was, or when none is wanted. What was found
/// out is shown all the same.
std::optional<Error> write_bundle(Context& context, const Values& values,
                                  const deploy::VerifyMaterial& material) {
  const auto bundle = values.text("bundle");
  if (!bundle) return std::nullopt;
  try {
    base::write_new_file(context.absolute(*bundle), deploy::format_bundle(material),
                         base::kPublicFile);
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  }
}

deploy::VerifyMaterial take(Context& context, Workflow& workflow, const Values& values) {
  if (const auto bundle = values.text("bundle")) require_new_file(context.absolute(*bundle));
  deploy::VerifyRequest request;
  request.live = live_of(values);
  request.attestation = attestation_of(context, values);
  if (const auto base = values.text("base")) request.base = oci::Reference::parse(*base);
  const deploy::Signer* signer = workflow.find_signer();
  request.key = signer == nullptr ? nullptr : &signer->key;
  request.app = workflow.app(values);
  return deploy::collect_material(workflow.services(), request);
}

deploy::VerifyMaterial read_bundle(Context& context, Workflow& workflow, const Values& values,
                                   const std::string& file) {
  refuse_online_options(values);
  deploy::VerifyMaterial out = deploy::parse_bundle(
      context.read_user_file(file, deploy::kMaxBundleBytes), context.clock().unix_seconds());
  const std::string& environment = workflow.services().environment.name;
  if (out.environment != environment) {
    throw conflict(
        "the bundle is of environment " + out.environment + ", and " + environment + " is selected",
        "select it: --environment " + out.environment);
  }
  const auto named = values.argument("APP");
  if (!named) return out;
  // Without a signer names are looked up on this machine alone.
  const eth::Address app = deploy::find_app(workflow.services(), nullptr, *named);
  if (app == out.app) return out;
  throw conflict("the bundle is of app " + out.app.to_string() + ", not of " + app.to_string(),
                 "leave out the app, or give its own bundle");
}

/// A link that failed weighs more than a file that is not there.
void conclude(Context& context, const deploy::VerifyReport& report,
              const std::optional<Error>& unwritten) {
  const deploy::VerifiedLink* link = report.failed_link();
  if (link == nullptr) {
    if (unwritten) throw Error(*unwritten);
    return;
  }
  if (unwritten) context.terminal().warning("there is no bundle: " + unwritten->message());
  const auto finding = std::find_if(
      link->findings.begin(), link->findings.end(),
      [](const attest::Finding& one) { return one.result == attest::Result::kFailed; });
  throw Error(Category::kVerification, "verify.failed",
              "the link " + link->name + " failed: " + finding->name + ": " + finding->text,
              "do not rely on this app before it is clear why");
}

void run_verify(Context& context, const Values& values) {
  Workflow workflow(context);
  const auto file = values.text("offline");
  const deploy::VerifyMaterial material =
      file ? read_bundle(context, workflow, values, *file) : take(context, workflow, values);
  const deploy::VerifyReport report = deploy::judge_material(
      material, {.environment = workflow.services().environment,
                 .paths = context.paths(),
                 .now = context.clock().unix_seconds(),
                 .key_set = file ? optional_file(context, values, "jwks") : std::nullopt,
                 .expected = file ? expectation_of(values) : deploy::AttestationExpectation{}});
  workflow.finish_progress();
  const std::optional<Error> unwritten = write_bundle(context, values, material);
  const VerifyResult result{material, report, unwritten ? std::nullopt : values.text("bundle")};
  context.output().result(verify_document(result), [&] { print_verify(context, result); });
  conclude(context, report, unwritten);
}

std::vector<Option> verify_options() {
  return {{.name = "bundle",
           .kind = Kind::kFile,
           .value_name = "FILE",
           .help = "Write all evidence to this new file; it holds nothing secret"},
          {.name = "offline",
           .kind = Kind::kFile,
           .value_name = "FILE",
           .help = "Judge the evidence in this bundle, and use no network"},
          {.name = "base",
           .kind = Kind::kText,
           .value_name = "REF",
           .help = "The image before layering, where the repository of the release has it not"},
          {.name = "url",
           .kind = Kind::kText,
           .value_name = "URL",
           .help = "Ask the live app there to sign a nonce: https://HOST",
           .heading = kLive},
          {.name = "proof-path",
           .kind = Kind::kText,
           .value_name = "PATH",
           .help = "Where the app answers: PATH?app=ID&nonce=HEX gives {\"address\",\"signature\"}",
           .default_text = "/.well-known/ecloud-proof",
           .heading = kLive},
          {.name = "proof-message",
           .kind = Kind::kText,
           .value_name = "TEXT",
           .help = "What the app signs (EIP-191), with {app}, {host} and {nonce} replaced",
           .default_text = std::string(deploy::kDefaultProofMessage),
           .heading = kLive},
          {.name = "attestation",
           .kind = Kind::kFile,
           .value_name = "FILE",
           .help = "A token (JWT) or an Intel TDX quote (binary, hex or base64)",
           .heading = kAttestation},
          {.name = "attestation-url",
           .kind = Kind::kText,
           .value_name = "URL",
           .help = "Fetch it from there",
           .heading = kAttestation},
          {.name = "jwks",
           .kind = Kind::kFile,
           .value_name = "FILE",
           .help = "The key set of the token's issuer; also with --offline",
           .heading = kAttestation},
          {.name = "collateral",
           .kind = Kind::kDirectory,
           .value_name = "DIR",
           .help = "What Intel publishes beside a quote; see below for the files",
           .heading = kAttestation},
          {.name = "nonce",
           .kind = Kind::kText,
           .value_name = "TEXT",
           .help = "What the attestation has to be made for: a nonce of the token, or the quote's "
                   "report data (64 octets in hex, or the first 32); also with --offline",
           .heading = kAttestation},
          {.name = "audience",
           .kind = Kind::kText,
           .value_name = "TEXT",
           .help = "The only audience that the token may have; also with --offline",
           .heading = kAttestation},
          {.name = "project",
           .kind = Kind::kText,
           .value_name = "ID",
           .help = "The Google Cloud project that the token has to name; also with --offline",
           .heading = kAttestation},
          {.name = "mr-td",
           .kind = Kind::kRepeated,
           .value_name = "HEX",
           .help = "A measurement of the firmware that the quote may have; may be given again, "
                   "also with --offline",
           .heading = kAttestation},
          {.name = "rtmr",
           .kind = Kind::kRepeated,
           .value_name = "N=HEX",
           .help = "A value that runtime measurement register N of the quote may have, N from 0 to "
                   "3; may be given again, also with --offline",
           .heading = kAttestation},
          {.name = "event-log",
           .kind = Kind::kFile,
           .value_name = "FILE",
           .help = "The machine's event log (CCEL), whose events have to lead to the quote's "
                   "registers",
           .heading = kAttestation}};
}

constexpr char kDescription[] =
    "Walks the chain of evidence of an app, link by link, and says of each what is verified, what "
    "failed and what is not checked, with the evidence. What is not checked is never called "
    "verified, and nothing secret is needed: without a key only the addresses stay unchecked. Exit "
    "9 when a link failed.\n"
    "\n"
    "release: the event of the release, in the block that the controller names, from each "
    "--rpc-url "
    "separately. image: what the registry serves for that digest, and whether layering its base "
    "again makes the same one, or where it differs. client-binaries: the platform's programs in it "
    "against the published ones. provenance: the record of its build. addresses: what the KMS "
    "signed for the app. live: the app at --url signs a nonce with the first account of its "
    "wallet; that the connection ends in the TEE stays unchecked. attestation: a token or a quote "
    "of the machine.\n"
    "\n"
    "--bundle writes everything into one file, with which anybody can judge again: --offline. "
    "There the release, the record of the build and what else nobody has signed are the words of "
    "the bundle's maker and never verified; of a quote only what holds now is, and the attestation "
    "is compared with your own --nonce, --audience, --project, --mr-td and --rtmr.\n"
    "\n"
    "The files of --collateral, as Intel's Provisioning Certification Service gives them, each of "
    "which may be absent: pck.crl, root.crl, tcb-info.json, tcb-info-chain.pem, qe-identity.json, "
    "qe-identity-chain.pem.";

}  // namespace

Command make_app_verify_command() {
  Command command;
  command.name = "verify";
  command.summary = "Check the evidence behind an app, from the chain to its machine";
  command.description = kDescription;
  command.positionals = {app_positional()};
  command.options = verify_options();
  command.examples = {
      {"All that can be checked without asking the app", "ecloud compute app verify my-app"},
      {"Keep the evidence", "ecloud compute app verify my-app --bundle evidence.json"},
      {"Judge it again elsewhere, without a network",
       "ecloud compute app verify --offline evidence.json"},
      {"What failed, for a script",
       "ecloud compute app verify my-app --json | jq -r '.links[] | select(.result == \"failed\") "
       "| .link'"}};
  command.json_fields = verify_fields();
  command.exit_codes = {Category::kFailure, Category::kNotFound, Category::kNetwork,
                        Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_verify;
  return command;
}

}  // namespace ecloud::cli
